internal import Glibc

/// Why a dataset file cannot be read or written.
public struct DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    /// The file cannot be opened, read or written.
    case inaccessible
    /// It is no dataset file.
    case foreign
    /// It has a layout that this version does not know.
    case unknownLayout
    /// Some of it is not as it was written.
    case damaged
    /// It lacks what it is needed for.
    case unsuitable
    /// Where its documents come from, or go to, did not answer.
    case source
    /// Somebody asked to stop.
    case interrupted
  }

  public var code: Code
  public var description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Of a command that was not given what it needs.
  public init(missing description: String) { self.init(.unsuitable, description) }

  /// The error that a system call has just left.
  static func system(_ doing: String, _ path: String) -> DatasetError {
    DatasetError(.inaccessible, "\(path): cannot \(doing): \(String(cString: strerror(errno)))")
  }
}
