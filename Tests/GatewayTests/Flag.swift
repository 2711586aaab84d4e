import Foundation

/// Something that one thread says and another sees.
final class Flag: Sendable {
  private let condition = NSCondition()
  // Guarded by the condition's lock.
  nonisolated(unsafe) private var value = 0

  var isSet: Bool { count > 0 }
  var count: Int { condition.withLock { value } }

  func set() {
    condition.withLock {
      value += 1
      condition.broadcast()
    }
  }

  /// - Returns: whether it was set so many times within a time that is long enough for a machine under load.
  @discardableResult func wait(times: Int = 1) -> Bool {
    let end = Date(timeIntervalSinceNow: 30)
    return condition.withLock {
      while value < times { guard condition.wait(until: end) else { return false } }
      return true
    }
  }
}
