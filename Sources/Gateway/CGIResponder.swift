internal import Documents
internal import Glibc
public import Handlers

/// Answers the one request that a process was started for as a CGI script (RFC 3875).
public struct CGIResponder {
  private let router: Router

  public init(router: Router) { self.router = router }

  /// Whether the environment describes a request. A process for which it does was started as a CGI script, unless it
  /// has inherited a listening socket: those who spawn FastCGI processes may have been started by a web server.
  public static var isRequested: Bool {
    getenv("GATEWAY_INTERFACE") != nil && getenv("REQUEST_METHOD") != nil
  }

  /// Writes the answer to standard output and closes it.
  ///
  /// - Returns: whether all of it could be written.
  public func respond() -> Bool {
    signal(SIGPIPE, SIG_IGN)
    let writer = ResponseWriter()
    if let request = Request(isScript: true, parameters: CGIResponder.parameter, body: CGIResponder.read) {
      writer.write(router.respond(to: request), to: request)
    } else {
      writer.write(Router.unreadable, to: Request(method: "GET", path: [], query: Query("")))
    }
    defer { close(STDOUT_FILENO) }
    return CGIResponder.write(writer.head.bytes) && CGIResponder.write(writer.body.bytes)
  }

  private static func parameter(_ name: StaticString) -> String? {
    name.withUTF8Buffer { text in
      text.withMemoryRebound(to: CChar.self) { $0.baseAddress.flatMap { getenv($0) } }.map { String(cString: $0) }
    }
  }

  /// Fills `space` from standard input. A CGI script reads as many bytes as it was told there are and no more (RFC 3875,
  /// 4.2): the server need not close the pipe.
  private static func read(into space: UnsafeMutableRawBufferPointer) -> Int {
    let wanted = min(space.count, parameter("CONTENT_LENGTH").flatMap { Int($0) } ?? 0)
    var filled = 0
    while filled < wanted {
      let count = Glibc.read(STDIN_FILENO, space.baseAddress?.advanced(by: filled), wanted - filled)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      filled += count
    }
    return filled
  }

  private static func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        return false
      }
      rest = rest.dropFirst(written)
    }
    return true
  }
}
