internal import Core
internal import Glibc

/// Waits for a lock that another process has.
final class BusyWait {
  var milliseconds = 0
  var pulse: Pulse?
  private var deadline = Deadline.after(milliseconds: 0)

  /// SQLite calls this again and again while the lock is taken.
  ///
  /// - Parameter attempt: how often it has called for this lock.
  /// - Returns: whether to try once more.
  func wait(attempt: Int32) -> Bool {
    if attempt == 0 {
      deadline = .after(milliseconds: milliseconds, awaited: pulse == nil)
      if let pulse { deadline = deadline.with(pulse) }
    }
    guard !deadline.hasPassed, deadline.beat() else { return false }
    // A write takes less than a millisecond. Processes that came together must not come back together.
    let most: UInt32 = attempt < 3 ? 1_000 : attempt < 10 ? 5_000 : 20_000
    usleep(.random(in: most / 4...most))
    return true
  }
}
