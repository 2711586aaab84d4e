import Cache
import Core
import Documents
import Foundation
import HTTP
import Logging
import Metadata
import SQLiteStore
import Synchronization
import TestServers
import Testing

@testable import Purge

/// Purging at a server on loopback that answers as Cloudflare does, or does not.
@Suite struct PurgerTests {
  static let artist: MBID = "83d91898-7763-47d7-b03b-b92132375c47"
  static let former: MBID = "00000000-7763-47d7-b03b-b92132375c47"
  static let album: MBID = "f5093c06-23e3-404f-aeaa-40f72885ee3a"
  static let series: MBID = "0e0b8d3a-0000-4000-8000-000000000001"

  static let success = Array(#"{"success":true,"errors":[],"messages":[],"result":{"id":"1"}}"#.utf8)
  static let throttled = Array(
    #"{"success":false,"errors":[{"code":971,"message":"Please wait and consider throttling"}],"result":null}"#.utf8)
  static let forbidden = Array(
    #"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}"#.utf8)

  /// What the server does next: the first of these, and the last for ever.
  final class Script: Sendable {
    private let rest: Mutex<[ReplayServer.Behaviour]>
    init(_ behaviours: [ReplayServer.Behaviour]) { rest = Mutex(behaviours) }
    func next() -> ReplayServer.Behaviour {
      rest.withLock { rest in rest.count > 1 ? rest.removeFirst() : rest.first ?? .hang }
    }
  }

  final class Clock: Sendable {
    private let seconds = Mutex<Int64>(1_800_000_000)
    var now: UnixTime { UnixTime(seconds: seconds.withLock { $0 }) }
    func move(_ by: Int64) { seconds.withLock { $0 += by } }
  }

  /// A zone, and processes that purge it.
  final class Setting {
    let server: ReplayServer
    let clock = Clock()
    var queue: any PurgeQueue
    let coordination: TierCoordination
    let directory = NSTemporaryDirectory() + "linernotes-purge-" + UUID().uuidString
    let durable: SQLiteDurableTier
    let store: DocumentStore
    let lines = Lines()
    var method = PurgeMethod.automatic
    var requestsAMinute = 5

    init(_ behaviours: ReplayServer.Behaviour..., policy: PurgeQueuePolicy = PurgeQueuePolicy()) {
      let script = Script(behaviours)
      server = ReplayServer { _ in script.next() }
      let clock = clock
      queue = MemoryPurgeQueue(policy: policy, now: { clock.now })
      coordination = TierCoordination(
        shared: nil, memory: MemoryTier(limit: 1 << 20, now: { clock.now }), namespace: "t")
      let logger = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }
      durable = SQLiteDurableTier(StoreFile(.init(path: directory + "/documents.db"), logger: logger))
      store = DocumentStore(
        shared: nil, memory: MemoryTier(limit: 1 << 20), durable: durable, coordination: coordination,
        policy: .init(staleSeconds: 1_000), namespace: "t", logger: logger)
    }

    deinit {
      server.stop()
      try? FileManager.default.removeItem(atPath: directory)
    }

    /// What MusicBrainz said of the artist.
    func keep(_ kind: CacheKey.Kind, _ document: Document) throws {
      let key = CacheKey(kind, PurgerTests.artist)
      _ = try durable.set([key: document], revision: try durable.revision())
      try durable.revoke([key])
    }

    /// The queue as another process opens it.
    func openQueue() -> SQLitePurgeQueue {
      let clock = clock
      return SQLitePurgeQueue(
        StoreFile(
          .init(
            path: directory + "/store.db",
            clock: StoreClock(wall: { clock.now }, sinceBoot: { clock.now.seconds * 1_000 }, boot: 1)),
          logger: lines.logger))
    }

    func purger() throws -> CloudflarePurger {
      let clock = clock
      return CloudflarePurger(
        Cloudflare(
          .init(zone: "zone", credentials: ["Authorization: Bearer sesame"], apiURL: server.url, batch: 30)),
        try #require(PublicAddresses(base: "https://api.example.org", applicationRoot: "/")), by: method,
        prefixRequestsAMinute: requestsAMinute, queue: queue, store: store,
        fetcher: CurlFetcher(userAgent: "test", logger: lines.logger), coordination: coordination,
        logger: lines.logger, now: { clock.now.seconds * 1_000 })
    }

    func work() throws -> CloudflarePurger.Ending { try purger().work(until: .after(milliseconds: 5_000)) }

    /// The names that the server was told, a request each.
    var asked: [[String]] {
      server.requests.map { request in
        let body = request.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
        let json = JSONValue(body.utf8) ?? .null
        return (json["prefixes"].elements + json["files"].elements).compactMap(\.text)
      }
    }
  }

  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var logger: Logger { Logger(label: "t") { _ in Handler(lines: self) } }

    struct Handler: LogHandler {
      let lines: Lines
      var metadata: Logger.Metadata = [:]
      var logLevel = Logger.Level.debug
      subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
      }
      func log(event: LogEvent) { lines.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") } }
    }
  }

  static func changes(_ fill: (inout EntityChanges) -> Void) -> EntityChanges {
    var changes = EntityChanges()
    fill(&changes)
    return changes
  }

  @Test func `everything that shows an artist is purged, by prefix under every root`() throws {
    let setting = Setting(.answer(body: Self.success))
    var artist = Artist(id: Self.artist, name: "Pink Floyd", sortName: "Pink Floyd")
    artist.mergedIDs = [Self.former]
    try setting.keep(.sourceArtist, artist.kept)
    try setting.keep(.sourceAlbums, AlbumSummary.kept([AlbumSummary(id: Self.album, title: "Animals")]))
    try setting.purger().purge(
      Self.changes {
        $0.artists = [Self.artist]
        $0.discographies = [Self.artist]
        $0.series = [Self.series]
      })
    #expect(try setting.work() == .empty && setting.asked.isEmpty, "nginx has an old copy for a moment")
    setting.clock.move(5)
    #expect(try setting.work() == .empty)
    let names = ["artist/\(Self.artist)", "artist/\(Self.former)", "album/\(Self.album)", "series/\(Self.series)"]
    let expected = names.flatMap { ["api.example.org/\($0)", "api.example.org/api/v0.4/\($0)"] }
    #expect(setting.asked.count == 1 && setting.asked[0].sorted() == expected.sorted())
    #expect(setting.server.requests[0].contains("Authorization: Bearer sesame"))
    #expect(setting.server.requests[0].contains("Content-Type: application/json"))
    #expect(try setting.purger().report().waiting == 0)
  }

  @Test func `a list of albums is purged without the albums`() throws {
    let setting = Setting(.answer(body: Self.success))
    try setting.purger().purge(Self.changes { $0.discographies = [Self.artist] })
    setting.clock.move(5)
    #expect(try setting.work() == .empty)
    #expect(
      setting.asked == [
        ["api.example.org/artist/\(Self.artist)", "api.example.org/api/v0.4/artist/\(Self.artist)"]
      ])
  }

