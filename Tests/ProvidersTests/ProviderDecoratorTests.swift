import Cache
import Core
import HTTP
import Logging
import Metadata
import Testing
import TestServers

@testable import Providers

@Suite struct ProviderDecoratorTests {
  static let artist: MBID = FanartTVTests.snoopDogg

  func picture(_ kind: ImageKind, _ source: String) throws -> Picture {
    try #require(Picture(kind, "https://\(source).example/\(kind.rawValue).jpg"))
  }

  @Test func `of each kind the first provider's picture is shown, and the first overview`() throws {
    let fanart = Finding(pictures: [try picture(.fanart, "fanart"), try picture(.poster, "fanart")])
    let tadb = Finding(
      pictures: try ImageKind.ofArtists.map { try picture($0, "tadb") }, overview: "TheAudioDB's")
    let commons = Finding(pictures: [try picture(.poster, "commons")])
    let decoration = ProviderDecorator.decoration(
      from: [fanart, Finding(overview: "Wikipedia's"), tadb, commons].map { Inquirer.Reply(finding: $0) },
      isAwaited: true)
    #expect(
      decoration.pictures == [
        try picture(.fanart, "fanart"), try picture(.poster, "fanart"), try picture(.banner, "tadb"),
        try picture(.logo, "tadb"),
      ])
    #expect(decoration.overview == "Wikipedia's")
    #expect(decoration.isComplete)
    let without = ProviderDecorator.decoration(
      from: [Finding(), Finding(), tadb].map { Inquirer.Reply(finding: $0) }, isAwaited: true)
    #expect(without.overview == "TheAudioDB's")
  }

  @Test func `it expires with the first of its findings`() {
    let replies = [500, 200, 900].map {
      Inquirer.Reply(finding: Finding(), expires: UnixTime(seconds: $0))
    }
    #expect(ProviderDecorator.decoration(from: replies, isAwaited: true).expires == UnixTime(seconds: 200))
  }

  @Test(arguments: [
    (Inquirer.Shortfall.timedOut, true), (.unavailable(isWorthProbing: true), true),
    (.unavailable(isWorthProbing: false), false), (.failed, false), (.rateLimited, false),
  ])
  func `any shortfall makes it incomplete, and some are worth more time than a client has`(
    shortfall: Inquirer.Shortfall, isWorthMoreTime: Bool
  ) {
    let reply = Inquirer.Reply(finding: Finding(overview: "x"), shortfall: shortfall)
    let awaited = ProviderDecorator.decoration(from: [reply], isAwaited: true)
    #expect(!awaited.isComplete)
    #expect(awaited.isWorthMoreTime == isWorthMoreTime)
    #expect(!ProviderDecorator.decoration(from: [reply], isAwaited: false).isWorthMoreTime)
  }

  @Test func `a provider without a key is not asked, and nothing is incomplete about that`() {
    let fetcher = ScriptedFetcher()
    let decorator = ProviderDecorator(
      ProviderList([]), store: DocumentStore.forTests(), fetcher: fetcher, gate: .forTests(),
      logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    let decorations = decorator.decorations(
      of: [Artist(id: Self.artist, name: "A", sortName: "A")], by: .after(milliseconds: 100))
    #expect(decorations == [Self.artist: Decoration()])
    #expect(fetcher.requests.isEmpty)
  }

  // MARK: - The real thing, over loopback

  /// Every provider at one server, each under a path of its own.
  func decorator(
    _ server: ReplayServer, awaited: Int = 2_000, unawaited: Int = 3_000, store: DocumentStore = .forTests(),
    now: @escaping () -> UnixTime = { .now }
  ) -> ProviderDecorator {
    let wikidata = "\(server.url)/wikidata"
    var providers = ProviderList([
      FanartTV(.init(apiKey: "k", baseURL: "\(server.url)/fanart", seconds: 1_000)),
      Wikipedia(
        .init(
          languages: ["en", "de"], baseURL: "\(server.url)/wikipedia/{language}", wikidataURL: wikidata, connections: 8,
          seconds: 1_000)),
      TheAudioDB(.init(apiKey: "k", baseURL: "\(server.url)/tadb", connections: 8, seconds: 1_000)),
      WikimediaCommons(
        .init(wikidataURL: wikidata, commonsURL: "\(server.url)/commons", connections: 8, seconds: 1_000)),
    ])
    providers.awaitedMilliseconds = awaited
    providers.unawaitedMilliseconds = unawaited
    let logger = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }
    return ProviderDecorator(
      providers, store: store, fetcher: CurlFetcher(userAgent: "tests", logger: logger), gate: .forTests(),
      logger: logger, now: now)
  }

  static func artist(_ links: String...) -> Artist {
    var artist = Artist(id: artist, name: "A", sortName: "A")
    artist.links = links
    return artist
  }

  @Test func `all providers together, over HTTP`() throws {
    let server = ReplayServer { path in
      switch path.split(separator: "/").first {
      case "fanart": .answer(body: Bodies.load("fanart-artist.json"))
      case "tadb": .answer(body: Bodies.load("tadb-artist.json"))
      case "wikidata": .answer(body: Bodies.load("wikidata-entity.json"))
      case "wikipedia": .answer(body: Bodies.load("wikipedia-extract.json"))
      default: .answer(status: 500, body: [])
      }
    }
    defer { server.stop() }
    let decorator = decorator(server)
    let found = decorator.decorations(
      of: [Self.artist("https://www.wikidata.org/wiki/Q42")], by: .after(milliseconds: 5_000))
    let decoration = try #require(found[Self.artist])
    #expect(decoration.isComplete)
    #expect(decoration.pictures.map(\.kind) == [.banner, .fanart, .logo, .poster])
    #expect(decoration.pictures.allSatisfy { $0.url.hasPrefix(FanartTVTests.assets) })
    #expect(decoration.overview.hasPrefix("The Chemical Brothers are"))
    #expect(server.requests.count == 4)
    #expect(!server.requests.contains { $0.contains("/commons/") })
    // The artist's answer held its albums' pictures.
    let album = Album(id: "f1eeb194-a5f7-31c9-adb5-d3b067cd22aa", title: "R&G", artistID: Self.artist)
    let cover = decorator.decorations(of: [album], by: .after(milliseconds: 5_000))[album.id]
    #expect(cover?.pictures.map(\.kind) == [.cover])
    #expect(server.requests.count == 4)
  }

  @Test func `Wikimedia Commons helps those that nobody else has a picture of`() throws {
    let thumbnail = "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/A.jpg/1280px-A.jpg"
    let server = ReplayServer { path in
      if path.hasPrefix("/fanart/") { return .answer(status: 404, body: Bodies.load("fanart-not-found-404.json")) }
      if path.hasPrefix("/tadb/") { return .answer(body: Bodies.load("tadb-not-found.json")) }
      if path.contains("wbgetclaims") { return .answer(body: Bodies.load("wikidata-p18.json")) }
      if path.hasPrefix("/wikidata/") { return .answer(body: Bodies.load("wikidata-missing.json")) }
      return .answer(body: WikimediaCommonsTests.image(800, 1200, thumbnail).body)
    }
    defer { server.stop() }
    let found = decorator(server).decorations(
      of: [Self.artist("https://www.wikidata.org/wiki/Q42")], by: .after(milliseconds: 5_000))
    #expect(found[Self.artist]?.pictures == [Picture(.poster, thumbnail)].compactMap(\.self))
    #expect(found[Self.artist]?.isComplete == true)
  }

  static let disasters: [(String, ReplayServer.Behaviour)] = [
    ("401", .answer(status: 401, body: [])), ("403", .answer(status: 403, body: [])),
    ("429", .answer(status: 429, headers: ["Retry-After: 60"], body: [])), ("500", .answer(status: 500, body: [])),
    ("503", .answer(status: 503, headers: ["Retry-After: Fri, 31 Dec 2100 23:59:59 GMT"], body: [])),
    ("malformed", .answer(body: Array("<html>".utf8))),
    ("truncated", .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".utf8))),
    ("time-out", .hang), ("never-ending", .endless), ("reset", .reset),
    ("dripping", .drip([UInt8](repeating: 0x20, count: 10_000), milliseconds: 5)),
    ("redirecting", .answer(status: 302, headers: ["Location: http://127.0.0.1:1/"], body: [])),
    ("oversized", .answer(body: [UInt8](repeating: 0x20, count: 3 << 20))),
  ]

  @Test(arguments: disasters)
  func `whatever all providers do at once, the answer has what they said last, and is incomplete`(
    name: String, behaviour: ReplayServer.Behaviour
  ) throws {
    let clock = InquirerTests.Clock()
    let store = DocumentStore.forTests { clock.time }
    let good = ReplayServer { path in
      path.hasPrefix("/fanart")
        ? .answer(body: Bodies.load("fanart-artist.json"))
        : .answer(body: Bodies.load("tadb-artist.json"))
    }
    let bad = ReplayServer { _ in behaviour }
    defer {
      good.stop()
      bad.stop()
    }
    // What was cached is stale for the second, which lives at another address.
    let before = decorator(good, store: store, now: { clock.time })
      .decorations(of: [Self.artist()], by: .after(milliseconds: 5_000))
    clock.time = clock.time + 100_000
    let start = Deadline.monotonicNanoseconds()
    let after = decorator(bad, awaited: 150, store: store, now: { clock.time })
      .decorations(of: [Self.artist()], by: .after(milliseconds: 5_000))
    let milliseconds = (Deadline.monotonicNanoseconds() - start) / 1_000_000
    #expect(after[Self.artist]?.pictures == before[Self.artist]?.pictures, "\(name)")
    #expect(after[Self.artist]?.pictures.count == 4)
    #expect(after[Self.artist]?.overview == before[Self.artist]?.overview)
    #expect(after[Self.artist]?.isComplete == false)
    #expect(milliseconds < 1_000, "\(name): \(milliseconds) ms")

    let nothing = decorator(bad, awaited: 150).decorations(of: [Self.artist()], by: .after(milliseconds: 5_000))
    #expect(nothing[Self.artist]?.pictures == [])
    #expect(nothing[Self.artist]?.isComplete == false)
  }

  @Test func `ten slow providers cost one deadline, and a finding that needs more time gets it when nobody waits`() {
    let server = ReplayServer { path in
      path.hasPrefix("/fanart") ? .late(milliseconds: 400, body: Bodies.load("fanart-artist.json")) : .hang
    }
    defer { server.stop() }
    let decorator = decorator(server, awaited: 200, unawaited: 800)
    var artists = [Self.artist("https://www.wikidata.org/wiki/Q42")]
    artists += (0..<9).map { Artist(id: MBID(high: 7, low: $0), name: "B", sortName: "B") }
    let start = Deadline.monotonicNanoseconds()
    let awaited = decorator.decorations(of: artists, by: .after(milliseconds: 5_000))
    let milliseconds = (Deadline.monotonicNanoseconds() - start) / 1_000_000
    #expect((190...600).contains(milliseconds), "\(milliseconds) ms")
    #expect(awaited.count == 10)
    #expect(awaited.values.allSatisfy { !$0.isComplete && $0.isWorthMoreTime && $0.pictures.isEmpty })
    let unawaited = decorator.decorations(
      of: [Self.artist()], by: .after(milliseconds: 5_000, awaited: false))
    #expect(unawaited[Self.artist]?.pictures.count == 4)
  }
}

extension DocumentStore {
  static func forTests(now: @escaping () -> UnixTime = { .now }) -> DocumentStore {
    DocumentStore(
      shared: nil, memory: MemoryTier(limit: 1 << 22, now: now),
      coordination: TierCoordination(shared: nil, namespace: "t"), policy: .init(staleSeconds: 1_000_000),
      namespace: "t", logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }, now: now)
  }
}

extension Gate {
  static func forTests() -> Gate {
    Gate(
      limiter: .nobody, limit: .init(requests: 1, windowMilliseconds: 1),
      coordination: TierCoordination(shared: nil, namespace: "t"))
  }
}
