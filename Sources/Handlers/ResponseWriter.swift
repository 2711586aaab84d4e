internal import Core
public import Documents

/// Turns answers into the bytes of a CGI response: header lines, and the body behind them.
///
/// The two buffers are used again for every answer of the process.
public final class ResponseWriter {
  public let head = OutputBuffer()
  public let body = OutputBuffer()
  /// Of the answer that was written last.
  public private(set) var status = 0

  private static let yearSeconds: Int64 = 31_536_000

  private var cacheRoom: CacheRoom
  private let now: () -> UnixTime

  public convenience init() { self.init(cacheRoom: CacheRoom(), now: { .now }) }

  init(cacheRoom: CacheRoom, now: @escaping () -> UnixTime) {
    self.cacheRoom = cacheRoom
    self.now = now
  }

  /// Writes the answer to a request into ``head`` and ``body``.
  ///
  /// - Returns: false when the answer could not be made from what is stored, and a failure was written instead.
  @discardableResult
  public func write(_ response: Response, to request: Request) -> Bool {
    head.reset()
    body.reset()
    var response = response
    var entityTag: EntityTag?
    var isGzip = false
    var length = 0

    if case .body(let content) = response.payload {
      isGzip = request.acceptsGzip
      let tag = EntityTag(content, isGzip: isGzip)
      if response.status == 200, let condition = request.ifNoneMatch, tag.satisfies(ifNoneMatch: condition) {
        response.status = 304
        response.payload = .none
      } else {
        guard let written = write(content, isGzip: isGzip, isWanted: request.method != "HEAD") else {
          var failure = Response.internalError
          failure.crossOriginHead = response.crossOriginHead
          failure.isPrivate = response.isPrivate
          write(failure, to: request)
          return false
        }
        length = written
      }
      entityTag = tag
    } else if case .json(let text) = response.payload {
      length = text.count
      if request.method != "HEAD" { body.append(text) }
    } else if case .text(let text, _) = response.payload {
      length = text.count
      if request.method != "HEAD" { body.append(text) }
    }

    status = response.status
    head.append("Status: ")
    head.append(decimal: response.status)
    head.append(" ")
    head.append(ResponseWriter.reason(response.status))
    head.append("\r\n")
    if response.status != 304, response.status != 204 {
      if case .text(_, let type) = response.payload {
        head.append("Content-Type: ")
        head.append(type)
        head.append("\r\n")
      } else {
        head.append(ResponseWriter.typeLine(response.type))
      }
      head.append("Content-Length: ")
      head.append(decimal: length)
      head.append("\r\n")
      if isGzip { head.append("Content-Encoding: gzip\r\n") }
    }
    if let entityTag {
      head.append("ETag: \"")
      head.append(hexadecimal: entityTag.value)
      head.append(entityTag.isGzip ? "-gzip\"" : "\"")
      head.append("\r\nVary: Accept-Encoding\r\n")
    }
    switch response.caching {
    case .none:
      head.append(response.isPrivate ? "Cache-Control: private, no-cache\r\n" : "Cache-Control: no-cache\r\n")
    case .never:
      head.append("Cache-Control: no-store\r\n")
    case .forever:
      head.append("Cache-Control: public, max-age=31536000, immutable")
      if request.webServerCacheSeconds > 0 { appendWebServerCaching(seconds: ResponseWriter.yearSeconds, request) }
      head.append("\r\n")
    case .shared where response.isPrivate:
      head.append("Cache-Control: private, max-age=0\r\nExpires: Thu, 01 Jan 1970 00:00:00 GMT\r\n")
    case .shared(let seconds):
      head.append("Cache-Control: s-maxage=")
      head.append(decimal: Int(seconds))
      head.append(", max-age=0, public")
      if request.webServerCacheSeconds > 0 { appendWebServerCaching(seconds: seconds, request) }
      // Clients that do not know max-age understand a date in the past.
      head.append("\r\nExpires: Thu, 01 Jan 1970 00:00:00 GMT\r\n")
    }
    if let location = response.location {
      head.append("Location: ")
      head.append(location)
      head.append("\r\n")
    }
    if let allow = response.allow {
      head.append("Allow: ")
      head.append(allow)
      head.append("\r\n")
    }
    if let seconds = response.retryAfter {
      head.append("Retry-After: ")
      head.append(decimal: seconds)
      head.append("\r\n")
    }
    if let count = response.totalCount {
      head.append("X-Total-Count: ")
      head.append(decimal: count)
      head.append("\r\n")
    }
    head.append(response.extraHead)
    head.append(response.crossOriginHead)
    head.append("\r\n")
    return true
  }

