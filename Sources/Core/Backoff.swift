/// Leaves something alone after it has failed, longer each time it fails again, so that not every request pays for it.
public struct Backoff: Sendable {
  private let shortest: UInt64
  private let longest: UInt64
  private var failures: UInt64 = 0
  private var closedUntil: UInt64 = 0

  /// - Parameters: the first pause and the longest, in milliseconds; each is twice the one before.
  public init(shortestMilliseconds: UInt64, longestMilliseconds: UInt64) {
    shortest = shortestMilliseconds * 1_000_000
    longest = longestMilliseconds * 1_000_000
  }

  /// Whether it is worth trying at `now`, in monotonic nanoseconds; the clock is read only after a failure.
  public func isOpen(at now: @autoclosure () -> UInt64 = Deadline.monotonicNanoseconds()) -> Bool {
    failures == 0 || now() >= closedUntil
  }

  public mutating func failed(at now: UInt64 = Deadline.monotonicNanoseconds()) {
    closedUntil = now + min(shortest << min(failures, 16), longest)
    failures += 1
  }

  public mutating func succeeded() {
    failures = 0
    closedUntil = 0
  }
}
