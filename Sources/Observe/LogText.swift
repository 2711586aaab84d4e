/// Text from anywhere on one line of a log.
public enum LogText {
  /// Escapes what could end the line, move a terminal's cursor or turn the direction of writing: what a client or server
  /// has sent must look like nothing but itself.
  public static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": safe += "\\n"
      case "\r": safe += "\\r"
      case "\t": safe += "\\t"
      case _ where isUnsafe(scalar):
        safe += scalar.value < 0x100 ? "\\x" + digits(scalar, 2) : "\\u" + digits(scalar, 4)
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // C0 and C1, separators of lines and paragraphs, marks of direction.
    case 0..<0x20, 0x7f...0x9f, 0x2028...0x202e, 0x2066...0x2069, 0x200e, 0x200f, 0x61c: true
    default: false
    }
  }

  private static func digits(_ scalar: Unicode.Scalar, _ count: Int) -> String {
    let text = String(scalar.value, radix: 16)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }

  /// At most so many bytes of it, and a sign that there was more.
  static func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: max(0, limit - 3))
    // Not in the midst of a scalar.
    while end > text.startIndex, text.utf8[end] & 0xc0 == 0x80 { end = text.utf8.index(before: end) }
    return String(text[..<end]) + "…"
  }

  /// A value behind `key=`, in quotes where it would otherwise look like several.
  static func value(_ text: String) -> String {
    let text = escaped(text)
    let needsQuotes =
      text.isEmpty
      || text.utf8.contains { byte in
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "=")
      }
    guard needsQuotes else { return text }
    var quoted = "\""
    for character in text.unicodeScalars {
      if character == "\"" || character == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }
}
