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

  public enum Caching: Equatable, Sendable {
    /// Nobody may keep it.
    case none
    /// Shared caches, which can be purged, may keep it for so long; clients may not.
    case shared(seconds: Int64)
  }

  public var status: Int
  public var payload: Payload
  public var caching: Caching
  public var allow: String?
  /// Seconds.
  public var retryAfter: Int?
  /// Where a redirect leads.
  public var location: String?
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
