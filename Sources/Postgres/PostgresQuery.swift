public import Core

/// A statement that a connection prepares before it uses it for the first time.
public struct PostgresStatement: Sendable {
  public var name: String
  public var sql: String

  public init(_ name: String, _ sql: [UInt8]) {
    self.name = name
    self.sql = String(decoding: sql, as: UTF8.self)
  }
}

/// A statement with its parameters.
public struct PostgresQuery: Sendable {
  public var statement: PostgresStatement
  public var parameters: [PostgresParameter] = []
  /// Whether its rows are received one at a time, while the server still looks for others. That costs half a
  /// microsecond a row and keeps none of them in memory; without it they come all at once.
  public var isStreamed = false

  public init(_ statement: PostgresStatement, _ parameters: PostgresParameter...) {
    self.statement = statement
    self.parameters = parameters
  }
}

public enum PostgresParameter: Sendable {
  case uuid(MBID)
  case uuids([MBID])
  case texts([String])
  case text(String)
  case int8(Int64)
  case bytes([UInt8])
  case int8s([Int64])
  case byteStrings([[UInt8]])

  func append(to bytes: inout [UInt8]) {
    switch self {
    case .uuid(let id):
      PostgresBinary.append(id.high, to: &bytes)
      PostgresBinary.append(id.low, to: &bytes)
    case .uuids(let ids): PostgresBinary.append(ids, to: &bytes)
    case .texts(let texts): PostgresBinary.append(texts, to: &bytes)
    case .text(let text): bytes.append(contentsOf: text.utf8)
    case .int8(let value): PostgresBinary.append(value, to: &bytes)
    case .bytes(let value): bytes.append(contentsOf: value)
    case .int8s(let values): PostgresBinary.append(values, to: &bytes)
    case .byteStrings(let values): PostgresBinary.append(values, to: &bytes)
    }
  }
}
