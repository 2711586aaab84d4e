/// A statement that a connection prepares once. Keep one object for each: connections find what they have prepared by
/// it.
public final class SQLiteStatement: Sendable {
  public let sql: String

  public init(_ sql: String) { self.sql = sql }

  public convenience init(_ sql: [UInt8]) { self.init(String(decoding: sql, as: UTF8.self)) }
}
