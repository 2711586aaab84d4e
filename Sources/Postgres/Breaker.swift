/// Leaves a server alone for a moment after it could not be reached, so that not every request waits for it.
struct Breaker {
  private let pauseNanoseconds: UInt64
  private var closesAt: UInt64 = 0
  private var reason = ""

  init(pauseMilliseconds: Int) { pauseNanoseconds = UInt64(pauseMilliseconds) * 1_000_000 }

  /// Why the server is left alone at `now`, in monotonic nanoseconds; nil when it may be tried.
  func reasonToWait(at now: UInt64) -> String? { now < closesAt ? reason : nil }

  mutating func failed(at now: UInt64, because reason: String) {
    closesAt = now + pauseNanoseconds
    self.reason = reason
  }
}
