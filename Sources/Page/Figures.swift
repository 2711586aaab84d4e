public import Core

/// Tells how the pool has done, for the page that people see.
public protocol PageFigures: AnyObject {
  /// - Returns: nil where nothing is counted, as in a process that answers one request.
  func figures() -> Figures?
}

/// What has been counted over the whole pool since some moment.
public struct Figures: Sendable {
  /// Since when there is something to count.
  public var since: UnixTime
  public var requests: Int
  /// Requests that were answered with a failure of this server's own.
  public var failures: Int
  /// Where documents were found, the nearest place first: a name, and how many.
  public var lookups: [(name: String, count: Int)]
  /// How long answers took, by kind of route: upper bounds in microseconds, rising, and how many took no longer than that
  /// and longer than the bound before. The last bound may be nil, for all that took longer.
  public var latencies: [Latency]

  public struct Latency: Sendable {
    public var name: String
    public var buckets: [(upTo: Int?, count: Int)]

    public init(name: String, buckets: [(upTo: Int?, count: Int)]) {
      self.name = name
      self.buckets = buckets
    }

    var count: Int { buckets.reduce(0) { $0 + max(0, $1.count) } }

    /// The bound that so many of a hundred stay below; nil when there are none, or it is beyond the last.
    func percentile(_ percent: Int) -> Int? {
      let total = count
      guard total > 0 else { return nil }
      var seen = 0
      for bucket in buckets {
        seen += max(0, bucket.count)
        if seen * 100 >= total * percent { return bucket.upTo }
      }
      return nil
    }
  }

  public init(
    since: UnixTime, requests: Int, failures: Int, lookups: [(name: String, count: Int)], latencies: [Latency]
  ) {
    self.since = since
    self.requests = requests
    self.failures = failures
    self.lookups = lookups
    self.latencies = latencies
  }
}
