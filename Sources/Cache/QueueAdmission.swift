/// Counts what is added to a ``BuildQueue`` at once against what it may hold. Pure, so that every store that can take a
/// step at a time decides alike.
public struct QueueAdmission {
  private var room: Int
  private var roomOfClient: Int

  /// - Parameters: how many builds there are, and how many of them are the client's.
  public init(_ policy: BuildQueuePolicy, _ reason: BuildReason, total: Int, ofClient: Int) {
    room = policy.most(for: reason) - total
    roomOfClient = policy.mostOfClient - ofClient
  }

  /// - Returns: why it is refused; nil if it is not.
  public mutating func add(isCharged: Bool) -> QueueOutcome? {
    room -= 1
    if isCharged { roomOfClient -= 1 }
    if room < 0 { return .full }
    return isCharged && roomOfClient < 0 ? .clientHasEnough : nil
  }

  /// Whether something that is there may be moved forward; if it is charged to the client, only while there is room.
  public mutating func raise(isCharged: Bool) -> Bool {
    guard isCharged else { return true }
    roomOfClient -= 1
    return roomOfClient >= 0
  }
}

extension BuildReason: Comparable {
  public static func < (left: BuildReason, right: BuildReason) -> Bool { left.rawValue < right.rawValue }

  /// Whether adding something for this reason moves it forward. Only people move what is at the end of the queue because
  /// it has failed too often.
  public func isBetter(than reason: BuildReason, rank: Int) -> Bool {
    self < reason || (self == .asked && rank > BuildReason.asked.rawValue)
  }
}
