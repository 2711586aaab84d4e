/// HTML. What stands in a literal of this source is markup; every string that is put into one is text, and is escaped. There
/// is no way to make markup of a string, so nothing can be forgotten.
///
///     let item: Markup = "<li class=\"artist\">\(name)</li>"
///
/// Links are written with `\(href: address)` and `\(src: address)`, which take an ``Address`` only.
public struct Markup: ExpressibleByStringInterpolation, Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  // A `StaticString` can only be a literal.
  public init(stringLiteral literal: StaticString) { bytes.append(contentsOf: literal.bytes) }

  public init(stringInterpolation interpolation: Interpolation) { bytes = interpolation.bytes }

  /// One behind the other.
  public init(_ parts: [Markup]) { for part in parts { append(part) } }

  public var isEmpty: Bool { bytes.isEmpty }

  public mutating func append(_ other: Markup) { bytes.append(contentsOf: other.bytes) }

  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var bytes: [UInt8] = []

    public init(literalCapacity: Int, interpolationCount: Int) {
      bytes.reserveCapacity(literalCapacity + interpolationCount * 16)
    }

    public mutating func appendLiteral(_ literal: StaticString) { bytes.append(contentsOf: literal.bytes) }

    public mutating func appendInterpolation(_ text: String) { bytes.append(escaping: text) }

    public mutating func appendInterpolation(_ number: Int) { bytes.append(contentsOf: String(number).utf8) }

    public mutating func appendInterpolation(_ markup: Markup) { bytes.append(contentsOf: markup.bytes) }

    public mutating func appendInterpolation(_ markup: Markup?) {
      if let markup { bytes.append(contentsOf: markup.bytes) }
    }

    public mutating func appendInterpolation(href address: Address) { append("href", address) }

    public mutating func appendInterpolation(src address: Address) { append("src", address) }

    public mutating func appendInterpolation(action address: Address) { append("action", address) }

    /// `name="…"`, where an address is data for a script.
    public mutating func appendInterpolation(data name: StaticString, _ address: Address) { append(name, address) }

    private mutating func append(_ name: StaticString, _ address: Address) {
      bytes.append(contentsOf: name.bytes)
      bytes.append(contentsOf: "=\"".utf8)
      bytes.append(escaping: address.text)
      bytes.append(UInt8(ascii: "\""))
    }
  }

  public typealias StringInterpolation = Interpolation
}

extension StaticString {
  fileprivate var bytes: [UInt8] { withUTF8Buffer { Array($0) } }
}

extension [UInt8] {
  /// Appends text that may stand between tags and in quoted attributes alike. A character that HTML forbids is replaced.
  fileprivate mutating func append(escaping text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "<"): append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): append(contentsOf: "&gt;".utf8)
      case UInt8(ascii: "\""): append(contentsOf: "&quot;".utf8)
      case UInt8(ascii: "'"): append(contentsOf: "&#39;".utf8)
      case 0x09, 0x0a: append(byte)
      case 0x0d: append(UInt8(ascii: " "))
      case 0x00..<0x20, 0x7f: append(contentsOf: "\u{fffd}".utf8)
      default: append(byte)
      }
    }
  }
}
