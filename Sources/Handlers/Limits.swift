internal import Core
internal import Metadata

/// What every handler keeps to: how long a request may take, and who may have things computed anew.
public struct Limits: Sendable {
  public enum Refreshing: Sendable {
    case anybody
    /// Whoever sends the key; nobody when there is none.
    case key(String?)
  }

  /// Milliseconds.
  public var requestDeadline: Int
  public var refreshing: Refreshing

  public init(requestDeadline: Int, refreshing: Refreshing = .anybody) {
    self.requestDeadline = requestDeadline
    self.refreshing = refreshing
  }

  /// Lets a request through that may have something computed anew.
  func admitRefresh(_ request: Request) throws(Failure) {
    guard case .key(let key) = refreshing else { return }
    guard let key, let sent = request.key, sent.utf8.count == key.utf8.count,
      // All bytes are compared, so that the time tells nothing of how many are right.
      zip(sent.utf8, key.utf8).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0
    else { throw .unauthorized }
  }

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
