internal import CFCGI
internal import Core
internal import Glibc
public import Handlers
public import Logging

/// A worker of the pool: takes requests from the web server, one at a time, until it is told to stop.
public final class FastCGIServer {
  private let listener: Int32
  private let router: Router
  private let hasWork: () -> Bool
  private let work: () -> Void
  private let logger: Logger

  private let writer = ResponseWriter()
  private let records = RecordWriter()
  private var memory = HeapMemory()
  private let peeked = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordGuard.longestRequest, alignment: 8)
  /// What ``wait(for:)`` waits for: the end, the kept connection, the listening socket.
  private let events = UnsafeMutablePointer<pollfd>.allocate(capacity: 3)
  /// How many requests in a row have come in on the kept connection while others were waiting to be accepted.
  private var timesPreferred = 0

  /// How long a worker that holds an idle kept connection leaves a new one to the others, in milliseconds.
  private static let courtesy: Int32 = 2
  /// After so many the kept connection has to go. Who waits is often gone the next time one looks, because an idle worker
  /// was about to take them; and to close a connection costs the web server a new one, which waits in turn.
  private static let longestPreference = 2

  /// - Parameters:
  ///   - listener: the listening socket, shared by the pool.
  ///   - hasWork: whether there is something to do once the answer has been sent.
  ///   - work: does it.
  public init(
    listener: Int32, router: Router, hasWork: @escaping () -> Bool, work: @escaping () -> Void, logger: Logger
  ) {
    self.listener = listener
    self.router = router
    self.hasWork = hasWork
    self.work = work
    self.logger = logger
    FCGX_Init()
    signal(SIGPIPE, SIG_IGN)
    // Several processes wait for the same connection; those that come too late must not hang in accept.
    _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK)
  }

  deinit {
    peeked.deallocate()
    events.deallocate()
  }

  /// Serves until there is something to read from a descriptor; the request in hand is finished first.
  public func run(untilReadable stop: Int32) {
    var connection: FastCGIConnection?
    while true {
      switch wait(for: connection, orStop: stop) {
      case .stop:
        return
      case .request:
        guard let current = connection, case .request = current.receive(peeking: peeked), serve(current) else {
          connection = nil
          break
        }
      case .connection:
        // A kept connection may go: the web server sees it closed and takes another.
        if let next = FastCGIConnection(acceptingFrom: listener) { connection = next }
      }
      if hasWork() {
        // Whoever asks next on this connection would wait for the work.
        connection = nil
        work()
      }
    }
  }

  private enum Event {
    case stop, request, connection
  }

  private func wait(for connection: FastCGIConnection?, orStop stop: Int32) -> Event {
    events[0] = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)
    events[1] = pollfd(fd: connection?.socket ?? -1, events: Int16(POLLIN), revents: 0)
    events[2] = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    while true {
      let ready = poll(events, 3, -1)
      if ready < 0, errno != EINTR { return .stop }
      guard ready > 0 else { continue }
      if events[0].revents != 0 { return .stop }
      let isSomeoneWaiting = events[2].revents != 0
      if events[1].revents != 0 {
        timesPreferred = isSomeoneWaiting ? timesPreferred + 1 : 0
        return .request
      }
      guard isSomeoneWaiting else { continue }
      // With an idle connection in hand others are better placed to take the new one; but if nobody does, an idle
      // connection must not keep a client waiting.
      if connection != nil, poll(events + 1, 1, FastCGIServer.courtesy) > 0 {
        timesPreferred += 1
        return .request
      }
      timesPreferred = 0
      return .connection
    }
  }

  /// - Returns: whether the connection is kept.
  private func serve(_ connection: FastCGIConnection) -> Bool {
    guard let request = Request(parameters: connection.parameter, body: connection.read) else {
      writer.write(Router.unreadable, to: Request(method: "GET", path: [], query: Query("")))
      return connection.answer(writer, by: records, keep: false)
    }
    writer.write(router.respond(to: request), to: request)
    defer { memory.noteAnswer() }
    return connection.answer(
      writer, by: records, keep: !hasWork() && timesPreferred < FastCGIServer.longestPreference)
  }
}
