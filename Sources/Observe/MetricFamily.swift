/// A metric with all its series, as Prometheus has it.
public struct MetricFamily: Sendable {
  public enum Kind: Sendable, Equatable {
    case counter
    /// Of each worker; those of the dead do not count.
    case gauge
    /// Upper bounds of its buckets, in nanoseconds. It is told in seconds.
    case histogram([UInt64])
  }

  /// One series: the values of the labels, and what StatsD calls it.
  struct Series: Sendable {
    var labels: [String]
    /// Names without the prefix; a counter or histogram may have several.
    var statsD: [String] = []
  }

  public let name: String
  public let help: String
  public let kind: Kind
  public let labels: [String]
  let series: [Series]
  /// Whether it is kept in the scoreboard. All others are found out when somebody asks.
  let isKept: Bool

  init(
    _ name: String, _ kind: Kind, _ labels: [String] = [], series: [Series] = [Series(labels: [])], isKept: Bool = true,
    _ help: String
  ) {
    self.name = name
    self.help = help
    self.kind = kind
    self.labels = labels
    self.series = isKept ? series : []
    self.isKept = isKept
  }

  /// How many words one series takes: a histogram has one for each bucket, one for what is beyond them, and the sum.
  var wordsPerSeries: Int {
    guard isKept else { return 0 }
    if case .histogram(let bounds) = kind { return bounds.count + 2 }
    return 1
  }

  public var typeName: String {
    switch kind {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }
}
