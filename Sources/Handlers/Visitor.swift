/// What is known of whoever asks, beyond what every route looks at: for pages that a person sees in a browser, and for
/// those who run the server. It is not looked up for what clients ask for all the time.
public struct Visitor: Equatable, Sendable {
  /// Whether the client is on this machine, or where the web server says that those are who run the server.
  public var isInternal = false
  /// `X-Api-Key`
  public var key: String?
  public var accept: String?
  /// The path as it was sent, without the query.
  public var target: String?
  /// The server as the browser names it: `Host`.
  public var host: String?
  public var isSecure = false
  /// The site whose page asks (`Origin`), and what the browser says of it (`Sec-Fetch-Site`).
  public var origin: String?
  public var fetchSite: String?

  public init() {}

  /// - Parameter target: the path as it was sent.
  init(_ parameters: (StaticString) -> String?, target: String?) {
    isInternal = Visitor.isInternal(parameters)
    key = parameters("HTTP_X_API_KEY")
    accept = parameters("HTTP_ACCEPT")
    self.target = target
    host = parameters("HTTP_HOST")
    isSecure = parameters("HTTPS").map { $0 == "on" || $0 == "1" } ?? false || parameters("REQUEST_SCHEME") == "https"
    origin = parameters("HTTP_ORIGIN")
    fetchSite = parameters("HTTP_SEC_FETCH_SITE")
  }

  /// Whether only such routes are asked for so, as clients ask for all the time.
  ///
  /// - Parameter path: with what the routes are mounted under.
  static func isCommon(_ path: [String]) -> Bool {
    guard let last = path.last else { return false }
    let before = path.dropLast().suffix(2)
    if before.contains(where: { $0.isExactly("ui") }) { return false }
    return last.utf8.count == 36 || last.isExactly("search")
      || before.last.map { $0.isExactly("search") || $0.isExactly("recent") } ?? false
  }

  private static func isInternal(_ parameters: (StaticString) -> String?) -> Bool {
    // The nginx of `deploy/nginx` judges it, by what it is told; no client can set this.
    if parameters("LINERNOTES_FRONT") != nil { return parameters("LINERNOTES_INTERNAL") == "1" }
    guard let address = parameters("REMOTE_ADDR"), !address.isEmpty else { return false }
    // A proxy on this machine asks for somebody else.
    guard parameters("HTTP_X_FORWARDED_FOR") == nil, parameters("HTTP_FORWARDED") == nil,
      parameters("HTTP_VIA") == nil, parameters("HTTP_X_REAL_IP") == nil
    else { return false }
    return ClientNetwork.isThisMachine(address)
  }

  /// Whether the page that asks is one of this server's own, by what the browser says. A form of another site can send
  /// whatever a form can, but not these headers.
  ///
  /// - Returns: nil when the browser says nothing, or it is no browser.
  var isFromHere: Bool? {
    if let fetchSite { return fetchSite == "same-origin" }
    guard let origin else { return nil }
    guard let host, let scheme = origin.firstRange(of: "://") else { return false }
    return origin[scheme.upperBound...].utf8.elementsEqual(host.utf8)
  }
}

extension Request {
  /// Whether whoever asks may see the parts of the server.
  ///
  /// - Parameter key: lets in whoever sends it; nil: nobody.
  func mayLookInside(key: String?) -> Bool {
    guard let visitor else { return false }
    // A page of another site runs in the browser of somebody who may, and could read what CORS lets it.
    if visitor.isInternal { return visitor.origin == nil || visitor.isFromHere == true }
    guard let key, let sent = visitor.key else { return false }
    return sent.isSameSecret(as: key)
  }
}
