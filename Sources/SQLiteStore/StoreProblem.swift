internal import Core
public import SQLite

/// Why the store is not used, or not written to.
public enum StoreProblem: Error, Equatable, CustomStringConvertible {
  case failed(SQLiteFailure)
  case readOnly
  /// Its directory cannot be made, or the file in it.
  case cannotCreate(errno: Int32)
  case belowDocumentRoot
  case newerLayout(Int64)
  /// A database that another program made.
  case foreign
  /// Locks on a network file system keep nobody out.
  case locksDoNotWork
  /// Somebody reads for so long that the log only grows.
  case logTooLong
  /// Another process is laying it out and does not get done.
  case beingLaidOut

  public var description: String {
    switch self {
    case .failed(let failure): "\(failure)"
    case .readOnly: "it can only be read"
    case .cannotCreate(let code): "it cannot be created (errno \(code))"
    case .belowDocumentRoot: "it would be below DOCUMENT_ROOT, where the web server hands it out"
    case .newerLayout(let layout): "it has layout \(StoreLayout.text(layout)) of a newer version"
    case .foreign: "the file belongs to another program"
    case .locksDoNotWork: "locks do not work on its network file system"
    case .logTooLong: "somebody has been reading for so long that its log is too long"
    case .beingLaidOut: "another process is still laying it out"
    }
  }

  var sourceError: SourceError {
    let code: SourceError.Code =
      if case .failed(let failure) = self {
        switch failure.kind {
        case .busy, .stopped: .timedOut
        case .full, .readOnly, .cannotOpen, .io: .unavailable
        case .damaged, .failed: .failed
        }
      } else {
        .unavailable
      }
    return SourceError(code, "\(StoreFile.name): \(self)")
  }
}
