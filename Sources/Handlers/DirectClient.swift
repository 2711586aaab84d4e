/// What the application has to know of a client that it serves without the nginx of `deploy/nginx` in front.
public struct DirectClient: Equatable, Sendable {
  /// Its address (`REMOTE_ADDR`). Never what a header says: anybody can send one.
  public var address: String?
  /// The site whose page asks (`Origin`).
  public var origin: String?
  /// The status of an error of the web server that is to be told in JSON: Apache's `ErrorDocument` and lighttpd's
  /// `server.error-handler` send it as `REDIRECT_STATUS`.
  public var refusal: Int?
  /// The directory that the web server hands out (`DOCUMENT_ROOT`).
  public var documentRoot: String?

  public init(address: String? = nil, origin: String? = nil, refusal: Int? = nil, documentRoot: String? = nil) {
    self.address = address
    self.origin = origin
    self.refusal = refusal
    self.documentRoot = documentRoot
  }

  /// - Returns: nil behind the nginx of `deploy/nginx`, which says so with a parameter. A client cannot: what it sends
  ///   arrives under names that begin with `HTTP_`.
  init?(_ parameters: (StaticString) -> String?) {
    guard parameters("LINERNOTES_FRONT") == nil else { return nil }
    // A rewritten request has a status as well, which is 200.
    let status = parameters("REDIRECT_STATUS").flatMap { Int($0) } ?? 200
    self.init(
      address: parameters("REMOTE_ADDR"), origin: parameters("HTTP_ORIGIN"),
      refusal: (400...599).contains(status) ? status : nil, documentRoot: parameters("DOCUMENT_ROOT"))
  }
}
