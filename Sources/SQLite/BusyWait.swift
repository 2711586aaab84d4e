internal import Core
internal import Glibc

/// Waits for a lock that another process has.
final class BusyWait {
  private var milliseconds = 0
  private(set) var pulse: Pulse?
  private var deadline: Deadline?

  /// What it was told before is forgotten: a pulse may not outlive the work that it belongs to.
  func tell(milliseconds: Int, _ pulse: Pulse?) {
    self.milliseconds = milliseconds
    self.pulse = pulse
    deadline = nil
  }

  /// SQLite calls this again and again while the lock is taken.
  ///
  /// - Parameter attempt: how often it has called for this lock.
  /// - Returns: whether to try once more.
  func wait(attempt: Int32) -> Bool {
    if attempt == 0 {
      let limit = Deadline.after(milliseconds: milliseconds, awaited: pulse == nil)
      deadline = pulse.map { limit.with($0) } ?? limit
    }
    guard let deadline, !deadline.hasPassed, deadline.beat() else { return false }
    // A write takes less than a millisecond. Processes that came together must not come back together.
    let most: UInt32 = attempt < 3 ? 1_000 : attempt < 10 ? 5_000 : 20_000
    usleep(.random(in: most / 4...most))
    return true
  }
}
