/// Percent-encoding (RFC 3986), without Foundation.
public enum PercentEncoding {
  /// Encodes everything but unreserved characters.
  ///
  /// - Parameter hexDigit: how a half byte is written; services that compare URLs by their bytes may want upper case.
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

  /// Undoes it. A `%` without two digits stands for itself; what is not UTF-8 is replaced.
  ///
  /// - Parameter plusIsSpace: whether it is the value of a form, in which a space is written as `+`.
  public static func decoded(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+") where plusIsSpace:
        bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        let digits = rest.prefix(2).compactMap(ASCII.hexValue)
        guard digits.count == 2 else {
          bytes.append(byte)
          continue
        }
        bytes.append(digits[0] << 4 | digits[1])
        rest = rest.dropFirst(2)
      default:
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
