/// The little of HTML that is needed to read a chart.
///
/// It is read byte by byte: a page may be megabytes of whatever makes comparing characters slow.
enum HTML {
  /// The text of the first element of that name with `mark` in its start tag, and what is behind it.
  static func text(
    of name: StaticString, marked mark: StaticString, in page: ArraySlice<UInt8>
  ) -> (text: String, rest: ArraySlice<UInt8>)? {
    var rest = page
    while let start = rest.firstRange(ofText: "<", name)?.upperBound {
      guard let tagEnd = rest[start...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
      let isMarked = rest[start..<tagEnd].firstRange(ofText: mark) != nil
      rest = rest[(tagEnd + 1)...]
      guard isMarked else { continue }
      guard let end = rest.firstRange(ofText: "</", name) else { return nil }
      return (plain(rest[..<end.lowerBound]), rest[end.upperBound...])
    }
    return nil
  }

  /// Without tags, with characters in the place of their names, and with single spaces.
  static func plain(_ html: ArraySlice<UInt8>) -> String {
    var text: [UInt8] = []
    var rest = html
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "<"):
        rest = rest.firstIndex(of: UInt8(ascii: ">")).map { rest[($0 + 1)...] } ?? []
      case UInt8(ascii: "&"):
        if let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")),
          let named = HTML.character(String(decoding: rest[..<end], as: UTF8.self))
        {
          text += named.utf8
          rest = rest[(end + 1)...]
        } else {
          text.append(byte)
        }
      default: text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self).unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
      .map { String($0) }.joined(separator: " ")
  }

  private static func character(_ name: String) -> String? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    case "nbsp": return " "
    case "eacute": return "é"
    default: break
    }
    guard name.hasPrefix("#") else { return nil }
    let digits = name.dropFirst()
    let code = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return code.flatMap { Unicode.Scalar($0) }.map { String($0) }
  }
}
