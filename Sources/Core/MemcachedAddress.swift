/// Where a memcached server listens.
public enum MemcachedAddress: Equatable, Sendable, CustomStringConvertible {
  case socket(path: String)
  case host(String, port: Int)

  /// Reads `/path/to.sock`, `host`, `host:port` or `[::1]:port`. Anything else is nil.
  public init?(_ text: String) {
    guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return nil }
    if text.hasPrefix("/") {
      self = .socket(path: text)
      return
    }
    // No host name that a resolver takes has others; and some make one character with a colon behind them.
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    var host = Substring(text)
    var port = MemcachedAddress.defaultPort
    let afterBracket = text.lastIndex(of: "]") ?? text.startIndex
    if let colon = text[afterBracket...].lastIndex(of: ":") {
      let digits = text[text.index(after: colon)...]
      // Swift takes a plus sign before them.
      guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
        (1...65535).contains(number)
      else { return nil }
      host = text[..<colon]
      port = number
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || "/[]".contains($0) }) else { return nil }
    self = .host(String(host), port: port)
  }

  public var description: String {
    switch self {
    case .socket(let path): path
    case .host(let name, let port): name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
    }
  }

  private static let defaultPort = 11211
}
