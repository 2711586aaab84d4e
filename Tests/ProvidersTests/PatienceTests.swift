import Cache
import Core
import HTTP
import Logging
import Metadata
import TestServers
import Testing

@testable import Providers

/// What a client waits for, and what goes on after that.
@Suite struct PatienceTests {
  static let artist: MBID = FanartTVTests.snoopDogg
  let logger = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }

  func providers(_ url: String, awaited: Int) -> ProviderList {
    var providers = ProviderList([
      FanartTV(.init(apiKey: "k", baseURL: "\(url)/fanart", seconds: 1_000, timeoutMilliseconds: 60_000)),
      Wikipedia(
        .init(
          languages: ["en"], baseURL: "\(url)/wikipedia/{language}", wikidataURL: "\(url)/wikidata", connections: 8,
          timeoutMilliseconds: 60_000, seconds: 1_000)),
    ])
    providers.awaitedMilliseconds = awaited
    providers.unawaitedMilliseconds = 60_000
    return providers
  }

  // MARK: - Going on

  @Test func `slow providers are asked once: what a client could not wait for goes on behind its answer`() throws {
    let latch = Latch()
    let server = ReplayServer { path in
      switch path.split(separator: "/").first {
      case "fanart": .held(latch, body: Bodies.load("fanart-artist.json"))
      case "wikidata": .answer(body: Bodies.load("wikidata-entity.json"))
      case "wikipedia": .held(latch, body: Bodies.load("wikipedia-extract.json"))
      default: .answer(status: 500, body: [])
      }
    }
    defer { server.stop() }
    let gate = Gate(
      limiter: .process, limit: .init(requests: 2, windowMilliseconds: 3_600_000),
      limits: ["fanart": .init(requests: 1, windowMilliseconds: 3_600_000)],
      coordination: TierCoordination(shared: nil, namespace: "t"))
    let decorator = ProviderDecorator(
      providers(server.url, awaited: 300), store: .forTests(),
      fetcher: CurlFetcher(userAgent: "tests", logger: logger), gate: gate, logger: logger)
    var artist = Artist(id: Self.artist, name: "A", sortName: "A")
    artist.links = ["https://www.wikidata.org/wiki/Q42"]

    // On a busy machine the first answer of two may take more than one try, which asks nobody twice either.
    while server.requests.count < 3 {
      let cold = try #require(decorator.decorations(of: [artist], by: .after(milliseconds: 60_000))[artist.id])
      #expect(cold.pictures.isEmpty && cold.overview.isEmpty && cold.isWorthMoreTime)
    }
    latch.open()
    let whole = try #require(
      decorator.decorations(of: [artist], by: .after(milliseconds: 60_000, awaited: false))[artist.id])
    #expect(whole.isComplete)
    #expect(whole.pictures.map(\.kind) == [.banner, .fanart, .logo, .poster])
    #expect(whole.overview.hasPrefix("The Chemical Brothers are"))
    #expect(server.requests.count == 3)
  }

  // MARK: - One time-out for all of an answer

  /// Providers that never answer, and how long each run of them was allowed to take.
  final class HangingFetcher: HTTPFetcher {
    private(set) var allowed: [Int] = []

    func run(
      _ exchanges: [HTTPExchange], by deadline: Deadline,
      next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
    ) {
      guard !exchanges.isEmpty else { return }
      allowed.append(deadline.millisecondsLeft)
      while !deadline.hasPassed {}
      for exchange in exchanges { _ = next(exchange.id, .failure(.timedOut)) }
    }
  }

  final class TwoArtistAlbum: MetadataSource, LookupSource {
    static let artists: [MBID] = [PatienceTests.artist, "cc197bad-dc9c-440d-a5b5-d52ba2e14234"]
    static let album: MBID = "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"

    func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
      Dictionary(uniqueKeysWithValues: ids.map { ($0, Artist(id: $0, name: "A", sortName: "A")) })
    }

    func discographies(
      _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
    ) throws(SourceError) -> [MBID: Discography] { [:] }

    func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
      var album = Album(id: Self.album, title: "A", artistID: Self.artists[0])
      album.artistIDs = Self.artists
      return [Self.album: album]
    }

    func vintage(by deadline: Deadline) throws(SourceError) -> String? { nil }
    func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
    func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
    func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] { [] }
    func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] { [] }
  }

  @Test func `the providers of an album and of its artists have one EXTERNAL_TIMEOUT together`() throws {
    let fetcher = HangingFetcher()
    let store = DocumentStore.forTests()
    let decorator = ProviderDecorator(
      providers("https://fanart.example", awaited: 200), store: store, fetcher: fetcher, gate: .forTests(),
      logger: logger)
    let source = TwoArtistAlbum()
    let catalog = Catalog(source: source, lookup: source, store: store, decorator: decorator, options: .init())
    let answer = try catalog.album(TwoArtistAlbum.album, by: .after(milliseconds: 60_000))
    #expect(answer.body != nil)
    #expect(fetcher.allowed.reduce(0, +) <= 200)
    #expect(fetcher.allowed.count == 1, "what has no time left is not begun")
    // The next request is another answer.
    let other: MBID = "f1eeb194-a5f7-31c9-adb5-d3b067cd22aa"
    let before = fetcher.allowed.count
    _ = decorator.decorations(
      of: [Artist(id: other, name: "B", sortName: "B")], by: .after(milliseconds: 60_000))
    #expect(fetcher.allowed.count == before + 1)
  }

  @Test func `a deadline that was made from another belongs to the same answer`() {
    let fetcher = HangingFetcher()
    let decorator = ProviderDecorator(
      providers("https://fanart.example", awaited: 100), store: .forTests(), fetcher: fetcher, gate: .forTests(),
      logger: logger)
    let deadline = Deadline.after(milliseconds: 60_000)
    for id in TwoArtistAlbum.artists {
      _ = decorator.decorations(
        of: [Artist(id: id, name: "A", sortName: "A")], by: deadline.orAfter(milliseconds: 30_000))
    }
    #expect(fetcher.allowed.count == 1)
  }
}
