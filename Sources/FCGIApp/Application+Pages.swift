internal import Core
internal import Handlers
internal import Observe
internal import Page
internal import Settings

/// What people see in a browser.
extension Application {
  static func pages(_ settings: Settings, _ observation: WorkerObservation?) -> PageOptions {
    let board = observation?.board
    // A CGI script has no past.
    let began = environment["GATEWAY_INTERFACE"] == nil ? processBegan : nil
    return PageOptions(
      images: images(settings), source: source(settings), since: board?.started ?? began,
      figures: board.map { PoolFigures($0) })
  }

  private static let processBegan = UnixTime.now

  /// Pictures come from the image cache, or else from where the providers keep them.
  private static func images(_ settings: Settings) -> ImagePolicy {
    if let cache = settings.imageCacheHost { return ImagePolicy(sources: [cache]) }
    var sources = ImagePolicy.providers.sources
    // A mirror of the Cover Art Archive, or whatever stands in for it.
    let archive = settings.coverArtArchive.baseURL
    if let scheme = archive.firstRange(of: "://") {
      let host = String(archive[scheme.upperBound...].prefix { $0 != "/" })
      if !host.isEmpty, !sources.contains(host) { sources.append(host) }
    }
    return ImagePolicy(sources: sources)
  }

  private static func source(_ settings: Settings) -> String {
    let source = settings.musicBrainz.source == .database ? "MusicBrainz database" : "MusicBrainz’ web service"
    return settings.dataset == nil ? source : "\(source), and a dataset file"
  }
}

/// What the scoreboard has counted over the pool.
private final class PoolFigures: PageFigures {
  private let board: Scoreboard

  private static let routes: [(route: RequestRoute, name: String)] = [
    (.artist, "Artists"), (.album, "Albums"), (.search, "Searches"),
  ]

  init(_ board: Scoreboard) { self.board = board }

  func figures() -> Figures? {
    let summary = board.summary(of: PoolFigures.routes.map(\.route))
    let found = summary.found.filter { $0.count > 0 }.map { (PoolFigures.name(of: $0.tier), Int(clamping: $0.count)) }
    return Figures(
      since: summary.started, requests: Int(clamping: summary.requests), failures: Int(clamping: summary.failures),
      lookups: found + [("nowhere", Int(clamping: summary.missing))],
      latencies: zip(summary.latencies, PoolFigures.routes).map { latency, route in
        .init(
          name: route.name,
          buckets: latency.buckets.map { bucket in
            (bucket.upTo.map { Int(clamping: $0 / 1_000) }, Int(clamping: bucket.count))
          })
      })
  }

  private static func name(of tier: String) -> String {
    switch tier {
    case "sqlite": "SQLite"
    case "postgresql": "PostgreSQL"
    default: tier
    }
  }
}
