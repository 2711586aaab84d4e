public import Core
internal import Documents
public import Page

/// What the pages that people see have to know.
public struct PageOptions {
  /// Where pictures may come from.
  public var images: ImagePolicy
  /// Where artists and albums come from, in words.
  public var source: String
  /// Since when this server serves; nil for a process that answers one request.
  public var since: UnixTime?
  /// What is counted over the pool; nil where nothing is.
  public var figures: (any PageFigures)?

  public init(
    images: ImagePolicy = .providers, source: String = "MusicBrainz", since: UnixTime? = nil,
    figures: (any PageFigures)? = nil
  ) {
    self.images = images
    self.source = source
    self.since = since
    self.figures = figures
  }
}

extension Response {
  /// A page for a browser.
  ///
  /// - Parameter sendsForms: whether it has a form that is posted. Without a referrer a browser does not say of which site
  ///   the page is that posts it; other sites are told nothing either way.
  static func page(_ html: [UInt8], status: Int = 200, _ images: ImagePolicy, sendsForms: Bool = false) -> Response {
    var response = Response(status: status, .body(Body([Fragment(html)])), caching: .never)
    response.type = .html
    response.extraHead =
      "Content-Security-Policy: \(images.contentSecurityPolicy)\r\nX-Content-Type-Options: nosniff\r\n"
      + "Referrer-Policy: \(sendsForms ? "same-origin" : "no-referrer")\r\nCross-Origin-Opener-Policy: same-origin\r\n"
    return response
  }
}

extension Request {
  /// What pages begin and end with, for a route of so many segments.
  func layout(depth: Int, _ images: ImagePolicy) -> Layout {
    Layout(root: Root(target: visitor?.target, depth: depth), images: images)
  }

  /// The URL of this request as the browser names it, without a slash at its end; nil when it cannot be told.
  var browserAddress: String? {
    guard let visitor, let host = visitor.host, (1...260).contains(host.utf8.count),
      host.utf8.allSatisfy(Request.mayStandInHost), let target = visitor.target
    else { return nil }
    var path = target
    while path.hasSuffix("/") { path.removeLast() }
    return "\(visitor.isSecure ? "https" : "http")://\(host)\(path)"
  }

  private static func mayStandInHost(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._:[]".utf8.contains(byte)
    }
  }
}
