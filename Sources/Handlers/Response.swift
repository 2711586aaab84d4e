internal import Cache
internal import Core
public import Documents

/// An answer before it is bytes.
public struct Response: Sendable {
  public enum Payload: Sendable {
    case none
    /// JSON made of cached fragments.
    case body(Body)
    /// JSON written for this answer alone.
    case json([UInt8])
    /// Something else, with its `Content-Type`.
    case text([UInt8], type: String)
  }

  /// What the payload is.
  public enum MediaType: Sendable {
    case json, html, css, javaScript, svg
  }

  public enum Caching: Equatable, Sendable {
    /// Nobody may keep it.
    case none
    /// Shared caches, which can be purged, may keep it for so long; clients may not.
    case shared(seconds: Int64)
    /// Nobody may even write it down: it is what somebody sees.
    case never
    /// Everybody may keep it: under its address it never changes.
    case forever
  }

  public var status: Int
  var type = MediaType.json
  public var payload: Payload
  public var caching: Caching
  public var allow: String?
  /// Seconds.
  public var retryAfter: Int?
  /// Where a redirect leads.
  public var location: String?
  /// How many there are of what the answer lists, where it may list only some.
  var totalCount: Int?
  /// Whether only the client itself may keep it, because others have to ask with a key of their own.
  var isPrivate = false
  /// Header lines that only some routes have.
  var extraHead = ""
  /// Header lines that say which sites' pages may read it; empty behind nginx, which says so itself.
  var crossOriginHead = ""

  public init(
    status: Int = 200, _ payload: Payload, caching: Caching, allow: String? = nil, retryAfter: Int? = nil,
    location: String? = nil
  ) {
    self.status = status
    self.payload = payload
    self.caching = caching
    self.allow = allow
    self.retryAfter = retryAfter
    self.location = location
  }

  /// An answer from the catalogue, believed for as long as its documents are fresh.
  init(_ body: Body, expires: UnixTime, now: UnixTime) {
    self.init(.body(body), caching: .shared(seconds: max(0, expires - now)))
  }

  /// `{"error": message}`: the client parses the body of every answer before it looks at the status.
  public static func error(
    _ status: Int, _ message: String, caching: Caching = .none, allow: String? = nil, retryAfter: Int? = nil
  ) -> Response {
    var json = JSONWriter()
    json.raw(#"{"error":"#)
    json.string(message)
    json.raw("}")
    return Response(status: status, .json(json.bytes), caching: caching, allow: allow, retryAfter: retryAfter)
  }
}
