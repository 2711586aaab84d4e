internal import Core
internal import Documents
internal import Glibc
public import Handlers

/// Answers the one request that a process was started for as a CGI script (RFC 3875).
public struct CGIResponder {
  private let router: Router

  /// How long the web server may take for a whole body, and for a whole answer, in milliseconds. Unlike nginx before the
  /// pool it may pass on what a slow client sends as it comes.
  private static let patience = 30_000
  /// How long it may take to send the part of a body that nobody has asked for.
  private static let drainPatience = 5_000

  public init(router: Router) { self.router = router }

  /// Whether the environment describes a request. A process for which it does was started as a CGI script, unless it
  /// has inherited a listening socket: those who spawn FastCGI processes may have been started by a web server.
  public static var isRequested: Bool {
    getenv("GATEWAY_INTERFACE") != nil && getenv("REQUEST_METHOD") != nil
  }

  /// What the web server calls the request: nginx by a parameter of ours, Apache with mod_unique_id.
  public static var requestID: String? { parameter("REQUEST_ID") ?? parameter("UNIQUE_ID") }

  /// Writes the answer to standard output and closes it.
  ///
  /// - Returns: whether all of it could be written.
  public func respond() -> Bool {
    let writer = ResponseWriter()
    var consumed = 0
    let request = Request(isScript: true, keyRoots: router.keyRoots, parameters: CGIResponder.parameter) { space in
      let count = CGIResponder.read(into: space)
      consumed += max(0, count)
      return count
    }
    if let request {
      if !writer.write(router.respond(to: request), to: request) {
        writer.write(router.respondDistrustfully(to: request), to: request)
      }
    } else {
      writer.write(Router.unreadable, to: Request(method: "GET", path: [], query: Query("")))
    }
    CGIResponder.drain(from: consumed)
    return CGIResponder.send(writer)
  }

  /// Takes in what nobody has asked for of the body. mod_cgid has a socket for it and the answer: closing that with
  /// something unread in it resets the connection, and Apache answers nothing at all.
  private static func drain(from consumed: Int) {
    var left = bodyLength(upTo: RequestBody.longest) - consumed
    let deadline = Deadline.after(milliseconds: drainPatience)
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { space in
      while left > 0 {
        let piece = UnsafeMutableRawBufferPointer(rebasing: space[..<min(left, space.count)])
        let count = read(into: piece, from: STDIN_FILENO, by: deadline)
        guard count == piece.count else { return }
        left -= count
      }
    }
  }

  /// Answers a request that the application cannot deal with because it cannot start.
  public static func respondWithFailure() {
    let request = Request(isScript: true, parameters: parameter, body: read)
    let writer = ResponseWriter()
    writer.write(Edge.failure(for: request), to: request ?? Request(method: "GET", path: [], query: Query("")))
    _ = send(writer)
  }

  private static func send(_ writer: ResponseWriter) -> Bool {
    signal(SIGPIPE, SIG_IGN)
    defer { close(STDOUT_FILENO) }
    let deadline = Deadline.after(milliseconds: CGIResponder.patience)
    return CGIResponder.write(writer.head.bytes, to: STDOUT_FILENO, by: deadline)
      && CGIResponder.write(writer.body.bytes, to: STDOUT_FILENO, by: deadline)
  }

  private static func parameter(_ name: StaticString) -> String? {
    name.withUTF8Buffer { text in
      text.withMemoryRebound(to: CChar.self) { $0.baseAddress.flatMap { getenv($0) } }.map { String(cString: $0) }
    }
  }

  /// Fills `space` with the body. A CGI script reads as many bytes as it was told there are and no more (RFC 3875,
  /// 4.2): the server need not close the pipe. Apache passes a chunked body on as it comes, without a length, and does.
  private static func read(into space: UnsafeMutableRawBufferPointer) -> Int {
    let wanted = bodyLength(upTo: space.count)
    return read(
      into: UnsafeMutableRawBufferPointer(rebasing: space[..<wanted]), from: STDIN_FILENO,
      by: .after(milliseconds: patience))
  }

  /// How many bytes of a body there are to read, or may be.
  private static func bodyLength(upTo limit: Int) -> Int {
    let body = RequestBody(contentLength: parameter("CONTENT_LENGTH"), source: nil)
    if let length = body?.declaredLength { return min(length, limit) }
    return parameter("HTTP_TRANSFER_ENCODING") == nil ? 0 : limit
  }

  /// - Returns: how many bytes there were, fewer than asked for at their end; -1 when they did not come in time.
  static func read(
    into space: UnsafeMutableRawBufferPointer, from descriptor: Int32, by deadline: Deadline
  ) -> Int {
    var filled = 0
    while filled < space.count {
      guard wait(for: descriptor, Int16(POLLIN), until: deadline) else { return -1 }
      let count = Glibc.read(descriptor, space.baseAddress?.advanced(by: filled), space.count - filled)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      filled += count
    }
    return filled
  }

  /// - Returns: whether all of it was taken in time.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, by deadline: Deadline) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard wait(for: descriptor, Int16(POLLOUT), until: deadline) else { return false }
      // "Writing is now possible, though a write larger than the available space […] will still block" (poll(2)): so
      // much a pipe that takes anything takes at once.
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, min(rest.count, 4096))
      if written < 0 {
        if errno == EINTR { continue }
        return false
      }
      rest = rest.dropFirst(written)
    }
    return true
  }

  private static func wait(for descriptor: Int32, _ event: Int16, until deadline: Deadline) -> Bool {
    while !deadline.hasPassed {
      var poller = pollfd(fd: descriptor, events: event, revents: 0)
      let ready = poll(&poller, 1, Int32(clamping: deadline.millisecondsLeft))
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { return false }
    }
    return false
  }
}
