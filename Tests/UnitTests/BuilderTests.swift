import Core
import Glibc
import Logging
import Testing

@testable import Cache
@testable import Metadata

/// Who works the queue of builds.
@Suite struct BuilderTests {
  /// Answers as it is told, and notes what it is asked for.
  final class Source: MetadataSource, LookupSource {
    var albumsOfArtists: [MBID: [MBID]] = [:]
    var error: SourceError?
    var asked: [MBID] = []
    var during: (Deadline) throws(SourceError) -> Void = { _ throws(SourceError) in }

    private func note(_ ids: [MBID], _ deadline: Deadline) throws(SourceError) {
      #expect(!deadline.isAwaited)
      asked += ids
      if let error { throw error }
      try during(deadline)
    }
    func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
      try note(ids, deadline)
      return Dictionary(uniqueKeysWithValues: ids.map { ($0, Artist(id: $0, name: "A", sortName: "A")) })
    }
    func discographies(
      _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
    ) throws(SourceError) -> [MBID: Discography] {
      try note(ids, deadline)
      var found: [MBID: Discography] = [:]
      for id in ids {
        guard let albums = albumsOfArtists[id] else { continue }
        found[id] = Discography(
          artist: Artist(id: id, name: "A", sortName: "A"), albums: albums.map { AlbumSummary(id: $0, title: "B") })
      }
      return found
    }
    func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
      try note(ids, deadline)
      return Dictionary(uniqueKeysWithValues: ids.map { ($0, Album(id: $0, title: "B", artistID: $0)) })
    }
    func vintage(by deadline: Deadline) throws(SourceError) -> String? { nil }
    func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
    func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
    func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] { [] }
    func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] { [] }
  }

  let clock = TestClock()
  let source = Source()
  let queue: MemoryBuildQueue
  let shared: SwitchedTier
  let coordination: TierCoordination
  let builder: Builder
  let artist = MBID(high: 1, low: 1)
  let albums = [MBID(high: 2, low: 1), MBID(high: 2, low: 2)]

  init() {
    let (clock, source) = (clock, source)
    let queue = MemoryBuildQueue { clock.time }
    self.queue = queue
    shared = SwitchedTier(clock: clock)
    coordination = TierCoordination(shared: shared, namespace: "test")
    let store = DocumentStoreTests.store(shared, clock)
    let catalog = Catalog(source: source, lookup: source, store: store, options: .init(), now: { clock.time })
    catalog.queue = queue
    source.albumsOfArtists[artist] = albums
    builder = Builder(
      queue, catalog: catalog, store: store, coordination: coordination, canBuild: { source.error?.code != .notSetUp },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func work(whileNobodyWaits isSomebodyWaiting: () -> Bool = { false }) -> Builder.Ending {
    builder.work(until: .after(milliseconds: 60_000, awaited: false), whileNobodyWaits: isSomebodyWaiting)
  }

  @Test func `an artist is built, and then its albums, unless somebody asks for another`() throws {
    _ = try queue.add([CacheKey(.artistAlbums, artist)], .asked, client: nil)
    #expect(builder.hasWork)
    let person = MBID(high: 3, low: 1)
    source.during = { [queue, source] _ throws(SourceError) in
      guard source.asked.count == 1 else { return }
      _ = try queue.add([CacheKey(.artist, person)], .asked, client: nil)
    }
    #expect(work() == .empty)
    #expect(source.asked.prefix(3) == [artist, person, albums[0]])
    #expect(Set(albums).isSubset(of: source.asked))
    #expect(try queue.progress().waiting == 0)
    #expect(try queue.progress().done == 4)
    #expect(!builder.hasWork)
    // What is there is not asked for again.
    let questions = source.asked.count
    _ = try queue.add([CacheKey(.artistAlbums, artist)], .asked, client: nil)
    #expect(work() == .empty)
    #expect(source.asked.count == questions)
  }

  @Test func `that MusicBrainz knows no such artist finishes a build`() throws {
    source.albumsOfArtists = [:]
    _ = try queue.add([CacheKey(.artistAlbums, artist)], .asked, client: nil)
    #expect(work() == .empty)
    #expect(try queue.progress().waiting == 0)
  }

  @Test func `when somebody waits the build goes back to its place`() throws {
    _ = try queue.add([CacheKey(.artistAlbums, artist)], .asked, client: nil)
    var isSomebodyWaiting = false
    source.during = { deadline throws(SourceError) in
      isSomebodyWaiting = true
      for _ in 0..<200 where deadline.beat() { usleep(5_000) }
      #expect(deadline.hasPassed)
      throw SourceError(.timedOut, "stopped")
    }
    #expect(work { isSomebodyWaiting } == .stopped)
    let again = try queue.claim(1, of: Catalog.buildKinds, seconds: 10)
    // As if it had never been begun.
    #expect(again.map(\.attempts) == [1])
    #expect(!builder.isOccupied)
  }

  @Test func `what fails is tried again later, the others go on`() throws {
    _ = try queue.add([CacheKey(.album, albums[0])], .asked, client: nil)
    source.error = SourceError(.failed, "nonsense")
    #expect(work() == .empty)
    #expect(try queue.progress().waiting == 1)
    source.error = nil
    #expect(work() == .empty)
    #expect(try queue.progress().waiting == 1)
    clock.time = clock.time + 60
    #expect(work() == .empty)
    #expect(try queue.progress().waiting == 0)
  }

  @Test func `while MusicBrainz is away nobody wears out the queue`() throws {
    _ = try queue.add(albums.map { CacheKey(.album, $0) }, .asked, client: nil)
    source.error = SourceError(.unavailable, "away")
    #expect(work() == .resting)
    #expect(work() == .resting)
    #expect(source.asked.count == 1)
    source.error = SourceError(.notSetUp, "no contact")
    clock.time = clock.time + 60
    #expect(work() == .resting)
    #expect(source.asked.count == 1)
    #expect(!builder.hasWork)
    #expect(try queue.progress().waiting == 2)
  }

  @Test func `one process builds at a time, and a killed one holds up nobody for long`() throws {
    _ = try queue.add([CacheKey(.album, albums[0])], .asked, client: nil)
    guard case .held = coordination.acquire("builder", seconds: 5) else { return #expect(Bool(false)) }
    let claimed = try queue.claim(1, of: Catalog.buildKinds, seconds: Builder.claimSeconds)
    #expect(claimed.count == 1)
    #expect(work() == .occupied)
    #expect(!builder.hasWork)
    clock.time = clock.time + 21
    #expect(work() == .empty)
    #expect(try queue.progress().waiting == 0)
  }

  @Test func `while the store is away this process keeps what is asked for`() throws {
    let away = SpareBuildQueue(AwayQueue(), spare: queue)
    #expect(try away.add([CacheKey(.album, albums[0])], .asked, client: nil) == [.waiting(place: 1)])
    #expect(try away.progress().waiting == 1)
    let claimed = try away.claim(1, of: [.album], seconds: 10)
    #expect(claimed.count == 1)
    try away.finish(claimed)
    #expect(try away.progress().waiting == 0)
  }

  /// A queue whose store does not answer.
  final class AwayQueue: BuildQueue {
    let isAvailable = true
    private var error: SourceError { SourceError(.unavailable, "away") }
    func add(_ keys: [CacheKey], _ reason: BuildReason, client: UInt64?) throws(SourceError) -> [QueueOutcome] {
      throw error
    }
    func places(of keys: [CacheKey]) throws(SourceError) -> [Int?] { throw error }
    func claim(_ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64) throws(SourceError) -> [QueuedBuild] {
      throw error
    }
    func renew(_ builds: [QueuedBuild], seconds: Int64) throws(SourceError) -> [Bool] { throw error }
    func finish(_ builds: [QueuedBuild]) throws(SourceError) { throw error }
    func fail(_ builds: [QueuedBuild], pausing seconds: Int64) throws(SourceError) { throw error }
    func giveBack(_ builds: [QueuedBuild]) throws(SourceError) { throw error }
    func progress() throws(SourceError) -> QueueProgress { throw error }
  }
}
