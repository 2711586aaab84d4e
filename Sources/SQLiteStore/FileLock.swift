internal import Core
internal import Glibc

/// A lock that one process has, for what is done once to a whole file. The kernel gives it back when the process ends.
enum FileLock {
  /// Runs `work` while this process has the lock.
  ///
  /// - Parameter milliseconds: how long to wait for another process.
  /// - Returns: nil when the lock could not be had.
  static func holding<Answer, Failure: Error>(
    _ path: String, milliseconds: Int, _ work: () throws(Failure) -> Answer
  ) throws(Failure) -> Answer? {
    let file = FileNames.openOrMake(path)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let deadline = Deadline.after(milliseconds: milliseconds)
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, !deadline.hasPassed else { return nil }
      usleep(.random(in: 500...5_000))
    }
    return try work()
  }
}
