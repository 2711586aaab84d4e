internal import Cache
internal import Core

/// The right to invalidate, which one process has at a time. Whoever has it renews it; a killed process never gives it back,
/// and another gets it when its time is over.
///
/// It saves work and no more: two that invalidate at the same time do no harm.
struct InvalidationLease {
  private let coordination: any Coordination
  private let seconds: Int64
  private let now: () -> UInt64
  private var lease: SteadyLease
  private var isTaken = false
  private var renewed: UInt64 = 0

  private static let name = "invalidation"
  private static let sinceName = "invalidation-since"
  private static let wantedName = "invalidation-wanted"
  /// Nothing that is told or wanted is for longer, in seconds.
  private static let longest: Int64 = 86_400

  /// - Parameters:
  ///   - seconds: how long it lives without its holder.
  ///   - now: monotonic nanoseconds.
  init(_ coordination: any Coordination, seconds: Int64, now: @escaping () -> UInt64) {
    self.coordination = coordination
    self.seconds = max(1, seconds)
    self.now = now
    lease = SteadyLease(coordination, InvalidationLease.name, seconds: seconds)
  }

  /// Whether somebody has it.
  var isHeld: Bool { lease.isHeld }

  /// Since when somebody has had it.
  var since: UnixTime? {
    coordination.counts([InvalidationLease.sinceName])[0].flatMap { Int64(exactly: $0) }.map(UnixTime.init(seconds:))
  }

  /// - Returns: false while somebody else has it.
  mutating func take(at time: UnixTime) -> Bool {
    if isTaken { return renew() }
    guard lease.take() else { return false }
    isTaken = true
    renewed = now()
    coordination.forget([InvalidationLease.sinceName])
    _ = coordination.count(
      InvalidationLease.sinceName, by: UInt64(max(0, time.seconds)), seconds: InvalidationLease.longest)
    return true
  }

  /// Renews it if that is due.
  ///
  /// - Returns: false when it has become somebody else's.
  mutating func renew() -> Bool {
    guard isTaken else { return false }
    let time = now()
    guard time - renewed >= UInt64(seconds) * 1_000_000_000 / 4 else { return true }
    renewed = time
    isTaken = lease.take()
    return isTaken
  }

  mutating func giveBack() {
    guard isTaken else { return }
    // Whoever is kept out later, by a process that died, must not be told of this run.
    coordination.forget([InvalidationLease.sinceName])
    lease.giveBack()
    isTaken = false
  }

  // MARK: - What is left to be done

  /// Whether somebody has begun what nobody has finished.
  var isWanted: Bool { coordination.counts([InvalidationLease.wantedName])[0] != nil }

  func want() {
    _ = coordination.count(InvalidationLease.wantedName, by: 1, seconds: InvalidationLease.longest)
  }

  func wantNoMore() { coordination.forget([InvalidationLease.wantedName]) }
}
