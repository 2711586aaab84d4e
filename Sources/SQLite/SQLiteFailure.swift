internal import CSQLite
internal import Glibc

/// Why SQLite did not do something. It knows the result code and our own words for it; SQLite's words may quote data
/// and paths.
public struct SQLiteFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// Another process held the lock for too long.
    case busy
    /// There is no room: the disk, a quota, or a limit of the process.
    case full
    /// The file or its directory cannot be written to.
    case readOnly
    /// It cannot be opened, or one of the files beside it.
    case cannotOpen
    /// What is in it is not what SQLite wrote.
    case damaged
    /// The file system failed.
    case io
    /// Somebody came while the work was done for nobody.
    case stopped
    /// Anything else, such as a table that is not there.
    case failed
  }

  public var kind: Kind
  /// SQLite's extended result code.
  public var code: Int32

  public init(_ kind: Kind, code: Int32) {
    self.kind = kind
    self.code = code
  }

  /// What a result code means. https://www.sqlite.org/rescode.html
  ///
  /// - Parameter systemError: errno of the call that failed.
  init(code: Int32, systemError: Int32) {
    let noRoom = [ENOSPC, EDQUOT, EFBIG].contains(systemError)
    let kind: Kind =
      switch code & 0xff {
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_FULL: .full
      // A page that the file should have is behind its end.
      case SQLITE_IOERR where code == SQLITE_IOERR | (2 << 8): .damaged
      // SQLite says "full" only for ENOSPC.
      case SQLITE_IOERR, SQLITE_CANTOPEN: noRoom ? .full : code & 0xff == SQLITE_IOERR ? .io : .cannotOpen
      case SQLITE_READONLY, SQLITE_PERM: .readOnly
      case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
      case SQLITE_INTERRUPT: .stopped
      default: .failed
      }
    self.init(kind, code: code)
  }

  public var description: String {
    let words =
      switch kind {
      case .busy: "another process kept it locked for too long"
      case .full: "the disk is full"
      case .readOnly: "it cannot be written to"
      case .cannotOpen: "it cannot be opened"
      case .damaged: "the file is damaged"
      case .io: "the file system failed"
      case .stopped: "somebody waits"
      case .failed: "the statement failed"
      }
    return "\(words) (SQLite \(code))"
  }
}
