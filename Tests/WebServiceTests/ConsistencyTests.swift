import Cache
import Core
import HTTP
import Metadata
import Testing

@testable import WebService

/// Entities that change while their pages are read, and what is kept from try to try.
@Suite struct ConsistencyTests {
  static let artist: MBID = "00000000-0000-4000-8000-0000000000a1"
  static let other: MBID = "00000000-0000-4000-8000-0000000000a2"
  static let group: MBID = "00000000-0000-4000-8000-0000000000b1"
  static let merged: MBID = "00000000-0000-4000-8000-0000000000b2"

  static func artistJSON(_ id: MBID) -> String {
    #"{"id":"\#(id)","name":"N","sort-name":"N","aliases":[],"genres":[],"relations":[]}"#
  }

  static func groups(_ ids: [MBID], by artists: [MBID], count: Int? = nil) -> String {
    let credit = artists.map { #"{"artist":{"id":"\#($0)","name":"N"}}"# }.joined(separator: ",")
    let entries = ids.map {
      #"{"id":"\#($0)","title":"T","secondary-types":[],"artist-credit":[\#(credit)],"#
        + #""genres":[],"aliases":[],"relations":[]}"#
    }
    return #"{"release-groups":[\#(entries.joined(separator: ","))],"release-group-count":\#(count ?? ids.count)}"#
  }

  static func releases(of group: MBID, count: Int = 1) -> String {
    let entries = (0..<count).map {
      #"{"id":"\#(MBID(high: group.low, low: UInt64($0)))","title":"T","status":"Official","label-info":[],"media":[],"#
        + #""release-group":{"id":"\#(group)"}}"#
    }
    return #"{"releases":[\#(entries.joined(separator: ","))],"release-count":\#(count)}"#
  }

  static func album(_ id: MBID) -> String {
    #"{"id":"\#(id)","title":"T","secondary-types":[],"artist-credit":[{"artist":{"id":"\#(artist)","name":"N"}}],"#
      + #""genres":[],"aliases":[],"relations":[]}"#
  }

  /// An artist with one album, but for what `special` says.
  static func fetcher(
    _ special: @escaping (String, Int) -> Result<HTTPResponse, FetchError>? = { _, _ in nil }
  ) -> ScriptedFetcher {
    ScriptedFetcher { path, times in
      if let answer = special(path, times) { return answer }
      if path.hasPrefix("artist/\(artist)") { return .json(artistJSON(artist)) }
      if path.hasPrefix("artist/\(other)") { return .json(artistJSON(other)) }
      if path.hasPrefix("release-group?artist=\(artist)") { return .json(groups([group], by: [artist])) }
      if path.hasPrefix("release-group?artist=\(other)") { return .json(groups([group], by: [other])) }
      if path.hasPrefix("release-group/\(group)") { return .json(album(group)) }
      if path.hasPrefix("release?release-group=\(group)") { return .json(releases(of: group)) }
      return .notFound
    }
  }

  func discography(_ service: Service, _ id: MBID = artist) throws -> Discography? {
    try service.source.discographies([id], albumless: [], by: .after(milliseconds: 5_000))[id]
  }

  @Test func `an artist who is deleted while its groups are read is asked for again, and only then does not exist`()
    throws
  {
    let fetcher = Self.fetcher { path, times in
      if path.hasPrefix("artist/") { return times == 0 ? nil : .notFound }
      return path.hasPrefix("release-group?") ? .notFound : nil
    }
    #expect(try discography(Service(fetcher: fetcher)) == nil)
    #expect(fetcher.asked.count { $0.hasPrefix("artist/") } == 2)
  }

  @Test func `a list that does not exist says nothing about the artist`() {
    let fetcher = Self.fetcher { path, _ in path.hasPrefix("release-group?") ? .notFound : nil }
    let error = #expect(throws: SourceError.self) { try discography(Service(fetcher: fetcher)) }
    #expect(error?.code == .failed)
    #expect(fetcher.asked.count == 6)
  }

  @Test func `an artist who is merged while its groups are read is answered with the survivor`() throws {
    let fetcher = Self.fetcher { path, times in
      // The browse by a merged id lists what the survivor has.
      if path.hasPrefix("release-group?artist=\(Self.artist)") {
        return .json(Self.groups([Self.group], by: [Self.other]))
      }
      return path.hasPrefix("artist/\(Self.artist)") && times > 0
        ? .json(Self.artistJSON(Self.other), status: 301) : nil
    }
    let found = try #require(try discography(Service(fetcher: fetcher)))
    #expect(found.artist.id == Self.other)
    #expect(found.artist.mergedIDs == [Self.artist])
    #expect(found.albums.map(\.id) == [Self.group])
  }

  @Test func `a group that is merged while its releases are read is not listed`() throws {
    let fetcher = Self.fetcher { path, times in
      if path.hasPrefix("release-group?artist=") {
        return .json(Self.groups(times == 0 ? [Self.group, Self.merged] : [Self.group], by: [Self.artist]))
      }
      return path.hasPrefix("release?release-group=\(Self.merged)") ? .json(Self.releases(of: Self.group)) : nil
    }
    let found = try #require(try discography(Service(fetcher: fetcher)))
    #expect(found.albums.map(\.id) == [Self.group])
    #expect(found.albums[0].statuses == ["Official"])
  }

  @Test func `a group that is deleted while its releases are read is not listed`() throws {
    let fetcher = Self.fetcher { path, times in
      guard path.hasPrefix("release-group?artist=") else { return nil }
      return .json(Self.groups(times == 0 ? [Self.group, Self.merged] : [Self.group], by: [Self.artist]))
    }
    #expect(try discography(Service(fetcher: fetcher))?.albums.map(\.id) == [Self.group])
  }

  @Test func `albums are those whose credit begins with the artist`() throws {
    let fetcher = Self.fetcher { path, _ in
      path.hasPrefix("release-group?artist=") ? .json(Self.groups([Self.group], by: [Self.other, Self.artist])) : nil
    }
    #expect(try discography(Service(fetcher: fetcher))?.albums.isEmpty == true)
    #expect(fetcher.asked.count == 2)
  }

  @Test func `an artist whose albums are nobody's discography is asked for none`() throws {
    let fetcher = Self.fetcher()
    let found = try Service(fetcher: fetcher).source.discographies(
      [Self.artist], albumless: [Self.artist], by: .after(milliseconds: 5_000))
    #expect(found[Self.artist]?.albums.isEmpty == true)
    #expect(fetcher.asked.count == 1)
  }

  @Test func `what is kept is not asked for again, and an album is made of what its artist was asked for`() throws {
    let fetcher = Self.fetcher()
    let service = Service(fetcher: fetcher)
    _ = try discography(service)
    #expect(fetcher.asked.count == 3)
    _ = try discography(service)
    #expect(fetcher.asked.count == 3)
    let album = try service.source.albums([Self.group], by: .after(milliseconds: 5_000))[Self.group]
    #expect(album?.releases.count == 1)
    #expect(fetcher.asked.count == 3)
    // Another process of the pool.
    _ = try discography(Service(fetcher: fetcher, tier: service.tier))
    #expect(fetcher.asked.count == 3)
  }

  @Test func `who asks for a refresh is told what is true now`() throws {
    let fetcher = Self.fetcher()
    let service = Service(fetcher: fetcher)
    _ = try discography(service)
    service.source.forget(.artist(Self.artist))
    _ = try discography(service)
    #expect(fetcher.asked.count == 5)
    _ = try service.source.albums([Self.group], by: .after(milliseconds: 5_000))
    service.source.forget(.album(Self.group))
    _ = try service.source.albums([Self.group], by: .after(milliseconds: 5_000))
    #expect(fetcher.asked.count == 7)
  }

  @Test func `an entity that takes more time than there is is put together over several tries`() throws {
    let ids = (1...8).map { MBID(high: 7, low: $0) }
    let fetcher = Self.fetcher { path, _ in
      if path.hasPrefix("release-group?artist=") { return .json(Self.groups(ids, by: [Self.artist])) }
      return ids.first { path.hasPrefix("release?release-group=\($0)") }.map { .json(Self.releases(of: $0)) }
    }
    let service = Service(fetcher: fetcher, interval: 100)
    var tries = 0
    var found: Discography?
    while found == nil, tries < 20 {
      tries += 1
      do {
        found = try service.source.discographies([Self.artist], albumless: [], by: .after(milliseconds: 700))[
          Self.artist]
      } catch {
        #expect(error.code == .timedOut)
      }
    }
    #expect(found?.albums.count == 8)
    #expect(tries > 1)
    // The artist, its groups, a search that does not exist, and the releases of each group.
    #expect(fetcher.asked.count == 11)
  }

  @Test func `of many that are asked for together one that fails fails all, and the others are kept`() throws {
    let fetcher = Self.fetcher { path, times in
      path.hasPrefix("artist/\(Self.artist)") && times == 0 ? .json(#"{"id":null}"#) : nil
    }
    let service = Service(fetcher: fetcher)
    let ids = [Self.artist, Self.other, Self.merged]
    let error = #expect(throws: SourceError.self) {
      try service.source.artists(ids, by: .after(milliseconds: 5_000))
    }
    #expect(error?.code == .failed)
    let found = try service.source.artists(ids, by: .after(milliseconds: 5_000))
    #expect(Set(found.keys) == [Self.artist, Self.other])
    // The second is not asked for again; that something does not exist is not kept.
    #expect(fetcher.asked.count == 5)
  }

  /// What the search index has of groups, and how many releases `release?artist=` has of each.
  static func indexed(_ groups: [(id: MBID, releases: [MBID])]) -> String {
    let entries = groups.map { group in
      let releases = group.releases.map { #"{"id":"\#($0)","title":"T"}"# }.joined(separator: ",")
      return #"{"id":"\#(group.id)","count":\#(group.releases.count),"releases":[\#(releases)]}"#
    }
    return #"{"count":\#(groups.count),"offset":0,"release-groups":[\#(entries.joined(separator: ","))]}"#
  }

  static let three: [MBID] = (1...3).map { MBID(high: 8, low: $0) }

  /// An artist with three albums and one release of each.
  static func threeAlbums(search: Result<HTTPResponse, FetchError>) -> ScriptedFetcher {
    fetcher { path, _ in
      if path.hasPrefix("release-group?artist=") { return .json(groups(three, by: [artist])) }
      if path.hasPrefix("release-group?query=arid:\(artist)&") { return search }
      if path.hasPrefix("release?artist=") {
        let whole = three.map { id in
          let text = releases(of: id)
          return String(text.dropFirst(#"{"releases":["#.count).dropLast(#"],"release-count":1}"#.count))
        }
        return .json(#"{"releases":[\#(whole.joined(separator: ","))],"release-count":3}"#)
      }
      // One of the third is credited to somebody else.
      let counts = [1, 1, 2]
      return zip(three, counts).first { path.hasPrefix("release?release-group=\($0.0)") }.map {
        .json(releases(of: $0.0, count: $0.1))
      }
    }
  }

  @Test func `groups that have no more releases than are credited to the artist are not browsed one by one`() throws {
    let ids = (0..<2).map { MBID(high: Self.three[2].low, low: UInt64($0)) }
    let fetcher = Self.threeAlbums(
      search: .json(
        Self.indexed([
          (Self.three[0], [MBID(high: 1, low: 0)]),
          // Another than the one that is credited to the artist.
          (Self.three[1], [MBID(high: 2, low: 7)]), (Self.three[2], ids),
        ])))
    let service = Service(fetcher: fetcher)
    let found = try #require(try discography(service))
    #expect(found.albums.allSatisfy { $0.statuses == ["Official"] } == true)
    // The artist, pages of groups, of the index and of releases, and the two groups.
    #expect(fetcher.asked.count == 6)
    let albums = try service.source.albums(Self.three, by: .after(milliseconds: 5_000))
    #expect(Self.three.map { albums[$0]?.releases.count } == [1, 1, 2])
    #expect(fetcher.asked.count == 6)
  }

  @Test(
    arguments: [
      .notFound, .json("<html>", status: 503), .json(#"{"error":"busy"}"#, status: 503), .json("{}"),
      .json(#"{"count":null,"release-groups":[]}"#), .json(#"{"count":3,"release-groups":[{}]}"#),
      .json(#"{"count":0,"release-groups":[]}"#), .failure(.timedOut), .failure(.truncated),
    ] as [Result<HTTPResponse, FetchError>])
  func `where the index does not answer all groups are browsed`(_ answer: Result<HTTPResponse, FetchError>) throws {
    let fetcher = Self.threeAlbums(search: answer)
    #expect(try discography(Service(fetcher: fetcher))?.albums.count == 3)
    #expect(fetcher.asked.count { $0.hasPrefix("release?release-group=") } == 3)
    #expect(!fetcher.asked.contains { $0.hasPrefix("release?artist=") })
  }

  @Test func `an index that there was no time to wait for is asked again`() throws {
    let fetcher = Self.threeAlbums(search: .failure(.timedOut))
    let service = Service(fetcher: fetcher)
    let error = #expect(throws: SourceError.self) {
      try service.source.discographies([Self.artist], albumless: [], by: .after(milliseconds: 2_000))
    }
    #expect(error?.code == .timedOut)
    // With more time it is the index's fault.
    #expect(try discography(service)?.albums.count == 3)
    #expect(fetcher.asked.count { $0.contains("?query=") } == 2)
  }

  @Test func `an index that does not answer is not asked for the next artist`() throws {
    let fetcher = Self.threeAlbums(search: .json("<html>", status: 502))
    let service = Service(fetcher: fetcher)
    _ = try discography(service)
    service.source.forget(.artist(Self.artist))
    _ = try discography(service)
    #expect(fetcher.asked.count { $0.contains("?query=") } == 1)
  }

  @Test func `without a contact nothing is asked, and the error says what to do`() {
    let fetcher = Self.fetcher()
    let service = Service(fetcher: fetcher, prohibition: "MUSICBRAINZ__CONTACT is not set")
    let error = #expect(throws: SourceError.self) { try discography(service) }
    #expect(error == SourceError(.notSetUp, "MUSICBRAINZ__CONTACT is not set"))
    #expect(fetcher.asked.isEmpty)
    #expect(service.source.state.isToBeSetUp)
    #expect(!service.source.state.canAsk)
  }

  @Test func `a server that keeps failing is left alone`() {
    let fetcher = Self.fetcher { _, _ in .json("<html>", status: 502) }
    let service = Service(fetcher: fetcher)
    for _ in 0..<8 { #expect(throws: SourceError.self) { try discography(service) } }
    #expect(fetcher.asked.count == 5)
    #expect(!service.source.state.canAsk)
  }
}
