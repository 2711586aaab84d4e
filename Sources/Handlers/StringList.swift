internal import Core

/// Reads the one kind of JSON that clients send: a list of strings.
enum StringList {
  /// - Returns: nil for anything that is not exactly that.
  static func parse(_ bytes: [UInt8]) -> [String]? {
    var reader = Reader(rest: bytes[...])
    guard reader.next("[") else { return nil }
    var texts: [String] = []
    if !reader.next("]") {
      repeat {
        guard let text = reader.string() else { return nil }
        texts.append(text)
      } while reader.next(",")
      guard reader.next("]") else { return nil }
    }
    reader.skipSpace()
    return reader.rest.isEmpty ? texts : nil
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func skipSpace() {
      rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    }

    mutating func next(_ mark: Unicode.Scalar) -> Bool {
      skipSpace()
      guard let first = rest.first, UInt32(first) == mark.value else { return false }
      rest.removeFirst()
      return true
    }

    mutating func string() -> String? {
      guard next("\"") else { return nil }
      var units: [UInt8] = []
      while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "\""): return String(validating: units, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard let scalar = escape() else { return nil }
          units.append(contentsOf: Array(String(Character(scalar)).utf8))
        case ..<0x20: return nil
        default: units.append(byte)
        }
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      switch rest.popFirst() {
      case UInt8(ascii: "\""): return "\""
      case UInt8(ascii: "\\"): return "\\"
      case UInt8(ascii: "/"): return "/"
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{c}"
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "u"):
        let digits = rest.prefix(4).compactMap(ASCII.hexValue)
        guard digits.count == 4 else { return nil }
        rest = rest.dropFirst(4)
        // Halves of surrogate pairs do not make an id.
        return Unicode.Scalar(digits.reduce(UInt32(0)) { $0 << 4 | UInt32($1) })
      default: return nil
      }
    }
  }
}
