/// From which hosts a page shows pictures, and what else a browser is told to refuse.
public struct ImagePolicy: Equatable, Sendable {
  /// As a Content-Security-Policy names them: `coverartarchive.org`, `*.archive.org`, `https://images.example.org:8443`.
  public let sources: [String]

  public init(sources: [String]) { self.sources = sources }

  /// Where the providers keep their pictures. The Cover Art Archive redirects to the Internet Archive's hosts, and each step
  /// has to be allowed; `*.archive.org` does not stand for `archive.org`.
  public static let providers = ImagePolicy(sources: [
    "assets.fanart.tv", "coverartarchive.org", "archive.org", "*.archive.org", "r2.theaudiodb.com",
    "upload.wikimedia.org", "thumb.wikimedia.org",
  ])

  /// Whether the browser may ask for it.
  func allows(_ picture: Address) -> Bool {
    guard let host = picture.host else { return false }
    return sources.contains { source in
      let name = source.firstRange(of: "://").map { source[$0.upperBound...] } ?? source[...]
      return name.hasPrefix("*.") ? host.hasSuffix(name.dropFirst().lowercased()) : host == name.lowercased()
    }
  }

  /// The value of the header. Nothing is loaded or sent elsewhere but pictures, and no page shows this one in a frame.
  public var contentSecurityPolicy: String {
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src \((["'self'"] + sources).joined(separator: " ")); "
      + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  }
}

/// A picture as the API names it, in the size that a page needs.
struct Picture {
  let address: Address
  /// The same with twice as many pixels.
  let large: Address?

  enum Size {
    case tile, whole
  }

  /// - Returns: nil for what the browser would refuse.
  init?(_ text: String?, _ policy: ImagePolicy, _ size: Size) {
    guard let text, let original = Address(web: text), policy.allows(original) else { return nil }
    let end = "-1200.jpg"
    // The Cover Art Archive makes these sizes itself.
    if original.host == "coverartarchive.org", text.hasSuffix(end) {
      let base = text.dropLast(end.count)
      address = Address(web: "\(base)-\(size == .tile ? "250" : "500").jpg") ?? original
      large = size == .tile ? Address(web: "\(base)-500.jpg") : original
    } else {
      address = original
      large = nil
    }
  }
}
