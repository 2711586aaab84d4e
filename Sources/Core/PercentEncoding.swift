/// Percent-encoding (RFC 3986), without Foundation.
public enum PercentEncoding {
  /// Encodes everything but unreserved characters.
  ///
  /// - Parameter hexDigit: writes a half byte; services that compare URLs byte by byte may want upper case.
  public static func encoded(
    _ text: some StringProtocol, hexDigit: (UInt8) -> UInt8 = ASCII.hexDigit
  ) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes.append(UInt8(ascii: "%"))
        bytes.append(hexDigit(byte >> 4))
        bytes.append(hexDigit(byte & 0xf))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Decodes percent-encoded text. A `%` without two digits stands for itself; what is not UTF-8 is replaced.
  ///
  /// - Parameter plusIsSpace: whether it is the value of a form, in which a space is written as `+`.
  public static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> String {
    // Most texts have nothing to undo.
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
    let encoded = Array(text.utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encoded.count)
    var index = 0
    while index < encoded.count {
      let byte = encoded[index]
      index += 1
      if byte == UInt8(ascii: "+"), plusIsSpace {
        bytes.append(UInt8(ascii: " "))
      } else if byte == UInt8(ascii: "%"), index + 1 < encoded.count, let high = ASCII.hexValue(encoded[index]),
        let low = ASCII.hexValue(encoded[index + 1])
      {
        bytes.append(high << 4 | low)
        index += 2
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
