internal import CFCGI
internal import CLinux
internal import Core
internal import Documents
internal import Glibc
internal import Handlers

/// A connection from the web server, and libfcgi's request on it. Owns both.
///
/// libfcgi reads heads that ``RecordGuard`` has admitted, and nothing else: bodies are read here.
final class FastCGIConnection {
  enum Arrival {
    case request
    /// It went away, took too long, or what it sent is not FastCGI.
    case end
  }

  /// How long the web server may take, in milliseconds. Each is for the whole, however it is divided: somebody who
  /// sends or takes a byte now and then must not hold a worker for longer than somebody who does nothing.
  struct Patience {
    /// From accepting a connection to the first byte on it, and from there to the end of the parameters. A web server
    /// connects when it has a request, and sends the parameters at once.
    var head = 2_000
    /// To send the body. nginx has received all of it before it connects; others pass on what comes as it comes.
    var body = 5_000
    /// To send what nobody has asked for of a body, before the answer is sent.
    var rest = 1_000
    /// To take the answer. The shipped nginx takes 1.5 MB of it at once, which is more than all but a few answers have
    /// as gzip. Of a longer one it takes as much as its client does: one of 6 MB takes 450 KB a second.
    var answer = 10_000
  }

  private(set) var socket: Int32
  private let patience: Patience
  private let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
  private let accepted: Deadline
  /// Whether no request has come in on it yet.
  private var isNew = true

  private var records = RecordGuard()
  /// What has been received of the body and not been read yet.
  private var received = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Where to receive more of it.
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var bodyDeadline: Deadline?
  private var body = Progress.over
  /// Whether libfcgi has the parameters of a request.
  private var hasParameters = false

  private enum Progress {
    case going, over, broken
  }

  private static let isLibraryReady = FCGX_Init() == 0
  private static let longestBody = 1 << 20
  /// What libfcgi reads at once. Were it less, the next request on the connection would be refused for what is left.
  private static let libraryBuffer = 8192

  /// - Parameter socket: a connection, which from now on belongs to this.
  init(socket: Int32, patience: Patience = Patience()) {
    self.socket = socket
    self.patience = patience
    accepted = .after(milliseconds: patience.head)
    _ = FastCGIConnection.isLibraryReady
    request.initialize(to: FCGX_Request())
    // No listening socket: after an error libfcgi would wait in accept for a connection that is not ours to give.
    FCGX_InitRequest(request, -1, Int32(FCGI_FAIL_ACCEPT_ON_INTR))
    // "ipcFd < 0 means no connection": with one given, FCGX_Accept_r reads from it instead of accepting. libfcgi never
    // closes it, which it would do by waiting for the other side: that is what keepConnection says.
    request.pointee.ipcFd = socket
    request.pointee.keepConnection = 1
  }

  deinit {
    finish()
    request.deinitialize(count: 1)
    request.deallocate()
    if socket >= 0 { close(socket) }
  }

  /// For how long this connection must not be given up for another, in milliseconds: nobody but this worker can take
  /// its first request.
  var millisecondsToFirstByte: Int { isNew ? accepted.millisecondsLeft : 0 }

  /// Takes in the parameters of the next request, whose first bytes are there.
  ///
  /// - Parameter memory: where to look at them. What of the body comes with them stays there until it is read.
  func receive(into memory: UnsafeMutableRawBufferPointer) -> Arrival {
    isNew = false
    self.memory = memory
    records = RecordGuard()
    bodyDeadline = nil
    var count = recv(socket, memory.baseAddress, memory.count, Int32(MSG_PEEK | MSG_DONTWAIT))
    guard count > 0 else { return .end }
    var head = 0
    var step = scanHead(memory[..<count], from: &head)
    if step == .endOfHead, count <= FastCGIConnection.libraryBuffer {
      var ahead = records
      switch FastCGIConnection.scanBody(memory[head..<count], with: &ahead) {
      case .malformed: return .end
      case .endOfBody:
        // The whole request is there, as nginx sends it. libfcgi takes all of it from the socket, and reads the head.
        return accept(from: socket) ? hold(memory[head..<count]) : .end
      default: break
      }
    }
    // Otherwise libfcgi could take what has not been looked at: it gets a copy of the head.
    let deadline = Deadline.after(milliseconds: patience.head)
    guard recv(socket, memory.baseAddress, count, Int32(MSG_DONTWAIT)) == count else { return .end }
    while step == .framing {
      let more = receive(into: memory[count...], by: deadline)
      guard more > 0 else { return .end }
      count += more
      step = scanHead(memory[..<count], from: &head)
    }
    guard step == .endOfHead, acceptCopy(of: memory[..<head]) else { return .end }
    bodyDeadline = .after(milliseconds: patience.body)
    return hold(memory[head..<count])
  }

  /// - Returns: nil also when there is no request in hand.
  func parameter(_ name: StaticString) -> String? {
    guard hasParameters else { return nil }
    return name.withUTF8Buffer { text in
      text.withMemoryRebound(to: CChar.self) { FCGX_GetParam($0.baseAddress, request.pointee.envp) }
        .map { String(cString: $0) }
    }
  }

