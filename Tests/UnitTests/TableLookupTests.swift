import Cache
import Core
import Documents
import Logging
import Testing

@testable import Metadata

/// Finding by a table and the documents beside it, before somebody else is asked.
@Suite struct TableLookupTests {
  final class Table: LinkTable {
    var releases: [MBID: (album: MBID, tracks: Int)] = [:]
    var spotify: [String: MBID] = [:]
    var pages: [String: [EntityID]] = [:]
    var recordings: [MBID: [MBID]] = [:]

    func release(_ id: MBID) -> (album: MBID, tracks: Int)? { releases[id] }
    func target(ofSpotify id: SpotifyID, _ kind: EntityID.Kind) -> MBID? { spotify["\(kind)/\(id)"] }
    func targets(ofPage address: String) -> [EntityID] { pages[address] ?? [] }
    func candidates(holding recording: MBID) -> [MBID] { recordings[recording] ?? [] }
  }

  /// Answers with what nobody else does, or is away.
  final class Other: LookupSource, LinkSource {
    var isAway = false
    private(set) var asked: [String] = []

    private func answer<Answer>(_ question: some Collection, _ answer: Answer) throws(SourceError) -> Answer {
      if isAway { throw SourceError(.unavailable, "away") }
      asked.append(question.map { "\($0)" }.joined(separator: ","))
      return answer
    }

