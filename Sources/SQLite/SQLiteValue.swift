public import Core

/// What stands for a `?` of a statement.
public enum SQLiteValue: Sendable {
  case null
  case int(Int64)
  case text(String)
  case blob([UInt8])
  /// Its 16 bytes, in network order.
  case id(MBID)
}

extension SQLiteValue: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int64) { self = .int(value) }
}
