internal import CCurl
public import Core

/// Downloads what is too large for memory, one file after the other over one connection. Owns its multi handle.
public final class CurlDownloader {
  /// What is known of a file before its bytes come.
  public struct Head: Equatable, Sendable {
    public var status = 0
    /// Of what follows, in bytes.
    public var length: Int?
    /// As it was sent.
    public var lastModified: String?
    /// As it was sent.
    public var contentRange: String?
    /// In seconds.
    public var retryAfter: Int?
  }

  /// Takes the next bytes of a file; false ends the download.
  public typealias Receive = (Head, UnsafeRawBufferPointer) -> Bool

  private let library: CurlLibrary
  private let multi: CurlLibrary.Handle
  private let userAgent: String

  /// In seconds. A server that sends nothing for so long is taken for dead.
  private static let longestSilence = 60
  /// In milliseconds: how often somebody is asked whether to go on.
  private static let longestWait: Int32 = 250
  private static let mostRedirects = 3

  /// - Parameter userAgent: who asks, and how to reach them.
  public init(userAgent: String) throws(LibraryFailure) {
    library = try CurlLibrary()
    guard let multi = library.multiInit() else { throw LibraryFailure(CurlLibrary.name, "out of memory") }
    self.multi = multi
    self.userAgent = userAgent
  }

  deinit { _ = library.multiCleanup(multi) }

  /// Downloads a file. Redirects are followed, from https to https only.
  ///
  /// - Parameters:
  ///   - isHeadOnly: only what is known of it is asked for.
  ///   - mayGoOn: asked several times a second; false ends the download.
  /// - Throws: ``FetchError/refused`` when `receive` or `mayGoOn` said so.
  public func get(
    _ url: String, headers: [String] = [], isHeadOnly: Bool = false, mayGoOn: () -> Bool,
    receive: @escaping Receive
  ) throws(FetchError) -> Head {
    guard let origin = Origin(of: url), let handle = library.easyInit() else { throw .refused }
    defer { library.easyCleanup(handle) }
    var list: CurlLibrary.List?
    for header in headers { list = library.listAppend(list, header) ?? list }
    defer { library.listFree(list) }
    set(handle, url, isSecure: origin.isSecure, list, isHeadOnly: isHeadOnly)
    let transfer = Transfer(receive, library, handle)
    return try transfer.receiving { () throws(FetchError) in
      guard library.multiAdd(multi, handle) == CURLM_OK else { throw .broken(0) }
      defer { _ = library.multiRemove(multi, handle) }
      return try transfer.head(after: try run(mayGoOn))
    }
  }

  private func set(
    _ handle: CurlLibrary.Handle, _ url: String, isSecure: Bool, _ list: CurlLibrary.List?, isHeadOnly: Bool
  ) {
    let protocols = isSecure ? LINERNOTES_CURLPROTO_HTTPS : LINERNOTES_CURLPROTO_HTTP
    library.set(handle, CURLOPT_URL, url)
    library.set(handle, LINERNOTES_CURLOPT_PROTOCOLS, protocols)
    library.set(handle, LINERNOTES_CURLOPT_REDIR_PROTOCOLS, protocols)
    library.set(handle, CURLOPT_FOLLOWLOCATION, 1)
    library.set(handle, CURLOPT_MAXREDIRS, CurlDownloader.mostRedirects)
    library.set(handle, CURLOPT_NOSIGNAL, 1)
    library.set(handle, CURLOPT_USERAGENT, userAgent)
    library.set(handle, CURLOPT_BUFFERSIZE, 256 << 10)
    library.set(handle, CURLOPT_CONNECTTIMEOUT_MS, CurlDownloader.longestSilence * 1_000)
    library.set(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
    library.set(handle, CURLOPT_LOW_SPEED_TIME, CurlDownloader.longestSilence)
    if isHeadOnly { library.set(handle, CURLOPT_NOBODY, 1) }
    if let list { library.set(handle, CURLOPT_HTTPHEADER, pointer: list) }
  }

  /// Until the only transfer has ended.
  private func run(_ mayGoOn: () -> Bool) throws(FetchError) -> CURLcode {
    while true {
      guard mayGoOn() else { throw .refused }
      var running: Int32 = 0
      _ = library.multiPerform(multi, &running)
      var left: Int32 = 0
      while let message = library.multiInfo(multi, &left) {
        if message.pointee.msg == CURLMSG_DONE { return message.pointee.data.result }
      }
      _ = library.multiPoll(multi, nil, 0, CurlDownloader.longestWait, nil)
    }
  }
}

/// What comes of one download.
private final class Transfer {
  private let receive: CurlDownloader.Receive
  private let library: CurlLibrary
  private let handle: CurlLibrary.Handle
  private var head = CurlDownloader.Head()
  private var hasWholeHead = false
  private var isRefused = false

  init(_ receive: @escaping CurlDownloader.Receive, _ library: CurlLibrary, _ handle: CurlLibrary.Handle) {
    self.receive = receive
    self.library = library
    self.handle = handle
  }

  /// libcurl calls this transfer, which has to live for as long as `body` runs.
  func receiving<Answer>(_ body: () throws(FetchError) -> Answer) throws(FetchError) -> Answer {
    let context = Unmanaged.passRetained(self)
    defer { context.release() }
    library.set(handle, CURLOPT_WRITEDATA, pointer: context.toOpaque())
    library.set(handle, CURLOPT_HEADERDATA, pointer: context.toOpaque())
    library.set(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      return transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }
    library.set(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        .take(header: UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    return try body()
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    complete()
    isRefused = !receive(head, bytes)
    return !isRefused
  }

  private func take(header bytes: UnsafeRawBufferPointer) {
    // A status line begins a head. There is one for each redirect.
    if bytes.starts(with: "HTTP/".utf8) {
      head = CurlDownloader.Head()
      hasWholeHead = false
      return
    }
    if bytes.count <= 2 {
      hasWholeHead = true
      return
    }
    guard bytes.count <= 4_096, let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
    let value = String(decoding: bytes[(colon + 1)...].drop { $0 <= 0x20 }.prefix { $0 >= 0x20 }, as: UTF8.self)
    switch name {
    case "last-modified": head.lastModified = value
    case "content-range": head.contentRange = value
    default: break
    }
  }

  /// Adds what libcurl has read itself.
  private func complete() {
    guard head.status == 0 else { return }
    head.status = library.long(handle, CURLINFO_RESPONSE_CODE)
    let length = library.offset(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
    head.length = length >= 0 ? length : nil
    let pause = library.offset(handle, CURLINFO_RETRY_AFTER)
    head.retryAfter = pause > 0 ? pause : nil
  }

  /// - Parameter code: what libcurl said of it.
  func head(after code: CURLcode) throws(FetchError) -> CurlDownloader.Head {
    complete()
    switch code {
    case CURLE_OK where hasWholeHead: return head
    case CURLE_OK, CURLE_GOT_NOTHING: throw .truncated
    case CURLE_WRITE_ERROR where isRefused: throw .refused
    default: throw FetchError(code)
    }
  }
}
