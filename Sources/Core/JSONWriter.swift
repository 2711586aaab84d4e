/// Appends JSON to a byte array. It keeps no state: the caller places the commas.
public struct JSONWriter {
  public private(set) var bytes: [UInt8] = []

  public init(reservingCapacity capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// Appends text as it stands: punctuation, keys, literals.
  public mutating func raw(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a quoted string. Quotes, backslashes and control characters are escaped; all else stays UTF-8.
  public mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { append(escaping: $0) }
    bytes.append(UInt8(ascii: "\""))
  }

  public mutating func string(_ text: String?) {
    if let text { string(text) } else { raw("null") }
  }

  public mutating func mbid(_ id: MBID) {
    bytes.append(UInt8(ascii: "\""))
    id.appendText(to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// Appends a number, with zeros before it if it has fewer digits than that (19 at most).
  public mutating func integer(_ value: Int, digits: Int = 1) {
    ASCII.withDigits(of: value.magnitude, atLeast: digits, isNegative: value < 0) { bytes.append(contentsOf: $0) }
  }

  public mutating func boolean(_ value: Bool) {
    if value { raw("true") } else { raw("false") }
  }

  /// Appends `[…]` with a comma between the elements that `element` writes.
  @inlinable public mutating func array<Elements: Sequence>(
    _ elements: Elements, _ element: (inout JSONWriter, Elements.Element) -> Void
  ) {
    raw("[")
    for (index, value) in elements.enumerated() {
      if index > 0 { raw(",") }
      element(&self, value)
    }
    raw("]")
  }

  public mutating func strings(_ values: [String]) { array(values) { $0.string($1) } }
  public mutating func mbids(_ values: [MBID]) { array(values) { $0.mbid($1) } }

  /// Appends what was read from elsewhere. Members come in any order.
  public mutating func value(_ value: JSONValue) {
    switch value {
    case .null: raw("null")
    case .boolean(let flag): boolean(flag)
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .string(let text): string(text)
    case .array(let elements): array(elements) { $0.value($1) }
    case .object(let members):
      raw("{")
      for (index, member) in members.enumerated() {
        if index > 0 { raw(",") }
        string(member.key)
        raw(":")
        self.value(member.value)
      }
      raw("}")
    }
  }

  private mutating func append(escaping text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for index in text.indices {
      let byte = text[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      bytes.append(contentsOf: text[start..<index])
      start = index + 1
      switch byte {
      case UInt8(ascii: "\""): raw(#"\""#)
      case UInt8(ascii: "\\"): raw(#"\\"#)
      case 0x08: raw(#"\b"#)
      case 0x09: raw(#"\t"#)
      case 0x0a: raw(#"\n"#)
      case 0x0c: raw(#"\f"#)
      case 0x0d: raw(#"\r"#)
      default:
        raw(#"\u00"#)
        bytes.append(ASCII.hexDigit(byte >> 4))
        bytes.append(ASCII.hexDigit(byte & 0xf))
      }
    }
    bytes.append(contentsOf: text[start...])
  }
}
