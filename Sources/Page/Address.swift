internal import Core

/// Where a link leads: to this server, or to a page of the web.
public struct Address: Equatable, Sendable {
  public let text: String

  private init(_ text: String) { self.text = text }

  /// An address that somebody else has made, such as a link in MusicBrainz.
  ///
  /// - Returns: nil for what is not plainly `http` or `https` to a host, so that no other scheme is ever a link.
  public init?(web text: String) {
    guard text.utf8.count <= 2_000, let colon = text.firstRange(of: "://"),
      ["http", "https"].contains(text[..<colon.lowerBound].lowercased())
    else { return nil }
    let rest = text[colon.upperBound...].utf8
    let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    // Who stands before an at sign is no host, and looks like one.
    guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")), rest.allSatisfy(Address.mayStand) else {
      return nil
    }
    self.text = text
  }

  /// An address on this server.
  ///
  /// - Parameters:
  ///   - segments: of the path, which are encoded.
  ///   - query: names and values, which are encoded.
  public init(_ root: Root, _ segments: [String], query: [(name: String, value: String)] = []) {
    let path = segments.map { PercentEncoding.encoded($0) }.joined(separator: "/")
    let pairs = query.map { "\(PercentEncoding.encoded($0.name))=\(PercentEncoding.encoded($0.value))" }
    text = root.prefix + path + (pairs.isEmpty ? "" : "?\(pairs.joined(separator: "&"))")
  }

  /// The host that a browser will ask; lower case, with a port if there is one.
  var host: String? {
    guard let colon = text.firstRange(of: "://") else { return nil }
    return text[colon.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
  }

  /// Neither spaces nor control characters, nor what browsers read otherwise than it looks.
  private static func mayStand(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "`"): false
    default: byte > 0x20 && byte != 0x7f
    }
  }
}

/// The way from a page to the root of this server. All links are relative, because only the browser knows what stands in
/// front: a folder of a shared host, a proxy's prefix, or a key in the path.
public struct Root: Equatable, Sendable {
  /// Ends in a slash, or is empty for a server that is not asked by a path.
  public let prefix: String

  /// - Parameters:
  ///   - target: the path as it was sent, without the query; nil when nobody tells.
  ///   - depth: how many segments of it are behind the root.
  public init(target: String?, depth: Int) {
    let path = Array((target ?? "").utf8)
    guard depth > 0 else {
      // "/music", which is served as "/music/" is.
      let last = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? []
      prefix = last.isEmpty ? "./" : "./\(String(decoding: last, as: UTF8.self))/"
      return
    }
    guard !path.isEmpty else {
      prefix = depth == 1 ? "./" : String(repeating: "../", count: depth - 1)
      return
    }
    // Slashes may be several, and one may be at the end: each is a level for a browser.
    var (levels, segments, isInside) = (0, 0, false)
    for byte in path.reversed() {
      if byte == UInt8(ascii: "/") {
        if isInside, segments == depth { break }
        isInside = false
        levels += 1
      } else if !isInside {
        isInside = true
        segments += 1
      }
    }
    prefix = levels == 0 ? "./" : String(repeating: "../", count: levels)
  }
}
