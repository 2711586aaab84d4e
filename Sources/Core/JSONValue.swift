/// JSON that somebody else wrote. A missing member, or one of another type, reads as null, so that a path can be
/// followed to its end: `answer["query"]["pages"][0]["extract"].text`.
public enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// As it is written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Parses a whole text; nil if it is not JSON, is cut short, or is nested more than 100 levels deep.
  ///
  /// It is more lenient than RFC 8259, because music services are: it accepts raw control characters in strings,
  /// unknown escapes (they stand for the character behind the backslash), a byte order mark, and bytes that are not
  /// UTF-8 (they are replaced). Members with names of more than 200 bytes are left out.
  public init?(_ bytes: some Sequence<UInt8>) {
    let text = Array(bytes)
    let value = text.withUnsafeBufferPointer { buffer in
      var reader = Reader(text: buffer)
      return reader.document()
    }
    guard let value else { return nil }
    self = value
  }

  public subscript(key: String) -> JSONValue {
    if case .object(let members) = self { members[key] ?? .null } else { .null }
  }

  public subscript(index: Int) -> JSONValue {
    if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { .null }
  }

  /// The elements of a list; none for anything else.
  public var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// The members of an object; none for anything else.
  public var members: [String: JSONValue] {
    if case .object(let members) = self { members } else { [:] }
  }

  public var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// A whole number, also where it is written as a string.
  public var int: Int? {
    switch self {
    case .number(let text), .string(let text): Int(text)
    default: nil
    }
  }

  public var isNull: Bool { self == .null }
  public var isTrue: Bool { self == .boolean(true) }
  public var isObject: Bool { if case .object = self { true } else { false } }
  public var isArray: Bool { if case .array = self { true } else { false } }
}

extension JSONValue {
  private struct Reader {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0
    var depth = 0

    private static let deepest = 100
    /// Members with longer names are left out: strings are equal by their characters, and to hash some takes time that
    /// grows with the square of their length (megabytes of combining marks take minutes).
    private static let longestKey = 200

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    mutating func document() -> JSONValue? {
      if text.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
      guard let value = value() else { return nil }
      skipSpace()
      return position == text.count ? value : nil
    }

    private var current: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipSpace() {
      while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
      guard current == UInt8(ascii: byte) else { return false }
      position += 1
      return true
    }

    private mutating func value() -> JSONValue? {
      skipSpace()
      switch current {
      case UInt8(ascii: "{"): return nested { $0.object() }
      case UInt8(ascii: "["): return nested { $0.array() }
      case UInt8(ascii: "\""): return string().map { .string($0) }
      case UInt8(ascii: "t"): return literal("true") ? .boolean(true) : nil
      case UInt8(ascii: "f"): return literal("false") ? .boolean(false) : nil
      case UInt8(ascii: "n"): return literal("null") ? .null : nil
      default: return number()
      }
    }

    private mutating func nested(_ read: (inout Reader) -> JSONValue?) -> JSONValue? {
      guard depth < Reader.deepest else { return nil }
      depth += 1
      position += 1
      defer { depth -= 1 }
      return read(&self)
    }

    private mutating func object() -> JSONValue? {
      var members: [String: JSONValue] = [:]
      skipSpace()
      if take("}") { return .object(members) }
      while true {
        skipSpace()
        guard current == UInt8(ascii: "\""), let key = string() else { return nil }
        skipSpace()
        guard take(":"), let value = value() else { return nil }
        if key.utf8.count <= Reader.longestKey { members[key] = value }
        skipSpace()
        if take("}") { return .object(members) }
        guard take(",") else { return nil }
      }
    }

    private mutating func array() -> JSONValue? {
      var elements: [JSONValue] = []
      skipSpace()
      if take("]") { return .array(elements) }
      while true {
        guard let value = value() else { return nil }
        elements.append(value)
        skipSpace()
        if take("]") { return .array(elements) }
        guard take(",") else { return nil }
      }
    }

    private mutating func literal(_ word: StaticString) -> Bool {
      let length = word.utf8CodeUnitCount
      guard position + length <= text.count else { return false }
      for offset in 0..<length where text[position + offset] != word.utf8Start[offset] { return false }
      position += length
      return true
    }

    private mutating func number() -> JSONValue? {
      let start = position
      if current == UInt8(ascii: "-") { position += 1 }
      guard let first = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
      while let byte = current {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
          UInt8(ascii: "+"), UInt8(ascii: "-"):
          position += 1
        default: return .number(String(decoding: text[start..<position], as: UTF8.self))
        }
      }
      return .number(String(decoding: text[start..<position], as: UTF8.self))
    }

    private mutating func string() -> String? {
      position += 1
      let start = position
      while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
      guard let end = current else { return nil }
      if end == UInt8(ascii: "\"") {
        position += 1
        return String(decoding: text[start..<(position - 1)], as: UTF8.self)
      }
      var bytes = Array(text[start..<position])
      while let byte = current {
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
        case UInt8(ascii: "\\"): guard escape(into: &bytes) else { return nil }
        default: bytes.append(byte)
        }
      }
      return nil
    }

    private mutating func escape(into bytes: inout [UInt8]) -> Bool {
      guard let byte = current else { return false }
      position += 1
      switch byte {
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0c)
      case UInt8(ascii: "n"): bytes.append(0x0a)
      case UInt8(ascii: "r"): bytes.append(0x0d)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "u"):
        guard let unit = hexUnit() else { return false }
        bytes.append(contentsOf: scalar(beginning: unit).utf8)
      default: bytes.append(byte)
      }
      return true
    }

    /// The character that a `\u` escape begins; a surrogate without its other half is replaced.
    private mutating func scalar(beginning unit: UInt32) -> String {
      if (0xd800..<0xdc00).contains(unit) {
        let rest = position
        if take("\\"), take("u"), let low = hexUnit(), (0xdc00..<0xe000).contains(low),
          let pair = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
        {
          return String(pair)
        }
        position = rest
      }
      return String(Unicode.Scalar(unit) ?? "\u{fffd}")
    }

    private mutating func hexUnit() -> UInt32? {
      guard position + 4 <= text.count else { return nil }
      var unit: UInt32 = 0
      for _ in 0..<4 {
        guard let digit = ASCII.hexValue(text[position]) else { return nil }
        unit = unit << 4 | UInt32(digit)
        position += 1
      }
      return unit
    }
  }
}
