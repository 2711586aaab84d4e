internal import CCurl
internal import Core

/// One run of the fetcher.
struct CurlBatch {
  private struct Waiting {
    var exchange: HTTPExchange
    var asked: HTTPRequest
    var origin: Origin
    var redirects: Int
    var firstStarted: UInt64?
  }

  typealias Next = (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]

  private let library: CurlLibrary
  private let multi: CurlLibrary.Handle
  private let parked: ParkedTransfers
  private let userAgent: String
  private let deadline: Deadline
  private var active: [UnsafeRawPointer: CurlTransfer] = [:]
  private var connections: [Origin: Int] = [:]
  private var waiting: [Waiting] = []

  /// Whoever waits by a deadline says so at least twice a second.
  private static let longestWait = 500

  init(
    library: CurlLibrary, multi: CurlLibrary.Handle, parked: ParkedTransfers, userAgent: String, deadline: Deadline
  ) {
    self.library = library
    self.multi = multi
    self.parked = parked
    self.userAgent = userAgent
    self.deadline = deadline
  }

  mutating func run(_ exchanges: [HTTPExchange], _ next: Next) {
    accept(exchanges, next)
    var isStopped = false
    while !(active.isEmpty && waiting.isEmpty) {
      isStopped = !deadline.beat()
      guard !isStopped, !deadline.hasPassed else { break }
      start(next)
      var running: Int32 = 0
      _ = library.multiPerform(multi, &running)
      if finishEnded(next) { continue }
      _ = library.multiPoll(multi, nil, 0, Int32(min(deadline.millisecondsLeft, CurlBatch.longestWait)), nil)
    }
    for transfer in active.values {
      if transfer.isWorthParking(isAwaited: deadline.isAwaited || isStopped) {
        parked.park(transfer)
      } else {
        _ = library.multiRemove(multi, transfer.handle)
      }
      _ = next(transfer.exchange.id, .failure(.timedOut))
    }
    active = [:]
    for item in waiting { _ = next(item.exchange.id, .failure(.notStarted)) }
  }

  /// Takes exchanges in; those that may not be made end at once, and others may follow from that.
  private mutating func accept(_ exchanges: [HTTPExchange], _ next: Next) {
    var exchanges = exchanges[...]
    while let exchange = exchanges.popFirst() {
      guard let origin = Origin(of: exchange.request.url), exchange.service.origins.contains(origin) else {
        exchanges += next(exchange.id, .failure(.refused))
        continue
      }
      if let transfer = parked.adopt(exchange) {
        transfer.serve(exchange)
        guard let code = transfer.code else {
          active[UnsafeRawPointer(transfer.handle)] = transfer
          connections[transfer.origin, default: 0] += 1
          continue
        }
        switch transfer.end(code) {
        case .answered(let result): exchanges += next(exchange.id, result)
        case .redirected(let url): redirect(transfer, to: url, next)
        }
        continue
      }
      waiting.append(Waiting(exchange: exchange, asked: exchange.request, origin: origin, redirects: 0))
    }
  }

  private mutating func start(_ next: Next) {
    var later: [Waiting] = []
    let due = waiting
    waiting = []
    for item in due {
      let service = item.exchange.service
      guard connections[item.origin, default: 0] < service.connections else {
        later.append(item)
        continue
      }
      if connections[item.origin, default: 0] + parked.connections(to: item.origin) >= service.connections {
        parked.makeRoom(at: item.origin)
      }
      let isWorthParking = CurlTransfer.isWorthParking(item.exchange, isAwaited: deadline.isAwaited)
      guard
        let transfer = CurlTransfer(
          item.exchange, asked: item.asked, origin: item.origin, redirects: item.redirects,
          firstStarted: item.firstStarted, userAgent: userAgent,
          milliseconds: isWorthParking
            ? service.timeoutMilliseconds : min(service.timeoutMilliseconds, deadline.millisecondsLeft), library),
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
  private mutating func finishEnded(_ next: Next) -> Bool {
    var hasEnded = false
    var left: Int32 = 0
    while let message = library.multiInfo(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
      let code = message.pointee.data.result
      guard let transfer = active.removeValue(forKey: UnsafeRawPointer(handle)) else {
        parked.end(handle, code)
        continue
      }
      hasEnded = true
      connections[transfer.origin, default: 1] -= 1
      let end = transfer.end(code)
      _ = library.multiRemove(multi, handle)
      switch end {
      case .answered(let result): accept(next(transfer.exchange.id, result), next)
      case .redirected(let url): redirect(transfer, to: url, next)
      }
    }
    return hasEnded
  }

  private mutating func redirect(_ transfer: CurlTransfer, to url: String, _ next: Next) {
    var exchange = transfer.exchange
    guard transfer.redirects < exchange.service.redirects, exchange.request.form == nil,
      let origin = Origin(of: url), exchange.service.mayRedirect(to: origin)
    else {
      accept(next(exchange.id, .failure(.refused)), next)
      return
    }
    exchange.request.url = url
    // What one origin is told, such as a token, is not for another.
    if origin != transfer.origin { exchange.request.headers = [] }
    waiting.append(
      Waiting(
        exchange: exchange, asked: transfer.asked, origin: origin, redirects: transfer.redirects + 1,
        firstStarted: transfer.firstStarted))
  }
}
