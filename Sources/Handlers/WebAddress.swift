internal import Glibc

/// The URL of a page, for deciding whether a browser may be sent there.
///
/// What counts is how browsers read it, and they are generous (WHATWG URL): `010.1` is an IPv4 address, a backslash is a
/// slash, tabs do not count. So this reads only what has one meaning for everybody; all else is no address.
struct WebAddress {
  let host: Host
  /// The path's segments; at least one.
  let path: [String]

  /// Reads `http://host:port/path`; the port may be missing, and there is neither a query nor a fragment.
  init?(_ text: String) {
    var rest = text.utf8[...]
    guard let colon = rest.firstIndex(of: UInt8(ascii: ":")),
      ["http", "https"].contains(WebAddress.lowercased(rest[..<colon]))
    else { return nil }
    rest = rest[colon...]
    guard rest.starts(with: "://".utf8) else { return nil }
    rest = rest.dropFirst(3)
    guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }

    var name = rest[..<slash]
    // The colons of an IPv6 address stand in brackets.
    let end = name.lastIndex(of: UInt8(ascii: "]")) ?? name.startIndex
    if let colon = name[end...].lastIndex(of: UInt8(ascii: ":")) {
      guard WebAddress.isPort(name[colon...].dropFirst()) else { return nil }
      name = name[..<colon]
    }
    guard let host = Host(name) else { return nil }

    let path = rest[slash...].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard path.allSatisfy(WebAddress.isSegment) else { return nil }
    self.host = host
    self.path = path.map { String(Substring($0)) }
  }

  /// Digits without a zero before them, up to 65535.
  private static func isPort(_ text: Substring.UTF8View) -> Bool {
    guard (1...5).contains(text.count), text.allSatisfy(isDigit), text.first != UInt8(ascii: "0"),
      let number = Int(Substring(text))
    else { return false }
    return number <= 65535
  }

  /// What RFC 3986 lets stand in a path, without percent signs, which hide what is meant, and at signs, which would
  /// make whoever takes the path for the host see a user. Empty segments, `.` and `..` are none.
  private static func isSegment(_ text: Substring.UTF8View) -> Bool {
    guard !text.isEmpty, !text.elementsEqual(".".utf8), !text.elementsEqual("..".utf8) else { return false }
    return text.allSatisfy { isLetter($0) || isDigit($0) || "-._~!$&'()*+,;=:".utf8.contains($0) }
  }

  fileprivate static func lowercased(_ text: Substring.UTF8View) -> String {
    String(decoding: text.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
  }

  fileprivate static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  fileprivate static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
}

extension WebAddress {
  enum Host: Hashable, Sendable {
    /// Lower case.
    case name(String)
    case v4([UInt8])
    case v6([UInt8])
  }
}

extension WebAddress.Host {
  /// Reads a host as it stands in a URL.
  init?(_ text: Substring.UTF8View) {
    if text.first == UInt8(ascii: "[") {
      guard text.count > 2, text.last == UInt8(ascii: "]") else { return nil }
      self.init(v6: text.dropFirst().dropLast())
      return
    }
    let labels = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard text.count <= 253, let last = labels.last, labels.allSatisfy(WebAddress.Host.isLabel) else { return nil }
    guard !WebAddress.Host.isNumber(last) else {
      // Whatever ends in a number is an address to a browser, in decimal, octal or hexadecimal, of one to four parts.
      let numbers = labels.compactMap(WebAddress.Host.byte)
      guard labels.count == 4, numbers.count == 4 else { return nil }
      self = .v4(numbers)
      return
    }
    self = .name(WebAddress.lowercased(text))
  }

  /// Reads a host as an operator writes it, who may leave out an address's brackets.
  init?(setting text: String) {
    if text.utf8.contains(UInt8(ascii: ":")), !text.hasPrefix("[") {
      self.init("[\(text)]".utf8[...])
    } else {
      self.init(text.utf8[...])
    }
  }

  /// Reads what stands in the brackets: neither a zone nor anything else but the address.
  private init?(v6 text: Substring.UTF8View) {
    let isPlain = text.allSatisfy { byte in
      WebAddress.isDigit(byte) || (0x61...0x66).contains(byte | 0x20) || byte == UInt8(ascii: ":")
        || byte == UInt8(ascii: ".")
    }
    var address = in6_addr()
    guard isPlain, inet_pton(AF_INET6, String(Substring(text)), &address) == 1 else { return nil }
    let bytes = withUnsafeBytes(of: &address) { Array($0) }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    self = bytes.starts(with: mapped) ? .v4(Array(bytes[12...])) : .v6(bytes)
  }

  private static func isLabel(_ text: Substring.UTF8View) -> Bool {
    (1...63).contains(text.count)
      && text.allSatisfy {
        WebAddress.isLetter($0) || WebAddress.isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
      }
  }

  /// Whether a browser takes the last label for a number: digits, or what begins as hexadecimal does.
  private static func isNumber(_ label: Substring.UTF8View) -> Bool {
    label.allSatisfy(WebAddress.isDigit) || label.starts(with: "0x".utf8) || label.starts(with: "0X".utf8)
  }

  /// A byte in decimal, without zeros before it.
  private static func byte(_ label: Substring.UTF8View) -> UInt8? {
    guard label.allSatisfy(WebAddress.isDigit), label.count == 1 || label.first != UInt8(ascii: "0") else { return nil }
    return UInt8(Substring(label))
  }

  /// Whether a host is one of a network that is nobody else's: a name without a domain or under one reserved for local
  /// use, or a private address (RFC 1918, 3927, 4193, 4291, 6598, 6762, 8375).
  var isPrivate: Bool {
    switch self {
    case .v4(let bytes):
      switch (bytes[0], bytes[1]) {
      case (10, _), (127, _), (192, 168), (169, 254), (172, 16...31), (100, 64...127): true
      default: false
      }
    case .v6(let bytes):
      // The machine itself, unique local and link-local addresses.
      bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] || bytes[0] & 0xfe == 0xfc
        || bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
    case .name(let name):
      isLocal(name.split(separator: "."))
    }
  }

  /// A label that encodes another may stand for anything, in some browsers even for a number.
  private func isLocal(_ labels: [Substring]) -> Bool {
    guard let last = labels.last, !labels.contains(where: { $0.hasPrefix("xn--") }) else { return false }
    return labels.count == 1 || ["local", "localhost", "lan", "home", "internal"].contains(last)
      || labels.count > 2 && labels.suffix(2) == ["home", "arpa"]
  }
}
