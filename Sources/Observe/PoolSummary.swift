public import Core

/// What the pool has done since it began, in the few numbers that people look at.
public struct PoolSummary: Sendable {
  public struct Latency: Sendable {
    public var route: RequestRoute
    /// Upper bounds in nanoseconds, rising, and how many took no longer than that and longer than the bound before; nil for
    /// all beyond.
    public var buckets: [(upTo: UInt64?, count: UInt64)]
  }

  public var started: UnixTime
  /// Requests answered, and those of them that say that something here has failed.
  public var requests: UInt64
  public var failures: UInt64
  /// How many documents were found in each tier.
  public var found: [(tier: String, count: UInt64)]
  /// How many were in none.
  public var missing: UInt64
  public var latencies: [Latency]
}

extension Scoreboard {
  /// - Parameter routes: whose latencies are wanted.
  public func summary(of routes: [RequestRoute]) -> PoolSummary {
    let sums = sums()
    let answered = MetricCatalog.series(of: MetricCatalog.requestDuration)
    func count(where isMeant: ([String]) -> Bool) -> UInt64 {
      answered.filter { isMeant($0.0.labels) }.reduce(0) {
        $0 &+ MetricCatalog.count(MetricCatalog.requestDuration, sums, $1.1)
      }
    }
    func counts(_ family: MetricFamily, _ result: String) -> [(labels: [String], count: UInt64)] {
      MetricCatalog.series(of: family).filter { $0.0.labels.last == result }.map { ($0.0.labels, sums[$0.1]) }
    }
    return PoolSummary(
      started: started, requests: count { _ in true }, failures: count { $0.last == "5xx" },
      found: counts(MetricCatalog.lookups, "hit").map { ($0.labels[0], $0.count) },
      missing: counts(MetricCatalog.documents, "miss").reduce(0) { $0 &+ $1.count },
      latencies: routes.map { route in
        let starts = answered.filter { $0.0.labels.first == route.name }.map(\.1)
        return .init(route: route, buckets: MetricCatalog.buckets(MetricCatalog.requestDuration, sums, starts))
      })
  }
}

extension MetricCatalog {
  /// The buckets of several series of a histogram together.
  fileprivate static func buckets(
    _ family: MetricFamily, _ sums: [UInt64], _ starts: [Int]
  ) -> [(upTo: UInt64?, count: UInt64)] {
    guard case .histogram(let bounds) = family.kind else { return [] }
    return (bounds.map { $0 } + [nil]).enumerated().map { index, bound in
      (bound, starts.reduce(0) { $0 &+ sums[$1 + index] })
    }
  }
}
