internal import Cache
internal import Core
internal import Metadata

/// An artist's albums, from few pages that bring all that their own documents need as well.
extension MusicBrainzWebService {
  /// The release groups whose credit begins with an artist.
  ///
  /// - Returns: nil when they are not those of the artist any more.
  func albums(of artist: MBID, anew isAnew: Bool, by deadline: Deadline) throws(SourceError) -> [AlbumSummary]? {
    let listing = try client.list(.releaseGroups(of: artist), anew: isAnew, by: deadline) { node throws(Unusable) in
      try Original(node, Group.init(ws2:))
    }
    // A browse by an id that has meanwhile been merged is answered with what the survivor has.
    guard let listing, listing.entries.allSatisfy({ $0.entry.artists.contains(artist) }) else { return nil }
    if listing.isFresh {
      client.shelf.keep(
        listing.entries.map { .init(question: .releaseGroup($0.entry.summary.id), body: $0.body) }, made: listing.made)
    }
    let groups = listing.entries.map(\.entry).filter { $0.artists.first == artist }
    var known = try pressingsByGroup(of: artist, groups, anew: isAnew, by: deadline)
    var albums: [AlbumSummary] = []
    for group in groups {
      var album = group.summary
      if known[album.id] == nil {
        // Those of a group are as good as new: what has changed since shows in the group.
        guard let listing = try pressings(of: album.id, anew: false, by: deadline) else {
          client.shelf.forget(ListQuestion.releases(of: .releaseGroup, album.id).page(at: 0))
          return nil
        }
        known[album.id] = listing.entries
      }
      album.statuses = known[album.id]?.statuses ?? []
      albums.append(album)
    }
    note(known.values.flatMap { $0 }, besides: artist)
    return albums.sorted { left, right in
      let days = [left, right].map { $0.firstReleaseDate.calendarDate ?? (10_000, 1, 1) }
      if days[0] != days[1] { return days[0] < days[1] }
      return (left.id.high, left.id.low) < (right.id.high, right.id.low)
    }
  }

  /// The releases of a group.
  ///
  /// - Returns: nil when the group does not exist any more, or has been merged.
  func pressings(
    of group: MBID, anew isAnew: Bool, by deadline: Deadline
  ) throws(SourceError) -> Listing<Pressing>? {
    let found = try client.list(
      .releases(of: .releaseGroup, group), anew: isAnew, by: deadline, Pressing.init(ws2:))
    guard let found, found.entries.allSatisfy({ $0.group == group }) else { return nil }
    return found
  }

  // MARK: - Many groups at once

  /// Groups that are not worth two requests in place of one each.
  private static let fewGroups = 2

  /// The releases of those groups of which the search index says that they have no others than those that are credited
  /// to the artist: few pages bring them all.
  private func pressingsByGroup(
    of artist: MBID, _ groups: [Group], anew isAnew: Bool, by deadline: Deadline
  ) throws(SourceError) -> [MBID: [Pressing]] {
    guard groups.count > MusicBrainzWebService.fewGroups else { return [:] }
    let indexed = try indexedGroups(of: artist, anew: isAnew, by: deadline)
    // There may be more pages, of releases that are the artist's only among others'.
    let expected = indexed.values.reduce(0) { $0 + $1.count }
    guard !indexed.isEmpty, expected / ListQuestion.pageLength < groups.count else { return [:] }
    let listing = try client.list(.releases(of: .artist, artist), anew: isAnew, by: deadline) { node throws(Unusable) in
      try Original(node, Pressing.init(ws2:))
    }
    guard let listing else { return [:] }
    let found = Dictionary(grouping: listing.entries, by: \.entry.group)
    var complete: [MBID: [Original<Pressing>]] = [:]
    for id in groups.map(\.summary.id) {
      let some = found[id] ?? []
      if indexed[id]?.isMade(of: Set(some.map(\.entry.release.id))) ?? false { complete[id] = some }
    }
    if listing.isFresh {
      let parts = complete.flatMap { id, found in
        ListQuestion.releases(of: .releaseGroup, id).parts(found.map(\.body))
      }
      client.shelf.keep(parts, made: listing.made)
    }
    return complete.mapValues { $0.map(\.entry) }
  }

