public import Cache
public import Core

/// The place of the one process of several that listens. A killed process loses it after a few seconds.
public final class StandbyPlace {
  private let coordination: any Coordination
  private let now: () -> UInt64
  private var lease: Lease?
  private var looked: UInt64?

  private static let name = "listener"
  private static let seconds: Int64 = 10
  private static let renewal: UInt64 = 2_000_000_000
  static let lookMilliseconds = 2_000

  /// - Parameter now: monotonic nanoseconds.
  public init(_ coordination: any Coordination, now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds) {
    self.coordination = coordination
    self.now = now
  }

  /// Takes the place or keeps it. Where nobody can tell who has it, whoever asks does.
  func take() -> Bool {
    let time = now()
    if let lease {
      guard let last = looked, time - last >= StandbyPlace.renewal else { return true }
      looked = time
      if coordination.renew(lease, seconds: StandbyPlace.seconds) { return true }
      self.lease = nil
    }
    looked = time
    switch coordination.acquire(StandbyPlace.name, seconds: StandbyPlace.seconds) {
    case .held(let held):
      lease = held
      return true
    case .unavailable: return true
    case .busy: return false
    }
  }

  func giveBack() {
    if let lease { coordination.release(lease) }
    lease = nil
  }
}