    func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] {
      try answer([id], [.artist(TableLookupTests.artist)])
    }
    func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] {
      try answer(urls, [.artist(TableLookupTests.artist)])
    }
    func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] {
      try answer(recordings, [TableLookupTests.artist])
    }
    func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID] {
      try answer(ids, Dictionary(uniqueKeysWithValues: ids.map { ($0, TableLookupTests.artist) }))
    }
    func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] { try answer([id], []) }
    func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] {
      try answer(ids, ids.map { SpotifyLink(id: $0, kind: .artist, target: TableLookupTests.artist) })
    }
    func albums(
      ofReleasesOrGroups ids: [MBID], by deadline: Deadline
    ) throws(SourceError) -> [MBID: AlbumMatch] { try answer(ids, [:]) }
  }

  static let artist: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
  static let unknown: MBID = "00000000-0000-4000-8000-000000000000"

  let table = Table()
  let other = Other()
  let documents: DatasetServingTests.Snapshot
  let deadline = Deadline.after(milliseconds: 10_000)

  init() {
    documents = DatasetServingTests.Snapshot()
    let cut = CutDocuments(.init())
    documents.documents[CacheKey(.artist, Self.artist)] = cut.artist(
      Artist(id: Self.artist, name: "An \"artist\"", sortName: "A"), said: UnixTime(seconds: 1))
  }

  var lookup: TableLookup { TableLookup(table, documents.get, else: other) }

  static func id(_ kind: Int, _ number: Int) -> MBID { MBID(high: UInt64(kind) << 60, low: UInt64(number)) }
  static func album(_ number: Int) -> MBID { id(1, number) }
  static func recording(_ number: Int) -> MBID { id(3, number) }

  /// Adds an album of a release for each list of recordings.
  func add(_ number: Int, date: PartialDate = .unknown, _ releases: [[Int]], tracks: [Int]? = nil, old: [MBID] = []) {
    var album = Album(id: Self.album(number), title: "Title \(number)", artistID: Self.artist)
    album.artistIDs = [Self.artist]
    album.firstReleaseDate = date
    for (index, recordings) in releases.enumerated() {
      // Texts that look like what is looked for.
      var release = Release(id: Self.id(2, number * 100 + index), title: #""RecordingId":"\#(Self.recording(99))""#)
      release.disambiguation = #"{"Id":""#
      release.mergedIDs = [Self.id(4, number)]
      var medium = Medium(position: 1)
      medium.tracks = recordings.enumerated().map { place, recording in
        var track = Track(
          id: Self.id(5, place), recordingID: Self.recording(recording), artistID: Self.artist, title: "]},{\"Id\":\"",
          number: "\(place)", position: place)
        track.mergedIDs = [Self.recording(98)]
        track.mergedRecordingIDs = old
        return track
      }
      release.media = [medium]
      album.releases.append(release)
      table.releases[release.id] = (album.id, tracks?[index] ?? recordings.count)
    }
    documents.documents[CacheKey(.album, album.id)] = CutDocuments(.init()).album(album, said: UnixTime(seconds: 1))
    for recording in Set(releases.flatMap(\.self).map(Self.recording) + old) {
      table.recordings[recording, default: []].append(album.id)
    }
  }

  @Test func `the id of a release stands for its album, and one that is not known is another's to find`() throws {
    add(1, [[1]])
    let release = Self.id(2, 100)
    #expect(try lookup.identify(release, by: deadline) == [.album(Self.album(1))])
    #expect(
      try lookup.albums(ofReleases: [release, Self.unknown], by: deadline)
        == [release: Self.album(1), Self.unknown: Self.artist])
    #expect(try lookup.identify(Self.unknown, by: deadline) == [.artist(Self.artist)])
    #expect(other.asked == ["\(Self.unknown)", "\(Self.unknown)"])
    other.isAway = true
    #expect(try lookup.albums(ofReleases: [release], by: deadline) == [release: Self.album(1)])
    #expect(lookup.knownAlbums(ofReleases: [release, Self.unknown]) == [release: Self.album(1)])
    #expect(throws: SourceError.self) { try lookup.albums(ofReleases: [release, Self.unknown], by: deadline) }
    #expect(throws: SourceError.self) { try lookup.identify(Self.unknown, by: deadline) }
    #expect(throws: SourceError.self) { try lookup.series(Self.unknown, by: deadline) }
  }

  @Test func `a recording stands for the albums that list it, the earliest first`() throws {
    add(1, [[1, 2]])
    add(2, date: PartialDate(year: 1999, month: 2, day: nil), [[1]])
    add(3, date: PartialDate(year: 1998, month: nil, day: nil), [[5], [1]])
    add(4, date: PartialDate(year: 1990, month: 1, day: 1), [[7]])
    // Its key leads there by chance.
    table.recordings[Self.recording(1), default: []].append(Self.album(4))
    // And one whose document is damaged.
    table.recordings[Self.recording(1), default: []].append(Self.album(5))
    #expect(
      try lookup.identify(Self.recording(1), by: deadline) == [3, 2, 1].map { .album(Self.album($0)) })
    #expect(other.asked.isEmpty)
    table.recordings[Self.recording(9)] = [Self.album(4)]
    #expect(try lookup.identify(Self.recording(9), by: deadline) == [.artist(Self.artist)])
    #expect(other.asked == ["\(Self.recording(9))"])
    #expect(throws: SourceError.self) { try lookup.identify(Self.recording(1), by: .after(milliseconds: 0)) }
  }

  @Test func `what only looks like an id in a text is none`() throws {
    add(1, [[1]])
    for number in [98, 99] {
      table.recordings[Self.recording(number)] = [Self.album(1)]
      #expect(try lookup.identify(Self.recording(number), by: deadline) == [.artist(Self.artist)])
    }
    let document = try #require(documents.documents[CacheKey(.album, Self.album(1))])
    let found = try #require(AlbumReading(document)).releases(holding: [Self.recording(1)])
    #expect(found.map(\.release) == [Self.id(2, 100)] && found.map(\.matched) == [1])
  }

  @Test func `of albums that hold recordings the best match comes first`() throws {
    let merged = Self.id(6, 1)
    // Three of twelve; all of three; three of four; one of three.
    add(1, [[1, 2, 3]], tracks: [12])
    add(2, [[1, 2], [1, 2, 3]])
    add(3, [[1, 2, 3, 4]])
    add(4, [[1, 8, 9]])
    add(5, [[7]], old: [merged])
    let asked = [1, 2, 3].map(Self.recording)
    #expect(try lookup.albums(holding: asked, by: deadline) == [2, 4, 3, 1].map(Self.album))
    #expect(try lookup.albums(holding: [merged], by: deadline) == [Self.album(5)])
    #expect(try lookup.albums(holding: [merged, Self.recording(7)], by: deadline) == [Self.album(5)])
    #expect(other.asked.isEmpty)
    #expect(try lookup.albums(holding: [Self.unknown], by: deadline) == [Self.artist])
    other.isAway = true
    #expect(throws: SourceError.self) { try lookup.albums(holding: [Self.unknown], by: deadline) }
  }

  @Test func `alike matches are in the order of their ids, and five are enough`() throws {
    for number in [7, 3, 6, 1, 5, 2, 4] { add(number, [[1]]) }
    #expect(try lookup.albums(holding: [Self.recording(1)], by: deadline) == (1...5).map(Self.album))
    #expect(try lookup.identify(Self.recording(1), by: deadline).count == 7)
  }

  @Test func `a page is about artists first, whatever its spelling`() throws {
    table.pages["a"] = [.album(Self.album(1)), .album(Self.album(2))]
    table.pages["b"] = [.artist(Self.artist), .album(Self.album(1))]
    #expect(
      try lookup.identify(urls: ["c", "a", "b"], by: deadline)
        == [.artist(Self.artist), .album(Self.album(1)), .album(Self.album(2))])
    #expect(other.asked.isEmpty)
    #expect(try lookup.identify(urls: ["c", "d"], by: deadline) == [.artist(Self.artist)])
    #expect(other.asked == ["c,d"])
  }

  @Test func `an album is told of as in its document, by its own id, a release's and one that was merged`() throws {
    add(1, date: PartialDate(year: 1999, month: 2, day: nil), [[1]])
    let merged = Self.id(7, 1)
    documents.documents[CacheKey(.album, merged)] = .moved(to: Self.album(1), expires: UnixTime(seconds: 0))
    let match = AlbumMatch(
      id: Self.album(1), title: "Title 1", artistID: Self.artist, artist: "An \"artist\"",
      date: PartialDate(year: 1999, month: 2, day: 1))
    let ids = [Self.album(1), Self.id(2, 100), merged]
    #expect(
      try lookup.albums(ofReleasesOrGroups: ids + [Self.unknown], by: deadline)
        == Dictionary(uniqueKeysWithValues: ids.map { ($0, match) }))
    #expect(other.asked == ["\(Self.unknown)"])
    other.isAway = true
    #expect(try lookup.albums(ofReleasesOrGroups: ids, by: deadline).count == 3)
    #expect(throws: SourceError.self) { try lookup.albums(ofReleasesOrGroups: [Self.unknown], by: deadline) }
  }

  @Test func `ids of Spotify that have no link are asked about, and what is at hand needs nobody`() throws {
    let (linked, open) = (try #require(SpotifyID("a")), try #require(SpotifyID("b")))
    table.spotify["artist/a"] = Self.artist
    table.spotify["album/a"] = Self.album(1)
    let known = [
      SpotifyLink(id: linked, kind: .artist, target: Self.artist),
      SpotifyLink(id: linked, kind: .album, target: Self.album(1)),
    ]
    #expect(try lookup.links(toSpotify: [linked, linked], by: deadline) == known)
    #expect(
      try lookup.links(toSpotify: [open, linked], by: deadline)
        == known + [SpotifyLink(id: open, kind: .artist, target: Self.artist)])
    #expect(other.asked == ["b"])
    other.isAway = true
    #expect(lookup.knownLinks(toSpotify: [linked, open]) == known)
    #expect(try lookup.links(toSpotify: [linked], by: deadline) == known)
    #expect(throws: SourceError.self) { try lookup.links(toSpotify: [linked, open], by: deadline) }
  }

  @Test func `a list of ids of Spotify is answered as far as it can be where nobody else answers`() throws {
    let (linked, open) = (try #require(SpotifyID("a")), try #require(SpotifyID("b")))
    table.spotify["album/a"] = Self.album(1)
    other.isAway = true
    let clock = TestClock()
    let directory = SpotifyDirectory(
      links: lookup, matcher: SpotifyDirectoryTests.World(), spotify: nil, store: DocumentStoreTests.store(nil, clock),
      options: .init(), now: { clock.time })
    #expect(directory.know([linked, open], by: deadline) == [linked: .known(Self.album(1))])
    #expect(try directory.find(.album, linked, by: deadline).target == Self.album(1))
    #expect(throws: SpotifyDirectory.Problem.self) { try directory.find(.album, open, by: deadline) }
  }

  @Test func `a release answers with its album without the source being asked what it is`() throws {
    add(1, [[1]])
    let clock = TestClock()
    let source = DatasetServingTests.Source()
    source.isAway = true
    other.isAway = true
    var options = Catalog.Options()
    options.answersReleases = true
    let store = DocumentStore(
      shared: nil, memory: MemoryTier(limit: 1 << 20) { clock.time }, durable: nil, snapshot: documents,
      coordination: TierCoordination(shared: nil, namespace: "test"), policy: .init(staleSeconds: 1_000),
      namespace: "test",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.time })
    let catalog = Catalog(source: source, lookup: lookup, store: store, options: options, now: { clock.time })
    #expect(try catalog.album(Self.id(2, 100), by: deadline).body != nil)
    #expect(throws: SourceError.self) { try catalog.album(Self.unknown, by: deadline) }
  }
}
