public import CoreMetrics

/// What swift-metrics counts with: words of this worker's part of the scoreboard, or of its own memory where there is
/// none. To count costs an addition.
///
/// There are only the metrics of ``MetricCatalog``; all others are not counted.
public final class SharedMetrics: MetricsFactory {
  private let words: SharedWords
  private let statsD: StatsDBuffer?

  init(_ words: Words, statsD: StatsDBuffer?) {
    self.words = SharedWords(words)
    self.statsD = statsD
  }

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    guard let place = MetricCatalog.place(label, dimensions) else { return NOOPMetricsHandler.instance }
    return SharedCounter(words: words, index: place.start)
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    guard let place = MetricCatalog.place(label, dimensions), case .histogram(let bounds) = place.family.kind else {
      return NOOPMetricsHandler.instance
    }
    return SharedHistogram(words: words, start: place.start, bounds: bounds, statsD: statsD)
  }

  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard !aggregate, let place = MetricCatalog.place(label, dimensions) else { return NOOPMetricsHandler.instance }
    return SharedGauge(words: words, index: place.start)
  }

  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
}

/// Atomic words, of which only this process writes, and of its threads only the one that serves.
// @unchecked: every word is read and written atomically.
struct SharedWords: @unchecked Sendable {
  let words: Words

  init(_ words: Words) { self.words = words }
}

private final class SharedCounter: CounterHandler {
  private let words: SharedWords
  private let index: Int

  init(words: SharedWords, index: Int) {
    self.words = words
    self.index = index
  }

  func increment(by amount: Int64) { words.words.add(UInt64(max(0, amount)), to: index) }

  /// What others have read may not fall.
  func reset() {}
}

private final class SharedGauge: RecorderHandler {
  private let words: SharedWords
  private let index: Int

  init(words: SharedWords, index: Int) {
    self.words = words
    self.index = index
  }

  func record(_ value: Int64) { words.words[index] = UInt64(max(0, value)) }
  func record(_ value: Double) { words.words[index] = value > 0 ? UInt64(min(value, 1e18)) : 0 }
}

/// Counts how many times are in each bucket, and sums them.
final class SharedHistogram: TimerHandler {
  private let words: SharedWords
  private let start: Int
  private let bounds: [UInt64]
  private let statsD: StatsDBuffer?

  init(words: SharedWords, start: Int, bounds: [UInt64], statsD: StatsDBuffer?) {
    self.words = words
    self.start = start
    self.bounds = bounds
    self.statsD = statsD
  }

  func recordNanoseconds(_ duration: Int64) {
    let nanoseconds = UInt64(max(0, duration))
    var bucket = 0
    while bucket < bounds.count, nanoseconds > bounds[bucket] { bucket += 1 }
    words.words.add(1, to: start + bucket)
    words.words.add(nanoseconds, to: start + bounds.count + 1)
    statsD?.note(start, nanoseconds)
  }
}
