internal import Core
internal import Metadata

/// How long a request may take, and what every handler does with that.
public struct Limits: Sendable {
  /// Milliseconds.
  public var requestDeadline: Int

  public init(requestDeadline: Int) { self.requestDeadline = requestDeadline }

  /// Asks with the deadline of a request; the failure of a source becomes that of the request.
  func deadlined<Answer>(
    _ ask: (Deadline) throws(SourceError) -> Answer
  ) throws(Failure) -> Answer {
    do throws(SourceError) {
      return try ask(.after(milliseconds: requestDeadline))
    } catch {
      throw .source(error)
    }
  }
}

extension MBID {
  /// The id in a path, or the failure that the client knows as a malformed one.
  static func required(_ text: String) throws(Failure) -> MBID {
    guard let id = MBID(text) else { throw .invalidUUID }
    return id
  }
}

extension Response {
  static let success = Response(.json(Array(#"{"success":true}"#.utf8)), caching: .none)
}
