internal import Glibc
internal import SQLite

/// Whether a lock of SQLite's in a directory keeps another process out. On some network file systems it does not, and
/// two processes would damage the file.
public enum LockTest {
  /// - Parameter child: runs ``isKeptOut(of:)`` in another process and returns what it says; nil when it could not be
  ///   run.
  public static func passes(in directory: String, child: (_ path: String) -> Bool?) -> Bool {
    let path = "\(directory)/.lock-test-\(getpid())"
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    close(file)
    defer { for suffix in ["", "-journal"] { unlink(path + suffix) } }
    do throws(SQLiteFailure) {
      let connection = try SQLiteConnection(path: path)
      connection.wait(milliseconds: 1_000)
      try connection.execute("CREATE TABLE test (value)")
      // It has the lock while the child looks.
      let isKeptOut = try connection.writing { () throws(SQLiteFailure) in child(path) }
      return isKeptOut ?? false
    } catch {
      return false
    }
  }

  /// Whether somebody else has the lock for writing.
  public static func isKeptOut(of path: String) -> Bool {
    do throws(SQLiteFailure) {
      let connection = try SQLiteConnection(path: path)
      connection.wait(milliseconds: 0)
      try connection.writing { () throws(SQLiteFailure) in }
      return false
    } catch {
      return error.kind == .busy
    }
  }
}