  @Test func `by URL there are batches, and no more than a thousand for one entity`() throws {
    let setting = Setting(.answer(body: Self.success))
    setting.method = .url
    let albums = (0..<600).map { AlbumSummary(id: MBID(high: 1, low: $0), title: "") }
    try setting.keep(.sourceAlbums, AlbumSummary.kept(albums))
    try setting.purger().purge(Self.changes { $0.artists = [Self.artist] })
    setting.clock.move(5)
    #expect(try setting.work() == .empty)
    #expect(setting.asked.flatMap(\.self).count == 1_000)
    #expect(setting.asked.allSatisfy { $0.count <= 30 && $0.allSatisfy { $0.hasPrefix("https://api.example.org/") } })
    #expect(setting.lines.text.contains("too many show this entity"))
  }

  @Test func `a plan's requests are counted over all processes, and what is left waits for the next minute`() throws {
    let setting = Setting(.answer(body: Self.success))
    setting.requestsAMinute = 2
    // Two prefixes each: 50 to a request.
    try setting.purger().purge(
      Self.changes { $0.albums = Set((0..<150).map { MBID(high: 1, low: $0) }) })
    setting.clock.move(5)
    #expect(try setting.work() == .resting)
    #expect(setting.asked.map(\.count) == [100, 100])
    #expect(try setting.purger().report().waiting == 50)
    #expect(try setting.work() == .resting)
    setting.clock.move(61)
    #expect(try setting.work() == .empty)
    #expect(setting.asked.map(\.count) == [100, 100, 100])
    #expect(Set(setting.asked.flatMap(\.self)).count == 300)
  }

  @Test func `Retry-After keeps every process away, and nothing is lost or counts as failed`() throws {
    let setting = Setting(
      .answer(status: 429, headers: ["Retry-After: 40"], body: Self.throttled), .answer(body: Self.success))
    try setting.purger().purge(Self.changes { $0.albums = [Self.album] })
    setting.clock.move(5)
    #expect(try setting.work() == .resting)
    setting.clock.move(30)
    #expect(try setting.work() == .resting && setting.asked.count == 1)
    setting.clock.move(11)
    #expect(try setting.work() == .empty && setting.asked.count == 2)
  }

  @Test func `a token that is none is told, without the token, and asked with again later`() throws {
    let setting = Setting(.answer(status: 403, body: Self.forbidden), .answer(body: Self.success))
    try setting.purger().purge(Self.changes { $0.albums = [Self.album] })
    setting.clock.move(5)
    #expect(try setting.work() == .resting)
    #expect(try setting.purger().report() == PurgeReport(waiting: 1, seconds: 5, isUnauthorised: true))
    #expect(setting.lines.text.contains("code 10000") && !setting.lines.text.contains("sesame"))
    setting.clock.move(901)
    #expect(try setting.work() == .empty && setting.asked.count == 2)
  }

