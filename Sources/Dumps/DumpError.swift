internal import Dataset
internal import Glibc

/// Why a dataset cannot be built from dumps.
public struct DumpError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    /// A file cannot be opened, read or written.
    case inaccessible
    /// An archive is not what it should be, or not all of it.
    case damaged
    /// The archives do not go together, or are of a schema that this version does not know.
    case unsuitable
    /// Rows say what MusicBrainz' own rows never say.
    case contradictory
    /// Somebody asked to stop.
    case interrupted
  }

  public var code: Code
  public var description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// The error that a system call has just left.
  static func system(_ doing: String, _ path: String) -> DumpError {
    DumpError(.inaccessible, "\(path): cannot \(doing): \(String(cString: strerror(errno)))")
  }

  static let interrupted = DumpError(.interrupted, "interrupted; no file was written")
}

extension DumpError {
  /// What the writer of dataset files says.
  static func writing<Answer>(_ work: () throws(DatasetError) -> Answer) throws(DumpError) -> Answer {
    do throws(DatasetError) {
      return try work()
    } catch {
      throw DumpError(.inaccessible, error.description)
    }
  }
}
