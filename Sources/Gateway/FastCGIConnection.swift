internal import CFCGI
internal import CLinux
internal import Core
internal import Documents
internal import Glibc
internal import Handlers

/// A connection from the web server, and libfcgi's request on it. Owns both.
final class FastCGIConnection {
  enum Arrival {
    case request
    /// It went away, or what it sent is not FastCGI.
    case end
  }

  let socket: Int32
  private let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)

  /// How long the web server may take for the parameters once it has begun to send them.
  private static let parameterMilliseconds = 2_000
  /// How long it may take to accept an answer, or to send the rest of a body.
  private static let transferMilliseconds = 10_000
  private static let longestBody = 1 << 20

  /// Accepts the next connection of a listening socket that does not block.
  ///
  /// - Returns: nil when there is none any more: another process was faster.
  init?(acceptingFrom listener: Int32) {
    let socket = linernotes_accept(listener)
    guard socket >= 0 else { return nil }
    self.socket = socket
    SocketTimeout.set(on: socket, milliseconds: FastCGIConnection.transferMilliseconds)
    // No listening socket: after an error libfcgi would wait in accept for a connection that is not ours to give.
    request.initialize(to: FCGX_Request())
    FCGX_InitRequest(request, -1, Int32(FCGI_FAIL_ACCEPT_ON_INTR))
    // "ipcFd < 0 means no connection": with one given, FCGX_Accept_r reads from it instead of accepting. libfcgi never
    // closes it, which it would do by waiting for the other side: that is what keepConnection says.
    request.pointee.ipcFd = socket
    request.pointee.keepConnection = 1
  }

  deinit {
    request.pointee.keepConnection = 1
    FCGX_Finish_r(request)
    request.deinitialize(count: 1)
    request.deallocate()
    close(socket)
  }

  /// Takes in the parameters of the next request, whose first bytes are there.
  func receive(peeking memory: UnsafeMutableRawBufferPointer) -> Arrival {
    let deadline = Deadline.after(milliseconds: FastCGIConnection.parameterMilliseconds)
    var seen = 0
    guarding: while true {
      let count = recv(socket, memory.baseAddress, memory.count, Int32(MSG_PEEK | MSG_DONTWAIT))
      guard count > 0 else { return .end }
      if count > seen {
        switch RecordGuard.verdict(on: UnsafeRawBufferPointer(rebasing: memory[..<count])) {
        case .complete: break guarding
        case .malformed: return .end
        case .incomplete: seen = count
        }
      }
      // Peeking cannot wait for more than is there. This is rare: nginx sends all of it at once.
      guard !deadline.hasPassed, !isHungUp else { return .end }
      usleep(500)
    }
    return FCGX_Accept_r(request) == 0 ? .request : .end
  }

  func parameter(_ name: StaticString) -> String? {
    name.withUTF8Buffer { text in
      text.withMemoryRebound(to: CChar.self) { FCGX_GetParam($0.baseAddress, request.pointee.envp) }
        .map { String(cString: $0) }
    }
  }

  /// Fills `space` with the next bytes of the body.
  ///
  /// - Returns: how many there were, fewer than asked for at its end; -1 when the web server stopped sending.
  func read(into space: UnsafeMutableRawBufferPointer) -> Int {
    let wanted = Int32(clamping: space.count)
    let count = FCGX_GetStr(space.baseAddress?.assumingMemoryBound(to: CChar.self), wanted, request.pointee.in)
    return count < wanted && FCGX_GetError(request.pointee.in) != 0 ? -1 : Int(count)
  }

  /// Whether the web server wants to send another request on this connection.
  var isKept: Bool { request.pointee.keepConnection != 0 }

  /// Sends the answer and ends the request.
  ///
  /// - Returns: whether the connection can be used for another.
  func answer(_ writer: ResponseWriter, by records: RecordWriter, keep: Bool) -> Bool {
    let wantsMore = keep && isKept
    // What is left of a body would be taken for the beginning of the next request.
    let isDrained = drainBody()
    let isSent = records.send(writer.head.bytes, writer.body.bytes, request: request.pointee.requestId, to: socket)
    // All has been said: libfcgi must not close its streams by sending that again.
    request.pointee.out.pointee.wasFCloseCalled = 1
    request.pointee.err.pointee.wasFCloseCalled = 1
    request.pointee.keepConnection = 1
    FCGX_Finish_r(request)
    return wantsMore && isDrained && isSent && request.pointee.ipcFd >= 0
  }

  private func drainBody() -> Bool {
    var left = FastCGIConnection.longestBody
    return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { space in
      while left > 0 {
        let count = read(into: space)
        if count < space.count { return count >= 0 }
        left -= count
      }
      return false
    }
  }

  private var isHungUp: Bool {
    var poller = pollfd(fd: socket, events: Int16(POLLIN | POLLRDHUP), revents: 0)
    return poll(&poller, 1, 0) > 0 && poller.revents & Int16(POLLHUP | POLLRDHUP | POLLERR) != 0
  }
}

/// Linux's; Glibc's module leaves it out.
private let POLLRDHUP: Int32 = 0x2000
