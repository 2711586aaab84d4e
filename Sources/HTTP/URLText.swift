internal import Core

/// Text in URLs.
public enum URLText {
  /// Percent-encodes everything but unreserved characters.
  public static func encoded(_ text: some StringProtocol) -> String {
    PercentEncoding.encoded(text) { ASCII.hexDigit($0).uppercasedHex }
  }
}

extension UInt8 {
  fileprivate var uppercasedHex: UInt8 { self >= UInt8(ascii: "a") ? self - 0x20 : self }
}

extension URLText {
  /// Percent-encodes only what is not ASCII: MusicBrainz keeps some URLs as people read them.
  public static func ascii(_ url: String) -> String {
    var bytes: [UInt8] = []
    for byte in url.utf8 {
      if byte < 0x80 {
        bytes.append(byte)
      } else {
        bytes.append(UInt8(ascii: "%"))
        bytes.append(ASCII.hexDigit(byte >> 4).uppercasedHex)
        bytes.append(ASCII.hexDigit(byte & 0xf).uppercasedHex)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
