internal import Cache

/// A lease that its holder keeps although the place changes where leases are: while the shared tier is away, that is the
/// memory of the process. What was taken in one is not found in the other, and must not look like somebody else's there.
struct SteadyLease {
  private let coordination: any Coordination
  private let name: String
  private let seconds: Int64
  /// What this process has taken and may not have been able to give back, the last at the end.
  private var own: [Lease] = []

  /// One for each place, and for each of them one before.
  private static let mostOwn = 4

  init(_ coordination: any Coordination, _ name: String, seconds: Int64) {
    self.coordination = coordination
    self.name = name
    self.seconds = max(1, seconds)
  }

  var isHeld: Bool { coordination.isHeld(name) }

  /// Takes it, or keeps it. Where nobody can tell who has it, whoever asks does.
  ///
  /// - Returns: false while it is somebody else's.
  mutating func take() -> Bool {
    if let last = own.last, coordination.renew(last, seconds: seconds) { return true }
    switch coordination.acquire(name, seconds: seconds) {
    case .held(let lease):
      own = own.suffix(SteadyLease.mostOwn - 1) + [lease]
      return true
    case .unavailable: return true
    case .busy:
      guard let index = own.lastIndex(where: { coordination.renew($0, seconds: seconds) }) else { return false }
      own.append(own.remove(at: index))
      return true
    }
  }

  func giveBack() {
    for lease in own { coordination.release(lease) }
  }
}
