internal import CCurl
internal import Core

/// One exchange under way. Owns its easy handle, and what has come of the answer so far.
final class CurlTransfer {
  /// What it is for now: after a redirect, with the URL that led to.
  private(set) var exchange: HTTPExchange
  /// What was asked for first.
  let asked: HTTPRequest
  let origin: Origin
  let redirects: Int
  let handle: CurlLibrary.Handle
  /// When the first request of it was begun, in monotonic nanoseconds.
  let firstStarted: UInt64
  /// When its service's time-out is over.
  let expires: UInt64
  /// What libcurl said of it, when it ended while it was parked.
  var code: CURLcode?
  private let library: CurlLibrary
  private var list: CurlLibrary.List?
  private var body: [UInt8] = []
  private var isTooLarge = false
  private var hasWholeHead = false
  private var keptHeader: String?

  /// - Parameter milliseconds: how long it may take.
  init?(
    _ exchange: HTTPExchange, asked: HTTPRequest, origin: Origin, redirects: Int, firstStarted: UInt64?,
    userAgent: String, milliseconds: Int, _ library: CurlLibrary
  ) {
    guard let handle = library.easyInit() else { return nil }
    let now = Deadline.monotonicNanoseconds()
    self.exchange = exchange
    self.asked = asked
    self.firstStarted = firstStarted ?? now
    expires = now + UInt64(max(0, milliseconds)) * 1_000_000
    self.origin = origin
    self.redirects = redirects
    self.handle = handle
    self.library = library

    let service = exchange.service
    library.set(handle, CURLOPT_URL, exchange.request.url)
    library.set(
      handle, LINERNOTES_CURLOPT_PROTOCOLS, origin.isSecure ? LINERNOTES_CURLPROTO_HTTPS : LINERNOTES_CURLPROTO_HTTP)
    library.set(handle, CURLOPT_NOSIGNAL, 1)
    library.set(handle, CURLOPT_USERAGENT, userAgent)
    library.set(handle, CURLOPT_ACCEPT_ENCODING, "gzip")
    // "Setting the proxy string to "" (an empty string) explicitly disables the use of a proxy, even if there is an
    // environment variable set for it" (CURLOPT_PROXY(3)): in CGI, HTTP_PROXY is a header that any client can send.
    library.set(handle, CURLOPT_PROXY, "")
    library.set(handle, CURLOPT_FOLLOWLOCATION, 0)
    library.set(handle, CURLOPT_TIMEOUT_MS, max(1, milliseconds))
    library.set(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, milliseconds))
    library.set(handle, CURLOPT_MAXFILESIZE_LARGE, offset: service.longestBody)
    library.set(handle, CURLOPT_BUFFERSIZE, 64 << 10)
    // Otherwise giving up on a slow name server would wait for it after all. Unknown before 7.87, which does no harm.
    library.set(handle, LINERNOTES_CURLOPT_QUICK_EXIT, 1)
    if !service.keepsConnections {
      library.set(handle, CURLOPT_FRESH_CONNECT, 1)
      library.set(handle, CURLOPT_FORBID_REUSE, 1)
    }
    if let form = exchange.request.form {
      library.set(handle, CURLOPT_POSTFIELDSIZE, form.count)
      // It is copied, as many bytes of it as libcurl has been told of before.
      form.withUnsafeBytes { library.set(handle, CURLOPT_COPYPOSTFIELDS, pointer: $0.baseAddress) }
    }
    if let method = exchange.request.method { library.set(handle, CURLOPT_CUSTOMREQUEST, method) }
    switch service.trust {
    case .system: break
    case .authorities(let file): library.set(handle, CURLOPT_CAINFO, file)
    case .anybody:
      library.set(handle, CURLOPT_SSL_VERIFYPEER, 0)
      library.set(handle, CURLOPT_SSL_VERIFYHOST, 0)
    }
    for header in exchange.request.headers { list = library.listAppend(list, header) ?? list }
    if let list { library.set(handle, CURLOPT_HTTPHEADER, pointer: list) }

