import Core
import Documents
import Logging
import Testing

@testable import Cache
@testable import Dataset
@testable import Metadata

/// Answers from a snapshot, with the store beside it.
@Suite struct DatasetServingTests {
  /// One artist with two albums, which can be changed or away.
  final class Source: MetadataSource {
    var isAway = false
    var asked = 0
    var title = "B"
    var links = ["https://example.org/a"]

    var artist: Artist {
      var artist = Artist(id: SmallDataset.artist, name: "A", sortName: "A")
      artist.links = links
      return artist
    }

    var album: Album {
      var album = Album(id: SmallDataset.album, title: title, artistID: SmallDataset.artist)
      album.artistIDs = [SmallDataset.artist]
      album.frontCover = CoverArt(release: "d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7", image: 17)
      var release = Release(id: "d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7", title: "R")
      release.media = [Medium(position: 1)]
      album.releases = [release]
      return album
    }

    var albums: [AlbumSummary] {
      var live = AlbumSummary(id: SmallDataset.album, title: title)
      live.secondaryTypes = ["Live"]
      return [AlbumSummary(id: SmallDataset.other, title: "Other"), live]
    }

    private func ask() throws(SourceError) {
      asked += 1
      if isAway { throw SourceError(.unavailable, "away") }
    }

    func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
      try ask()
      return [artist.id: artist].filter { ids.contains($0.key) }
    }
    func discographies(
      _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
    ) throws(SourceError) -> [MBID: Discography] {
      try artists(ids, by: deadline).mapValues { Discography(artist: $0, albums: albums) }
    }
    func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
      try ask()
      return [album.id: album].filter { ids.contains($0.key) }
    }
    func vintage(by deadline: Deadline) throws(SourceError) -> String? { nil }
  }

  /// A snapshot in memory.
  final class Snapshot: SnapshotTier {
    var stamp: UInt64 = 1
    var documents: [CacheKey: Document] = [:]
    var newest: UnixTime { documents.values.map(\.said).max() ?? UnixTime(seconds: 0) }
    func get(_ keys: [CacheKey]) -> [Document?] { keys.map { documents[$0] } }
  }

  let clock = TestClock()
  let source = Source()
  let decorator = DecorationTests.Saying()
  let snapshot = Snapshot()
  let durable = SwitchedDurable()
  let shared: SwitchedTier
  let store: DocumentStore
  let catalog: Catalog
  /// One without a snapshot, for comparison.
  let plain: Catalog

  init() {
    let (clock, memory) = (clock, MemoryTier(limit: 1 << 20) { [clock] in clock.time })
    shared = SwitchedTier(clock: clock)
    store = DocumentStore(
      shared: shared, memory: memory, durable: durable, snapshot: snapshot,
      coordination: TierCoordination(shared: shared, memory: memory, namespace: "test"),
      policy: .init(staleSeconds: 1_000, snapshotSeconds: 5_000), namespace: "test",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.time })
    var options = Catalog.Options()
    options.documentSeconds = 10_000
    catalog = Catalog(
      source: source, lookup: NoLookup(), store: store, decorator: decorator, options: options, now: { clock.time })
    plain = Catalog(
      source: source, lookup: NoLookup(), store: DocumentStoreTests.store(nil, clock), decorator: decorator,
      options: options, now: { clock.time })
    decorator.decoration.overview = "An \"overview\""
    decorator.decoration.addMissing([Picture(.poster, "https://example.org/p.jpg")].compactMap(\.self))
  }

  /// Puts what the source says now into the snapshot.
  func take(at time: UnixTime) {
    let cut = CutDocuments(.init())
    snapshot.documents = [
      CacheKey(.artist, SmallDataset.artist): cut.artist(source.artist, said: time),
      CacheKey(.artistAlbums, SmallDataset.artist): cut.albums(source.albums, said: time),
      CacheKey(.album, SmallDataset.album): cut.album(source.album, said: time),
    ]
  }

  func text(_ answer: Catalog.Answer) throws -> String {
    let output = OutputBuffer()
    #expect(try #require(answer.body).appendPlain(to: output))
    return String(decoding: output.bytes, as: UTF8.self)
  }

  func artist(_ catalog: Catalog, _ filter: AlbumFilter = AlbumFilter()) throws -> String {
    try text(try catalog.artist(SmallDataset.artist, albums: filter, by: .after(milliseconds: 1_000)))
  }

  func album(_ catalog: Catalog) throws -> String {
    try text(try catalog.album(SmallDataset.album, by: .after(milliseconds: 1_000)))
  }

  @Test func `answers are those that are made from the source, with pictures and overviews in their places`() throws {
    let live = AlbumFilter(secondaryTypes: ["Live"])
    let expected = [try artist(plain), try artist(plain, live), try album(plain)]
    take(at: clock.time)
    source.isAway = true
    for _ in 0..<2 {
      #expect(try artist(catalog) == expected[0])
      #expect(try artist(catalog, live) == expected[1])
      #expect(try album(catalog) == expected[2])
    }
    let entries = try catalog.entries(
      [.artist(SmallDataset.artist), .album(SmallDataset.album)], withReleases: false, by: .after(milliseconds: 1_000))
    let plainEntries = try plain.entries(
      [.artist(SmallDataset.artist), .album(SmallDataset.album)], withReleases: false, by: .after(milliseconds: 1_000))
    for (entry, expected) in zip(entries.objects, plainEntries.objects) {
      #expect(
        try text(.init(body: Body(entry ?? []), expires: clock.time))
          == text(.init(body: Body(expected ?? []), expires: clock.time)))
    }
    #expect(expected[2].contains(#""CoverType":"Cover""#) && expected[0].contains("overview"))
  }

  @Test func `what it lacks is asked for, and never said to be absent where nobody can be asked`() throws {
    source.isAway = true
    #expect(throws: SourceError.self) { try artist(catalog) }
    source.isAway = false
    #expect(try artist(catalog).contains(#""id":"472bc127"#))
  }

  @Test func `a list of albums without its artist is not enough`() throws {
    take(at: clock.time)
    snapshot.documents[CacheKey(.artistAlbums, SmallDataset.artist)] = nil
    source.isAway = true
    #expect(throws: SourceError.self) { try artist(catalog) }
  }

  @Test func `the newer of the store's document and the snapshot's is answered`() throws {
    take(at: clock.time + -10)
    source.title = "Newer"
    store.revoke([CacheKey(.album, SmallDataset.album)])
    #expect(try album(catalog).contains("Newer"))
    store.catchUp()
    source.isAway = true
    #expect(try album(catalog).contains("Newer"))
    shared.memory.removeAll()
    #expect(try album(catalog).contains("Newer"), "the durable tier's")
    source.title = "Newest"
    take(at: clock.time + 10)
    #expect(try album(catalog).contains("Newest"))
    shared.memory.removeAll()
    #expect(try album(catalog).contains("Newest"))
  }

  @Test func `a document made now of what was kept long ago is no newer`() throws {
    // It is kept in the durable tier, and made again under other settings later.
    #expect(try album(catalog).contains(#""title":"B""#))
    store.catchUp()
    clock.time = clock.time + 100
    source.title = "Snapshot"
    take(at: clock.time + -50)
    source.isAway = true
    shared.memory.removeAll()
    durable.rows[CacheKey(.album, SmallDataset.album)] = nil
    snapshot.documents[CacheKey(.album, SmallDataset.album)] = nil
    #expect(try album(catalog).contains(#""title":"B""#), "made of what was kept")
    source.title = "Snapshot"
    take(at: clock.time + -50)
    #expect(try album(catalog).contains("Snapshot"))
  }

  @Test func `what was revoked is asked for again, and the snapshot's only answered if that fails`() throws {
    take(at: clock.time)
    let before = try album(catalog)
    #expect(try catalog.refresh(.album(SmallDataset.album), by: .after(milliseconds: 1_000)) != nil)
    source.isAway = true
    let asked = source.asked
    #expect(try album(catalog) == before)
    #expect(source.asked > asked)
    // Only the durable tier remembers, as where processes share nothing else.
    shared.memory.removeAll()
    source.isAway = false
    source.title = "Asked again"
    #expect(try album(catalog).contains("Asked again"))
  }

  @Test func `the durable tier is asked once whether it has something newer`() throws {
    take(at: clock.time)
    let keys: Set = [CacheKey(.artist, SmallDataset.artist), CacheKey(.artistAlbums, SmallDataset.artist)]
    _ = try artist(catalog)
    #expect(keys.isSubset(of: durable.asked))
    durable.asked = []
    let trips = shared.asked.count
    _ = try artist(catalog)
    #expect(durable.asked.isEmpty)
    #expect(shared.asked.count == trips + 1, "documents and pictures in one trip")
    // Of another file that is not known.
    snapshot.stamp = 2
    _ = try artist(catalog)
    #expect(keys.isSubset(of: durable.asked))
  }

  @Test func `what came with something else replaces the note that the snapshot has the newest`() throws {
    take(at: clock.time + -10)
    _ = try artist(catalog)
    // The list alone is computed, and brings the artist with it.
    snapshot.documents[CacheKey(.artistAlbums, SmallDataset.artist)] = nil
    shared.memory.delete(store.name(of: CacheKey(.artistAlbums, SmallDataset.artist)))
    source.links = ["https://example.org/newer"]
    _ = try artist(catalog)
    store.catchUp()
    source.isAway = true
    #expect(try artist(catalog).contains("newer"))
  }

  @Test func `a merged id is answered with its survivor`() throws {
    take(at: clock.time)
    var moved = Document.moved(to: SmallDataset.artist, expires: UnixTime(seconds: 0))
    moved.said = clock.time
    for kind in [CacheKey.Kind.artist, .artistAlbums] {
      snapshot.documents[CacheKey(kind, SmallDataset.merged)] = moved
    }
    source.isAway = true
    let answer = try catalog.artist(SmallDataset.merged, albums: AlbumFilter(), by: .after(milliseconds: 1_000))
    #expect(try text(answer) == artist(catalog))
    let entries = try catalog.entries(
      [.artist(SmallDataset.merged)], withReleases: true, by: .after(milliseconds: 1_000))
    #expect(entries.objects[0] != nil)
  }

  @Test func `an id that there is a document of is identified without asking anybody`() throws {
    take(at: clock.time)
    snapshot.documents[CacheKey(.artist, SmallDataset.merged)] = .moved(to: SmallDataset.artist, expires: clock.time)
    let lookup = StoredLookup(snapshot.get, else: NoLookup())
    for (id, expected) in [
      (SmallDataset.artist, [EntityID.artist(SmallDataset.artist)]), (SmallDataset.album, [.album(SmallDataset.album)]),
      (SmallDataset.merged, [.artist(SmallDataset.artist)]), (SmallDataset.other, []),
    ] {
      #expect(try lookup.identify(id, by: .after(milliseconds: 100)) == expected)
    }
  }

  @Test func `pictures and overviews go stale and are asked for after the answer`() throws {
    take(at: clock.time)
    decorator.decoration.expires = clock.time + 100
    _ = try artist(catalog)
    clock.time = clock.time + 200
    decorator.decoration.expires = nil
    decorator.decoration.overview = "Another"
    #expect(!(try artist(catalog).contains("Another")))
    store.catchUp()
    #expect(try artist(catalog).contains("Another"))
  }
}