  @Test func `a zone that takes no prefixes is purged by URL`() throws {
    let refusal = Array(#"{"success":false,"errors":[{"code":1107,"message":"Only enterprise zones"}]}"#.utf8)
    let setting = Setting(.answer(status: 400, body: refusal), .answer(body: Self.success))
    try setting.purger().purge(Self.changes { $0.albums = [Self.album] })
    setting.clock.move(5)
    _ = try setting.work()
    setting.clock.move(31)
    #expect(try setting.work() == .empty)
    #expect(
      setting.asked.last == [
        "https://api.example.org/album/\(Self.album)", "https://api.example.org/api/v0.4/album/\(Self.album)",
      ])
  }

  @Test(
    arguments: [
      .answer(status: 500, body: []), .answer(body: Array("<html>".utf8)), .raw(Array("garbage\r\n\r\n".utf8)), .reset,
      .answer(body: Array(#"{"success":false,"errors":[]}"#.utf8)), .endless,
    ] as [ReplayServer.Behaviour])
  func `what fails is tried again, later each time`(behaviour: ReplayServer.Behaviour) throws {
    let setting = Setting(behaviour, behaviour, .answer(body: Self.success))
    try setting.purger().purge(Self.changes { $0.albums = [Self.album] })
    setting.clock.move(5)
    _ = try setting.work()
    #expect(try setting.purger().report().waiting == 1)
    setting.clock.move(31)
    _ = try setting.work()
    setting.clock.move(31)
    _ = try setting.work()
    #expect(try setting.purger().report().waiting == 1, "the second pause is longer than the first")
    setting.clock.move(31)
    #expect(try setting.work() == .empty)
    #expect(try setting.purger().report().waiting == 0)
  }

  @Test func `silence ends with the deadline or with whoever comes, and what was asked is asked again`() throws {
    let setting = Setting(.hang, .hang, .answer(body: Self.success))
    try setting.purger().purge(Self.changes { $0.albums = [Self.album] })
    setting.clock.move(5)
    let start = Deadline.monotonicNanoseconds()
    var looks = 0
    let ending = try setting.purger().work(
      until: .after(milliseconds: 10_000),
      whileNobodyWaits: {
        looks += 1
        return looks > 3
      })
    #expect(ending == .stopped)
    #expect(try setting.purger().work(until: .after(milliseconds: 300)) == .stopped)
    #expect(Deadline.monotonicNanoseconds() - start < 4_000_000_000)
    #expect(try setting.work() == .empty && setting.asked.count == 3)
  }

  @Test func `what changes again while it is purged is purged again`() throws {
    let setting = Setting(.answer(body: Self.success))
    let claimed = {
      try setting.purger().purge(Self.changes { $0.albums = [Self.album] })
      setting.clock.move(5)
      return try setting.queue.claim(1, of: CacheKey.Kind.purged, seconds: 60)
    }
    let first = try claimed()
    try setting.purger().purge(Self.changes { $0.albums = [Self.album] })
    try setting.queue.finish(first)
    #expect(try setting.purger().report().waiting == 1)
  }

  @Test func `one process purges at a time, and a restart loses nothing`() throws {
    let setting = Setting(.answer(status: 500, body: []), .answer(body: Self.success))
    let clock = setting.clock
    setting.queue = setting.openQueue()
    try setting.purger().purge(Self.changes { $0.albums = [Self.album] })
    clock.move(5)
    guard case .held(let lease) = setting.coordination.acquire(CloudflarePurger.lease, seconds: 60) else {
      Issue.record("no lease")
      return
    }
    #expect(try setting.work() == .occupied)
    setting.coordination.release(lease)
    _ = try setting.work()
    setting.queue = setting.openQueue()
    #expect(try setting.purger().report().waiting == 1)
    clock.move(31)
    #expect(try setting.work() == .empty)
    setting.queue = setting.openQueue()
    #expect(try setting.purger().report().waiting == 0 && setting.asked.count == 2)
  }

  @Test func `a queue that is full says what stays`() throws {
    let setting = Setting(.answer(body: Self.success), policy: PurgeQueuePolicy(most: 2))
    try setting.purger().purge(Self.changes { $0.albums = Set((0..<5).map { MBID(high: 1, low: $0) }) })
    #expect(try setting.purger().report().waiting == 2)
    #expect(setting.lines.text.contains("the queue of purges is full") && setting.lines.text.contains("3"))
  }

  @Test func `nothing is looked for while nothing can be done`() throws {
    let setting = Setting(.answer(body: Self.success))
    let purger = try setting.purger()
    #expect(!purger.hasWork)
    try purger.purge(EntityChanges())
    #expect(!purger.hasWork && setting.server.connections == 0)
  }
}