  // MARK: - The search index

  private static let searchName = "ws2-search"
  /// For how long an index that does not answer is left alone, in seconds.
  private static let searchPause: Int64 = 300
  /// A busy server answers at the second or third try.
  static let searchTries = 3

  /// What the search index has of the release groups with the artist in their credit, as far as it answers.
  ///
  /// - Throws: when nothing else could be asked now either.
  private func indexedGroups(
    of artist: MBID, anew isAnew: Bool, by deadline: Deadline
  ) throws(SourceError) -> [MBID: IndexedGroup] {
    guard !coordination.arePaused([MusicBrainzWebService.searchName])[0] else { return [:] }
    let before = client.requests
    var groups: [MBID: IndexedGroup] = [:]
    var offset = 0
    do throws(SourceError) {
      while true {
        let page = try client.look(
          up: .indexedGroups(of: artist, at: offset), anew: isAnew, tries: MusicBrainzWebService.searchTries,
          by: deadline, IndexedGroups.init(ws2:))
        guard let page else { break }
        guard !page.groups.isEmpty else { return groups }
        for group in page.groups { groups[group.id] = group }
        offset += page.groups.count
        if offset >= page.count { return groups }
      }
    } catch {
      // Where there was no time for it, or nothing may be asked, that is not the search's doing.
      guard client.requests > before, error.code != .timedOut || client.wasPatient else { throw error }
    }
    coordination.pause(MusicBrainzWebService.searchName, seconds: MusicBrainzWebService.searchPause)
    return groups
  }

  // MARK: - Artists who are named on tracks

  /// Notes which releases to ask for the artists that their tracks name: all that are on one come at once.
  ///
  /// - Parameter artist: whom everybody knows already.
  func note(_ pressings: [Pressing], besides artist: MBID? = nil) {
    var artists: [MBID: Set<MBID>] = [:]
    var wanted: Set<MBID> = []
    for pressing in pressings {
      artists[pressing.release.id] = Set(pressing.artists + pressing.creditedTo)
      wanted.formUnion(pressing.artists + pressing.creditedTo.prefix(1))
    }
    if let artist { wanted.remove(artist) }
    let cover = ArtistCover(artists, wanted: wanted)
    client.shelf.keep(
      cover.releases.map { artist, release in
        .init(question: .release(with: artist), body: Array(release.description.utf8))
      }, made: client.shelf.time)
  }

  /// Has an artist come together with others, where it is known that they are on one release. An artist that does not
  /// come with it is still to be looked up.
  func bring(_ artist: MBID, by deadline: Deadline) throws(SourceError) {
    guard client.shelf.page(.artist(artist)) == nil, let page = client.shelf.page(.release(with: artist)),
      let release = MBID(String(decoding: page.body, as: UTF8.self))
    else { return }
    do throws(SourceError) {
      let listing = try client.list(.artists(of: release), by: deadline) { node throws(Unusable) in
        try Original(node) { node throws(Unusable) in try node.mbid("id") }
      }
      guard let listing else { return }
      client.shelf.keep(
        listing.entries.map { .init(question: .artist($0.entry), body: $0.body) }, made: listing.made)
    } catch {
      guard error.code == .failed else { throw error }
    }
  }
}

extension ListQuestion {
  static let pageLength = 100

  /// Entries that have come with another list, as the pages of this one.
  fileprivate func parts(_ entries: [[UInt8]]) -> [PageShelf.Part] {
    let pass = PageShelf.Pass.random(in: 1 ... .max)
    // One without entries has a page as well.
    return stride(from: 0, to: max(1, entries.count), by: ListQuestion.pageLength).map { offset in
      let some = entries[offset..<min(entries.count, offset + ListQuestion.pageLength)]
      let body =
        Array(#"{"\#(name)":["#.utf8) + Array(some.joined(separator: [UInt8(ascii: ",")]))
        + Array(#"],"\#(kind.rawValue)-count":\#(entries.count),"\#(kind.rawValue)-offset":\#(offset)}"#.utf8)
      return PageShelf.Part(question: page(at: offset), body: body, pass: pass)
    }
  }
}
