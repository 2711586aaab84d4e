/// Scheme, host and port of a URL.
public struct Origin: Hashable, Sendable {
  public let isSecure: Bool
  /// Lower case.
  public let host: String
  public let port: Int

  /// - Returns: nil for what is not an unambiguous http or https URL. What other readers of URLs disagree about, such as
  ///   user names, backslashes and percent signs in the host, is none.
  public init?(of url: String) {
    guard url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let scheme = url.firstRange(of: "://") else {
      return nil
    }
    switch url[..<scheme.lowerBound].lowercased() {
    case "https": isSecure = true
    case "http": isSecure = false
    default: return nil
    }
    var host = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    var port = isSecure ? 443 : 80
    if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
      guard let number = Int(host[host.index(after: colon)...]), (1...65535).contains(number) else { return nil }
      port = number
      host = host[..<colon]
    }
    let isPlain = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "["),
        UInt8(ascii: "]"), UInt8(ascii: ":"):
        true
      default: false
      }
    }
    guard !host.isEmpty, isPlain else { return nil }
    self.host = host.lowercased()
    self.port = port
  }
}
