public import Core

/// The places for clients that wait for what takes long to build, of all processes together. Most of a pool stays free
/// for answers that are there.
///
/// Of one process, which answers one request at a time. A place is a lease, so a killed process gives it back as well.
public final class WaitingRoom: Waiting {
  private let coordination: any Coordination
  private let places: Int
  private var place: LeaseOutcome?

  private static let leaseSeconds: Int64 = 3
  private static let renewMilliseconds = 500

  /// - Parameter places: how many there are, at least 1.
  public init(_ coordination: any Coordination, places: Int) {
    self.coordination = coordination
    self.places = max(1, places)
  }

  /// Takes a place, unless this process has one.
  public func mayWait() -> Bool {
    guard place == nil else { return true }
    for number in 0..<places {
      let outcome = coordination.acquire("wait:\(number)", seconds: WaitingRoom.leaseSeconds)
      if case .busy = outcome { continue }
      place = outcome
      return true
    }
    return false
  }

  /// The deadline of a client, which keeps its place while it waits.
  ///
  /// - Parameter isStopping: whether nobody is to wait any longer, because the process has been told to end.
  public func deadline(milliseconds: Int, isStopping: @escaping () -> Bool = { false }) -> Deadline {
    let pulse = Pulse(every: WaitingRoom.renewMilliseconds) { [weak self] in
      self?.renew()
      return !isStopping()
    }
    return .after(milliseconds: milliseconds).with(pulse).with(self)
  }

  private func renew() {
    guard case .held(let lease) = place else { return }
    _ = coordination.renew(lease, seconds: WaitingRoom.leaseSeconds)
  }

  /// Gives the place back.
  public func leave() {
    if case .held(let lease) = place { coordination.release(lease) }
    place = nil
  }
}