  /// Fills `space` with the next bytes of the body.
  ///
  /// - Returns: how many there were, fewer than asked for at its end; -1 when the web server stopped sending, took too
  ///   long or sent what is no body.
  func read(into space: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    while filled < space.count, body == .going {
      guard !received.isEmpty || receiveBody() else {
        body = .broken
        break
      }
      let (length, step) = records.next(received, longestContent: space.count - filled)
      switch step {
      case .content:
        UnsafeMutableRawBufferPointer(rebasing: space[filled...]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: received[..<length]))
        filled += length
      case .endOfBody:
        // More would be a request that was sent before the one before it was answered.
        body = received.count == length ? .over : .broken
      case .malformed: body = .broken
      case .framing, .endOfHead: break
      }
      received = UnsafeRawBufferPointer(rebasing: received[length...])
    }
    return body == .broken ? -1 : filled
  }

  /// Whether the web server wants to send another request on this connection.
  var isKept: Bool { request.pointee.keepConnection != 0 }

  /// Sends the answer and ends the request.
  ///
  /// - Parameter isOver: called when all is sent, while the request can still be told of.
  /// - Returns: whether the connection can be used for another.
  func answer(
    _ writer: ResponseWriter, by records: RecordWriter, keep: Bool, then isOver: () -> Void = {}
  ) -> Bool {
    let wantsMore = keep && isKept
    // What is left of a body would be taken for the beginning of the next request.
    let isDrained = drainBody()
    let isSent = records.send(
      writer.head.bytes, writer.body.bytes, request: request.pointee.requestId, to: socket,
      milliseconds: patience.answer)
    isOver()
    // All has been said: libfcgi must not close its streams by sending that again.
    request.pointee.out.pointee.wasFCloseCalled = 1
    request.pointee.err.pointee.wasFCloseCalled = 1
    finish()
    return wantsMore && isDrained && isSent && socket >= 0
  }

  private func finish() {
    hasParameters = false
    request.pointee.keepConnection = 1
    FCGX_Finish_r(request)
    // It closes a connection that it found fault with.
    if request.pointee.ipcFd < 0 { socket = -1 }
  }

  // MARK: - The head

  private func scanHead(_ bytes: Slice<UnsafeMutableRawBufferPointer>, from offset: inout Int) -> RecordGuard.Step {
    while offset < bytes.endIndex {
      let (length, step) = records.next(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
      offset += length
      if step != .framing { return step }
    }
    return .framing
  }

  private static func scanBody(
    _ bytes: Slice<UnsafeMutableRawBufferPointer>, with records: inout RecordGuard
  ) -> RecordGuard.Step {
    var rest = UnsafeRawBufferPointer(rebasing: bytes)
    while !rest.isEmpty {
      let (length, step) = records.next(rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[length...])
      if step == .endOfBody { return rest.isEmpty ? step : .malformed }
      if step == .malformed { return step }
    }
    return .framing
  }

  /// Has libfcgi read a head from a descriptor that is sure to hold all of it.
  private func accept(from descriptor: Int32) -> Bool {
    request.pointee.ipcFd = descriptor
    let isAccepted = FCGX_Accept_r(request) == 0
    // It closes what it could not read from.
    if !isAccepted, descriptor == socket { socket = -1 }
    request.pointee.ipcFd = socket
    hasParameters = isAccepted
    return isAccepted
  }

  private func acceptCopy(of head: Slice<UnsafeMutableRawBufferPointer>) -> Bool {
    let file = linernotes_memory_file()
    guard file >= 0 else { return false }
    let bytes = UnsafeRawBufferPointer(rebasing: head)
    guard pwrite(file, bytes.baseAddress, bytes.count, 0) == bytes.count else {
      close(file)
      return false
    }
    guard accept(from: file) else { return false }
    close(file)
    return true
  }

  // MARK: - The body

  private func hold(_ bytes: Slice<UnsafeMutableRawBufferPointer>) -> Arrival {
    received = UnsafeRawBufferPointer(rebasing: bytes)
    body = .going
    return .request
  }

  private func receiveBody() -> Bool {
    guard let bodyDeadline else { return false }
    let count = receive(into: memory[...], by: bodyDeadline)
    guard count > 0 else { return false }
    received = UnsafeRawBufferPointer(rebasing: memory[..<count])
    return true
  }

  private func drainBody() -> Bool {
    bodyDeadline = bodyDeadline?.orAfter(milliseconds: patience.rest)
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

  /// Waits for bytes and takes them.
  ///
  /// - Returns: how many; 0 or less when there are no more, or not in time.
  private func receive(into space: Slice<UnsafeMutableRawBufferPointer>, by deadline: Deadline) -> Int {
    let space = UnsafeMutableRawBufferPointer(rebasing: space)
    while true {
      var poller = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      let ready = poll(&poller, 1, Int32(clamping: deadline.millisecondsLeft))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return -1 }
      let count = recv(socket, space.baseAddress, space.count, Int32(MSG_DONTWAIT))
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      return count
    }
  }
}
