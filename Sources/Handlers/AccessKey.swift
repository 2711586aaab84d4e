/// The key that lets somebody invalidate, and refresh where that asks for one.
struct AccessKey {
  private let key: [UInt8]

  /// - Returns: nil for an empty key, which would be anybody's.
  init?(_ key: String?) {
    guard let key, !key.isEmpty else { return nil }
    self.key = Array(key.utf8)
  }

  /// Whether it is the key that was sent, with or without `Bearer` before it. How long that takes depends on what was sent
  /// alone: it tells neither how many bytes are right nor how many there are.
  func admits(_ sent: String?) -> Bool {
    guard let sent else { return false }
    let bytes = Array(AccessKey.withoutScheme(sent))
    var difference = bytes.count ^ key.count
    for (index, byte) in bytes.enumerated() { difference |= Int(byte ^ key[index % key.count]) }
    return difference == 0
  }

  private static func withoutScheme(_ text: String) -> Substring.UTF8View.SubSequence {
    let bytes = text[...].utf8
    let scheme = bytes.prefix(bearer.count)
    guard scheme.count == bearer.count, zip(scheme, bearer).allSatisfy({ $0 | 0x20 == $1 }) else { return bytes }
    let rest = bytes.dropFirst(bearer.count)
    // A key that only begins so.
    guard rest.first == UInt8(ascii: " ") else { return bytes }
    return rest.drop { $0 == UInt8(ascii: " ") }
  }

  private static let bearer = Array("bearer".utf8)
}
