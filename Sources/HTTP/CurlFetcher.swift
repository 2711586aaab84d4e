internal import CCurl
public import Core
public import Logging

/// Fetches with libcurl: one multi handle a process, which keeps connections and names from batch to batch. Owns it.
public final class CurlFetcher: HTTPFetcher {
  private let userAgent: String
  private let logger: Logger
  private var library: CurlLibrary?
  private var multi: CurlLibrary.Handle?
  private var isOpened = false

  /// Idle connections that a process keeps, to all providers together.
  private static let keptConnections = 16

  /// - Parameter userAgent: who asks, and how to reach them.
  public init(userAgent: String, logger: Logger) {
    self.userAgent = userAgent
    self.logger = logger
  }

  deinit {
    if let library, let multi { _ = library.multiCleanup(multi) }
  }

  public func run(
    _ exchanges: [HTTPExchange], by deadline: Deadline,
    next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    guard !exchanges.isEmpty else { return }
    open()
    guard let library, let multi else {
      end(exchanges, .unsupported, next)
      return
    }
    var batch = Batch(library: library, multi: multi, userAgent: userAgent, deadline: deadline)
    batch.run(exchanges, next)
  }

  private func end(
    _ exchanges: [HTTPExchange], _ error: FetchError,
    _ next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    for exchange in exchanges { end(next(exchange.id, .failure(error)), error, next) }
  }

  private func open() {
    guard !isOpened else { return }
    isOpened = true
    guard let library = CurlLibrary(), let multi = library.multiInit() else {
      logger.error("libcurl 4 cannot be opened: no provider is asked for anything")
      return
    }
    library.setMulti(multi, CURLMOPT_MAXCONNECTS, CurlFetcher.keptConnections)
    self.library = library
    self.multi = multi
  }
}

/// One run of the fetcher.
private struct Batch {
  private struct Waiting {
    var exchange: HTTPExchange
    var origin: Origin
    var redirects: Int
  }

  private let library: CurlLibrary
  private let multi: CurlLibrary.Handle
  private let userAgent: String
  private let deadline: Deadline
  private var active: [UnsafeRawPointer: CurlTransfer] = [:]
  private var connections: [Origin: Int] = [:]
  private var waiting: [Waiting] = []

  init(library: CurlLibrary, multi: CurlLibrary.Handle, userAgent: String, deadline: Deadline) {
    self.library = library
    self.multi = multi
    self.userAgent = userAgent
    self.deadline = deadline
  }

  mutating func run(_ exchanges: [HTTPExchange], _ next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]) {
    accept(exchanges, next)
    while !(active.isEmpty && waiting.isEmpty) {
      guard !deadline.hasPassed else { break }
      start(next)
      var running: Int32 = 0
      _ = library.multiPerform(multi, &running)
      if finishEnded(next) { continue }
      _ = library.multiPoll(multi, nil, 0, Int32(min(deadline.millisecondsLeft, 1_000)), nil)
    }
    for transfer in active.values {
      _ = library.multiRemove(multi, transfer.handle)
      _ = next(transfer.exchange.id, .failure(.timedOut))
    }
    active = [:]
    for item in waiting { _ = next(item.exchange.id, .failure(.notStarted)) }
  }

  /// Takes exchanges in; those that may not be made end at once, and others may follow from that.
  private mutating func accept(
    _ exchanges: [HTTPExchange], _ next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    var exchanges = exchanges[...]
    while let exchange = exchanges.popFirst() {
      guard let origin = Origin(of: exchange.request.url), exchange.service.origins.contains(origin) else {
        exchanges += next(exchange.id, .failure(.refused))
        continue
      }
      waiting.append(Waiting(exchange: exchange, origin: origin, redirects: 0))
    }
  }

  private mutating func start(_ next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]) {
    var later: [Waiting] = []
    let due = waiting
    waiting = []
    for item in due {
      let service = item.exchange.service
      guard connections[item.origin, default: 0] < service.connections else {
        later.append(item)
        continue
      }
      guard
        let transfer = CurlTransfer(
          item.exchange, origin: item.origin, redirects: item.redirects, userAgent: userAgent,
          milliseconds: min(service.timeoutMilliseconds, deadline.millisecondsLeft), library),
        library.multiAdd(multi, transfer.handle) == CURLM_OK
      else {
        accept(next(item.exchange.id, .failure(.broken(0))), next)
        continue
      }
      active[UnsafeRawPointer(transfer.handle)] = transfer
      connections[item.origin, default: 0] += 1
    }
    waiting = later + waiting
  }

  /// - Returns: whether any had ended.
  private mutating func finishEnded(_ next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]) -> Bool {
    var hasEnded = false
    var left: Int32 = 0
    while let message = library.multiInfo(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
        let transfer = active.removeValue(forKey: UnsafeRawPointer(handle))
      else { continue }
      let code = message.pointee.data.result
      hasEnded = true
      connections[transfer.origin, default: 1] -= 1
      switch transfer.end(code) {
      case .answered(let result):
        _ = library.multiRemove(multi, handle)
        accept(next(transfer.exchange.id, result), next)
      case .redirected(let url):
        _ = library.multiRemove(multi, handle)
        redirect(transfer, to: url, next)
      }
    }
    return hasEnded
  }

  private mutating func redirect(
    _ transfer: CurlTransfer, to url: String, _ next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    var exchange = transfer.exchange
    guard transfer.redirects < exchange.service.redirects, exchange.request.form == nil,
      let origin = Origin(of: url), exchange.service.origins.contains(origin)
    else {
      accept(next(exchange.id, .failure(.refused)), next)
      return
    }
    exchange.request.url = url
    // What one origin is told, such as a token, is not for another.
    if origin != transfer.origin { exchange.request.headers = [] }
    waiting.append(Waiting(exchange: exchange, origin: origin, redirects: transfer.redirects + 1))
  }
}
