internal import Core

/// Why the broker did not do what it was asked. The text has neither a password nor a message.
struct RabbitFailure: Error, Equatable, CustomStringConvertible {
  enum Kind: Equatable {
    /// The connection is of no more use.
    case connection
    /// The broker refused one thing, and with it the channel that asked: the connection goes on.
    case refused(code: Int)
  }

  var kind: Kind
  var description: String

  /// There is no such exchange or queue.
  static let notFound = 404
  /// It is there, and not as it was declared.
  static let otherwiseDeclared = 406
  /// The user may not do that.
  static let forbidden = 403

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// The broker's words may be long, and in any encoding.
  static func words(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix(200).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }

  var sourceError: SourceError { SourceError(.unavailable, "RabbitMQ: \(self)") }
}
