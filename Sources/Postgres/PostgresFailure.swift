public import Core

/// Why the database did not answer. It knows the SQLSTATE and our own words for it; the server's words may quote data.
public struct PostgresFailure: Error, Equatable, Sendable {
  public enum Kind: Sendable {
    /// No connection could be made.
    case unreachable
    /// A connection that was there is gone.
    case connectionLost
    /// Not by the deadline.
    case timedOut
    /// The server answered with an error.
    case refused
    /// The server's answer makes no sense.
    case misunderstood
    /// There is no data.
    case empty
  }

  public var kind: Kind
  public var sqlState: String?
  public var reason: String

  public init(_ kind: Kind, _ reason: String, sqlState: String? = nil) {
    self.kind = kind
    self.sqlState = sqlState
    self.reason = reason
  }

  /// Without libpq no server can be reached.
  init(_ failure: LibraryFailure) { self.init(.unreachable, failure.description) }

  /// What the server's error means. https://www.postgresql.org/docs/current/errcodes-appendix.html
  init(sqlState: String) {
    let kind: Kind
    let reason: String
    switch sqlState {
    case "3F000", "42P01": (kind, reason) = (.refused, "tables or their schema are missing")
    case "42703", "42704", "42883": (kind, reason) = (.refused, "the schema is not of a supported version")
    case "42501": (kind, reason) = (.refused, "no permission")
    case "3D000": (kind, reason) = (.refused, "no such database")
    case "57014": (kind, reason) = (.timedOut, "the server cancelled the query")
    case "57P01", "57P02": (kind, reason) = (.connectionLost, "the server shut down")
    case "57P03": (kind, reason) = (.unreachable, "the server is starting up or shutting down")
    case _ where sqlState.hasPrefix("08"): (kind, reason) = (.connectionLost, "the connection was lost")
    case _ where sqlState.hasPrefix("28"): (kind, reason) = (.refused, "user or password not accepted")
    case _ where sqlState.hasPrefix("53"): (kind, reason) = (.unreachable, "the server is out of connections or memory")
    default: (kind, reason) = (.refused, "the query failed")
    }
    self.init(kind, reason, sqlState: sqlState)
  }

  /// Whether the kept connection is to blame rather than the server or the question, so that a new one may do better.
  var blamesConnection: Bool {
    if kind == .connectionLost { return true }
    switch sqlState {
    // The prepared statement is gone (a pooler reset the session) or its tables were altered under it.
    case "26000", "0A000": return true
    // A standby had to apply changes that the query stood in the way of.
    case "40001": return true
    default: return false
    }
  }

  /// The failure as that of a source, which is called by `name`.
  public func sourceError(of name: String) -> SourceError {
    let code: SourceError.Code =
      switch kind {
      case .unreachable, .connectionLost: .unavailable
      case .timedOut: .timedOut
      case .refused, .misunderstood: .failed
      case .empty: .empty
      }
    return SourceError(code, "\(name): \(reason)" + (sqlState.map { " (\($0))" } ?? ""))
  }
}
