internal import CLinux
internal import Core
internal import Glibc
public import Handlers
public import Logging
public import Observe

/// A worker of the pool: takes requests from the web server, one at a time, until it is told to stop.
public final class FastCGIServer {
  private let listener: Int32
  private let router: Router
  private let hasWork: () -> Bool
  private let hasBacklog: () -> Bool
  private let work: (_ isSomebodyWaiting: () -> Bool) -> Void
  private let spareWork: SpareWork?
  private let observation: WorkerObservation?
  private let activity: Activity
  private let logger: Logger
  /// Another than usual for tests.
  var patience = FastCGIConnection.Patience()

  private let writer = ResponseWriter()
  private let records = RecordWriter()
  private var memory = HeapMemory()
  private let received = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordGuard.longestHead, alignment: 8)
  /// What ``wait(for:orStop:)`` waits for: the end, the connection, the listening socket.
  private let events = UnsafeMutablePointer<pollfd>.allocate(capacity: 3)
  /// How many requests in a row have come in on the kept connection while others were waiting to be accepted.
  private var timesPreferred = 0
  /// Whether there has been work, and nothing else since.
  private var hasJustWorked = false
  /// When somebody was last asked for spare work, in monotonic nanoseconds.
  private var lastLook = Deadline.monotonicNanoseconds()
  /// Whose request is in hand: its parameters tell what a log line is about.
  private var current: FastCGIConnection?
  /// Whether the last connection could not be accepted for lack of descriptors or memory.
  private var isExhausted = false

  /// How long a worker that holds an idle kept connection leaves a new one to the others, in milliseconds.
  private static let courtesy: Int32 = 2
  /// After so many the kept connection has to go. Who waits is often gone the next time one looks, because an idle worker
  /// was about to take them; and to close a connection costs the web server a new one, which waits in turn.
  private static let longestPreference = 2
  /// After how long work that is not done yet is looked at again when nobody asks for anything, in milliseconds.
  private static let workPause: Int32 = 1_000
  /// How long to leave the listening socket alone when there is no descriptor or no memory for a connection, in
  /// milliseconds. It stays readable: without a pause the worker would do nothing but try.
  private static let exhaustionPause: Int32 = 100

  /// What there is to do when nothing else is, for as long as nobody waits.
  public struct SpareWork {
    /// How often it is looked for, in milliseconds.
    public var interval: Int
    /// Asked only while nobody waits. It may take as long as a look into a store does.
    public var isThere: () -> Bool
    /// Does it, as the other work is done.
    public var run: (_ isSomebodyWaiting: () -> Bool) -> Void

    public init(
      every interval: Int, isThere: @escaping () -> Bool, run: @escaping (_ isSomebodyWaiting: () -> Bool) -> Void
    ) {
      self.interval = interval
      self.isThere = isThere
      self.run = run
    }
  }

  /// - Parameters:
  ///   - listener: the listening socket, shared by the pool.
  ///   - hasWork: whether there is something to do that nobody waits for.
  ///   - hasBacklog: whether there will be, as soon as somebody else has recovered; it is then looked for now and again.
  ///   - work: does it, or a part of it. It is not called while somebody waits to be accepted. It may ask whether
  ///     somebody does, or whether the worker has been told to stop, and should then leave the rest for the next time.
  ///   - observation: what is told of it all; nil for nothing.
  public init(
    listener: Int32, router: Router, hasWork: @escaping () -> Bool, hasBacklog: @escaping () -> Bool = { false },
    work: @escaping (_ isSomebodyWaiting: () -> Bool) -> Void, spareWork: SpareWork? = nil,
    observation: WorkerObservation? = nil, logger: Logger
  ) {
    self.listener = listener
    self.router = router
    self.hasWork = hasWork
    self.hasBacklog = hasBacklog
    self.work = work
    self.spareWork = spareWork
    self.observation = observation
    activity = observation?.activity ?? Activity()
    self.logger = logger
    signal(SIGPIPE, SIG_IGN)
    // Several processes wait for the same connection; those that come too late must not hang in accept.
    _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK)
    // Whoever started this process has given it the socket; nothing that it starts is to have it.
    _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
    observation?.log.requestID = { [weak self] in self?.current?.parameter("REQUEST_ID") }
    observation?.log.request = { [weak self] in
      guard let self, let current else { return nil }
      return RequestDescription(current.parameter, activity)
    }
  }

  deinit {
    received.deallocate()
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
        guard let current = connection, serveNext(of: current) else {
          connection = nil
          break
        }
      case .connection:
        // A kept connection may go: the web server sees it closed and takes another.
        if let next = accept() { connection = next }
      case .leisure:
        // Whoever asks next on this connection would wait for the work.
        connection = nil
        activity.working(.refreshing, .refreshing) {
          work {
            self.activity.beat()
            return self.isSomebodyWaiting(orStop: stop)
          }
        }
        hasJustWorked = true
        continue
      case .spareTime:
        connection = nil
        activity.working(.building, .building) {
          spareWork?.run {
            self.activity.beat()
            return self.isSomebodyWaiting(orStop: stop)
          }
        }
        lastLook = Deadline.monotonicNanoseconds()
      }
      hasJustWorked = false
    }
  }

  private enum Event {
    case stop, request, connection
    /// There is work, and nobody waits for anything.
    case leisure
    /// There is spare work, nothing else, and nobody waits for anything.
    case spareTime
  }

  /// Milliseconds until spare work is looked for; -1 when there never is any.
  private var untilLook: Int32 {
    guard let spareWork else { return -1 }
    let passed = (Deadline.monotonicNanoseconds() - lastLook) / 1_000_000
    return passed >= UInt64(max(0, spareWork.interval)) ? 0 : Int32(clamping: UInt64(spareWork.interval) - passed)
  }

  /// How long a worker is idle before it tells StatsD what is left, in milliseconds.
  private static let flushPause: Int32 = 1_000

  private var hasToFlush: Bool { observation?.statsD?.hasPending ?? false }
  private var untilFlush: Int32 { hasToFlush ? FastCGIServer.flushPause : -1 }

  /// Of two times to wait, of which a negative one has no end.
  private static func earliest(_ one: Int32, _ other: Int32) -> Int32 {
    one < 0 ? other : other < 0 ? one : min(one, other)
  }

  private func wait(for connection: FastCGIConnection?, orStop stop: Int32) -> Event {
    events[0] = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)
    events[1] = pollfd(fd: connection?.socket ?? -1, events: Int16(POLLIN), revents: 0)
    events[2] = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    while true {
      let hasWork = hasWork()
      let leisure: Int32 = hasWork && !hasJustWorked ? 0 : hasWork || hasBacklog() ? FastCGIServer.workPause : -1
      // A connection that has just been accepted has the first claim: its request is on its way.
      let grace = Int32(clamping: connection?.millisecondsToFirstByte ?? 0)
      let look = untilLook
      let pause = FastCGIServer.earliest(FastCGIServer.earliest(leisure, look), untilFlush)
      let ready = poll(events, 3, pause < 0 ? -1 : max(pause, grace))
      if ready < 0, errno != EINTR { return .stop }
      if ready == 0, hasWork, leisure <= max(pause, grace) { return .leisure }
      if ready == 0, hasToFlush { observation?.statsD?.flush() }
      if ready == 0, look >= 0, untilLook == 0, let spareWork {
        lastLook = Deadline.monotonicNanoseconds()
        if spareWork.isThere() { return .spareTime }
      }
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
      if connection != nil, poll(events, 2, max(grace, FastCGIServer.courtesy)) > 0 {
        if events[0].revents != 0 { return .stop }
        timesPreferred += 1
        return .request
      }
      timesPreferred = 0
      return .connection
    }
  }

  private func isSomebodyWaiting(orStop stop: Int32) -> Bool {
    events[0] = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)
    events[1] = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    return poll(events, 2, 0) > 0
  }

  /// - Returns: nil when there is no connection any more, because another process was faster, or no room for one.
  private func accept() -> FastCGIConnection? {
    let socket = linernotes_accept(listener)
    guard socket < 0 else {
      isExhausted = false
      return FastCGIConnection(socket: socket, patience: patience)
    }
    let reason = errno
    if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(reason) {
      if !isExhausted {
        logger.critical("cannot accept connections", metadata: ["reason": "\(String(cString: strerror(reason)))"])
      }
      isExhausted = true
      // For the end, and the connection in hand.
      _ = poll(events, 2, FastCGIServer.exhaustionPause)
    }
    return nil
  }

  /// - Returns: whether the connection is kept.
  private func serveNext(of connection: FastCGIConnection) -> Bool {
    activity.beginRequest()
    current = connection
    defer { current = nil }
    guard case .request = connection.receive(into: received) else {
      activity.cancelRequest()
      return false
    }
    return serve(connection)
  }

  private func serve(_ connection: FastCGIConnection) -> Bool {
    guard
      let request = Request(keyRoots: router.keyRoots, parameters: connection.parameter, body: connection.read)
    else {
      writer.write(Router.unreadable, to: Request(method: "GET", path: [], query: Query("")))
      return answer(connection, keep: false)
    }
    activity.setRequest(request.method)
    _ = activity.enter(.answering)
    if !writer.write(router.respond(to: request), to: request) {
      writer.write(router.respondDistrustfully(to: request), to: request)
    }
    defer { memory.noteAnswer() }
    return answer(connection, keep: !hasWork() && timesPreferred < FastCGIServer.longestPreference)
  }

  private func answer(_ connection: FastCGIConnection, keep: Bool) -> Bool {
    _ = activity.enter(.writing)
    return connection.answer(writer, by: records, keep: keep) {
      if let observation { observation.endRequest(status: writer.status) } else { activity.cancelRequest() }
    }
  }
}
