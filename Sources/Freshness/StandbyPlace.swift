public import Cache
public import Core

/// The place of the one process of several that listens. A killed process loses it after a few seconds.
public final class StandbyPlace {
  private let now: () -> UInt64
  private var lease: SteadyLease
  private var looked: UInt64?
  private var isTaken = false

  private static let name = "listener"
  private static let seconds: Int64 = 10
  private static let renewal: UInt64 = 2_000_000_000
  static let lookMilliseconds = 2_000

  /// - Parameter now: monotonic nanoseconds.
  public init(_ coordination: any Coordination, now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds) {
    self.now = now
    lease = SteadyLease(coordination, StandbyPlace.name, seconds: StandbyPlace.seconds)
  }

  /// Takes the place or keeps it, unless somebody else has it.
  func take() -> Bool {
    let time = now()
    if isTaken, let looked, time - looked < StandbyPlace.renewal { return true }
    looked = time
    isTaken = lease.take()
    return isTaken
  }

  func giveBack() {
    lease.giveBack()
    isTaken = false
  }
}
