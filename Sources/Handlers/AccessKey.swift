/// The key that lets somebody invalidate, and refresh where that asks for one.
struct AccessKey {
  private let key: String

  /// - Returns: nil for an empty key, which would be anybody's.
  init?(_ key: String?) {
    guard let key, !key.isEmpty else { return nil }
    self.key = key
  }

  /// Whether it is the key that was sent, with or without `Bearer` before it.
  func admits(_ sent: String?) -> Bool {
    guard let sent else { return false }
    return AccessKey.withoutScheme(sent).isSameSecret(as: key)
  }

  private static func withoutScheme(_ text: String) -> String {
    let scheme = text.utf8.prefix(bearer.count)
    guard scheme.count == bearer.count, zip(scheme, bearer).allSatisfy({ $0 | 0x20 == $1 }) else { return text }
    let rest = text.utf8.dropFirst(bearer.count)
    // A key that only begins so.
    guard rest.first == UInt8(ascii: " ") else { return text }
    return String(Substring(rest.drop { $0 == UInt8(ascii: " ") }))
  }

  private static let bearer = Array("bearer".utf8)
}
