import Cache
import Core
import Documents
import HTTP
import Logging
import Metadata
import Settings
import Testing

@testable import Providers

// What a new provider takes: a file such as this part of it …

extension CacheKey.Kind {
  fileprivate static let sleeves = CacheKey.Kind("sleeves")
}

/// Pictures of albums by MBID, in one request.
private struct Sleeves: Upstream {
  let name = "sleeves"
  let kind = CacheKey.Kind.sleeves
  let service: HTTPService
  let seconds: Int64 = 3_600
  let limit: Int? = 1
  private let baseURL: String

  /// Its rows in the settings table would be its own; this test borrows one.
  init?(_ settings: Settings) {
    guard let origin = Origin(of: settings.coverArtArchive.baseURL) else { return nil }
    baseURL = settings.coverArtArchive.baseURL
    service = HTTPService(origins: [origin])
  }

  func question(about subject: Subject) -> Question? {
    subject.kind == .album ? Question(.sleeves, subject.id) : nil
  }

  func step(_ question: Question, after answers: [HTTPResponse]) throws(UpstreamError) -> Step {
    guard let answer = answers.last else { return .ask(HTTPRequest("\(baseURL)/\(question.name)")) }
    guard let picture = try answer.json()["cover"].url.flatMap({ Picture(.cover, $0) }) else { return .absent }
    return .found(Finding(pictures: [picture]))
  }
}

@Suite struct OneFileProviderTests {
  // … and its line in the list.
  static let all: [ProviderList.Maker] = ProviderList.all + [{ Sleeves($0) }]

  let fetcher = ScriptedFetcher()
  let logger = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }

  func settings(_ environment: [String: String] = [:]) throws -> Settings {
    try Settings.load(environment: environment, file: nil)
  }

  func decoration(
    of id: MBID, _ providers: ProviderList, _ gate: Gate
  ) -> Decoration? {
    ProviderDecorator(providers, store: .forTests(), fetcher: fetcher, gate: gate, logger: logger).decorations(
      of: [Album(id: id, title: "A", artistID: FanartTVTests.snoopDogg)], by: .after(milliseconds: 60_000))[id]
  }

  @Test func `a provider of one file and one line is asked, limited and shown`() throws {
    let settings = try settings(["COVER_ART_ARCHIVE_BASE_URL": "https://sleeves.example", "RATE_LIMITER": "simple"])
    let providers = ProviderList(settings, of: Self.all)
    let gate = Gate(settings, providers, TierCoordination(shared: nil, namespace: "t"))
    fetcher.script = { _ in .success(.text(#"{"cover":"https://sleeves.example/a.jpg"}"#)) }
    let found = try #require(decoration(of: FanartTVTests.surrender, providers, gate))
    #expect(found.pictures == [Picture(.cover, "https://sleeves.example/a.jpg")].compactMap(\.self))
    #expect(found.isComplete)
    #expect(fetcher.requests.map(\.url) == ["https://sleeves.example/\(FanartTVTests.surrender)"])

    // Its limit is one request, and the next would be a second.
    let other = try #require(
      decoration(of: "f1eeb194-a5f7-31c9-adb5-d3b067cd22aa", providers, gate))
    #expect(!other.isComplete && other.pictures.isEmpty)
    #expect(fetcher.requests.count == 1)
    #expect(providers.generation.contains("sleeves"), "documents that were made without it are not used")
  }

  @Test func `the settings decide which providers there are, and the list in what order`() throws {
    #expect(try ProviderList(settings()).upstreams.map(\.name) == ["wikipedia", "commons", "caa"])
    let all = try ProviderList(
      settings(["FANART_API_KEY": "f", "THEAUDIODB_API_KEY": "t", "WIKIPEDIA__LANGUAGES": "en,de"]))
    #expect(all.upstreams.map(\.name) == ["fanart", "wikipedia", "tadb", "commons", "caa"])
    #expect(all.generation == "fanart,wikipedia,tadb,commons,caa,en,de")
    let without = try ProviderList(settings(["COVER_ART_ARCHIVE_API_URL": ""]))
    #expect(without.upstreams.map(\.name) == ["wikipedia", "commons"])
  }

  @Test func `each provider has the limit that is set for it, and the common one else`() throws {
    let settings = try settings([
      "RATE_LIMITER": "simple", "RATE_LIMIT_REQUESTS": "3", "RATE_LIMIT_REQUESTS__COMMONS": "1",
      "RATE_LIMIT_REQUESTS__SPOTIFY": "2", "RATE_LIMIT_REQUESTS__LASTFM": "1", "RATE_LIMIT_REQUESTS__CAA": "2",
    ])
    let gate = Gate(settings, ProviderList(settings), TierCoordination(shared: nil, namespace: "t"))
    for (name, limit) in [("wikipedia", 3), ("commons", 1), ("spotify", 2), ("lastfm", 1), ("apple", 3), ("caa", 2)] {
      #expect((0..<5).count { _ in gate.admit(name) } == limit)
    }
  }
}