    let context = Unmanaged.passUnretained(self).toOpaque()
    library.set(handle, CURLOPT_PRIVATE, pointer: context)
    library.set(handle, CURLOPT_WRITEDATA, pointer: context)
    library.set(handle, CURLOPT_HEADERDATA, pointer: context)
    library.set(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }
    library.set(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        .receive(header: UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
  }

  deinit {
    library.easyCleanup(handle)
    library.listFree(list)
  }

  /// What can be asked for again without harm is worth going on with, when only a client's patience has ended, or a
  /// client came while nobody waited.
  static func isWorthParking(_ exchange: HTTPExchange, isAwaited: Bool) -> Bool {
    isAwaited && exchange.request.form == nil && exchange.service.outlivesClients
  }

  func isWorthParking(isAwaited: Bool) -> Bool { CurlTransfer.isWorthParking(exchange, isAwaited: isAwaited) }

  func answers(_ request: HTTPRequest) -> Bool { asked == request }

  /// Goes on for another exchange, which asks for the same.
  func serve(_ new: HTTPExchange) {
    exchange.id = new.id
    exchange.service = new.service
  }

  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= exchange.service.longestBody else {
      isTooLarge = true
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  private func receive(header bytes: UnsafeRawBufferPointer) {
    // The empty line that ends it: libcurl takes a head that is cut short for one without a body.
    if bytes.count <= 2 { hasWholeHead = true }
    guard let name = exchange.service.keptHeader, bytes.count <= CurlTransfer.longestKeptHeader,
      bytes.count > name.utf8.count, zip(bytes, name.utf8).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 })
    else { return }
    let value = bytes[name.utf8.count...].split { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }.first
    let text = value.map { String(decoding: $0.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self) } ?? ""
    // Several of a name are as one list.
    keptHeader = keptHeader.map { "\($0),\(text)" } ?? text
  }

  private static let longestKeptHeader = 4_096

  enum End {
    case answered(Result<HTTPResponse, FetchError>)
    /// To the URL, if it may be followed.
    case redirected(to: String)
  }

  /// What has become of it.
  func end(_ code: CURLcode) -> End {
    switch code {
    case CURLE_OK where hasWholeHead: break
    case CURLE_OK: return .answered(.failure(.truncated))
    case CURLE_FILESIZE_EXCEEDED: return .answered(.failure(.tooLarge))
    case CURLE_WRITE_ERROR: return .answered(.failure(isTooLarge ? .tooLarge : .broken(Int(code.rawValue))))
    default: return .answered(.failure(FetchError(code)))
    }
    let status = library.long(handle, CURLINFO_RESPONSE_CODE)
    var location: String?
    if (300...399).contains(status), let url = library.text(handle, CURLINFO_REDIRECT_URL) {
      guard exchange.service.answersWithRedirects else { return .redirected(to: url) }
      location = url
    }
    let retryAfter = library.offset(handle, CURLINFO_RETRY_AFTER)
    let contentType = (library.text(handle, CURLINFO_CONTENT_TYPE) ?? "").lowercased().utf8.prefix(200)
    var response = HTTPResponse(
      status: status, contentType: String(decoding: contentType, as: UTF8.self),
      retryAfter: retryAfter > 0 ? retryAfter : nil, location: location, body: body,
      sent: moment(CURLINFO_PRETRANSFER_TIME_T))
    response.keptHeader = keptHeader
    response.answered = moment(CURLINFO_STARTTRANSFER_TIME_T)
    return .answered(.success(response))
  }

  /// libcurl counts from when it began, which nobody else knows; what it counts since then is subtracted from now.
  private func moment(_ info: CURLINFO) -> UInt64 {
    let now = Deadline.monotonicNanoseconds()
    let since = library.offset(handle, CURLINFO_TOTAL_TIME_T) - library.offset(handle, info)
    return now - min(now, UInt64(max(0, since)) * 1_000)
  }
}