  /// What nginx reads for itself and keeps from the client: how long it may keep the answer.
  ///
  /// nginx counts whole seconds, and the last one as well: "1" would be up to two. So it is told the last second in which
  /// the answer is good, and that it may give it for one second more while it asks again. A change is seen when both are
  /// over: for an answer that is kept for a second, within two.
  private func appendWebServerCaching(seconds: Int64, _ request: Request) {
    head.append(", stale-while-revalidate=1\r\nX-Accel-Expires: ")
    let kept = min(seconds, request.webServerCacheSeconds)
    guard kept > 0, request.webServerCachePath.map({ cacheRoom.isLeft(at: $0) }) ?? true else {
      head.append("0")
      return
    }
    head.append("@")
    head.append(decimal: Int(now().seconds + kept - 1))
  }

  /// - Parameter isWanted: false where only its length is told.
  /// - Returns: the length; nil when it could not be made from what is stored.
  private func write(_ content: Body, isGzip: Bool, isWanted: Bool) -> Int? {
    if isGzip, content.isLoose {
      guard let member = content.gzip(in: body) else { return nil }
      if isWanted { body.append(member) }
      return member.count
    }
    let length = isGzip ? content.gzipLength : content.plainLength
    guard isWanted else { return length }
    body.reserve(length)
    guard isGzip else { return content.appendPlain(to: body) ? length : nil }
    content.appendGzip(to: body)
    return length
  }

  private static func typeLine(_ type: Response.MediaType) -> StaticString {
    switch type {
    case .json: "Content-Type: application/json\r\n"
    case .html: "Content-Type: text/html; charset=utf-8\r\n"
    case .css: "Content-Type: text/css; charset=utf-8\r\n"
    case .javaScript: "Content-Type: text/javascript; charset=utf-8\r\n"
    case .svg: "Content-Type: image/svg+xml\r\n"
    }
  }

  private static func reason(_ status: Int) -> StaticString {
    switch status {
    case 200: "OK"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 411: "Length Required"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    default: "Status"
    }
  }
}

/// The strong validator of one form of a body: the text and its gzip form are different bytes and have different tags.
struct EntityTag {
  let value: UInt64
  let isGzip: Bool

  init(_ body: Body, isGzip: Bool) {
    value = body.fingerprint
    self.isGzip = isGzip
  }

  /// Whether `If-None-Match` names this form of the text (weak comparison, RFC 9110, 13.1.2). A client that has the
  /// other form has other bytes, and may be unable to read this one.
  func satisfies(ifNoneMatch header: String) -> Bool {
    let own = "\"\(String(value, radix: 16))\(isGzip ? "-gzip" : "")\""
    // By bytes: characters of a text that a client made up may take quadratic time.
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    return header.utf8.split(separator: UInt8(ascii: ",")).contains { candidate in
      var tag = candidate.drop(while: isSpace)
      while let last = tag.last, isSpace(last) { tag.removeLast() }
      if tag.elementsEqual("*".utf8) { return true }
      if tag.starts(with: "W/".utf8) { tag = tag.dropFirst(2) }
      return tag.elementsEqual(own.utf8)
    }
  }
}
