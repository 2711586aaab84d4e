/// Why a source could not answer. Its text names the source and the reason, never an argument or a secret.
public struct SourceError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    /// Nothing answers there, or it has just failed and is left alone for a moment.
    case unavailable
    /// It did not answer by the deadline.
    case timedOut
    /// It answered with an error or with something that cannot be understood.
    case failed
    /// It answers, but holds no MusicBrainz data: "not found" from it means nothing.
    case empty
    /// Somebody has to set it up first; the text says how, and may be shown to anybody.
    case notSetUp
    /// It takes long, and as many wait already as may.
    case crowded
  }

  public var code: Code
  public var reason: String

  public init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  public var description: String { reason }
}
