internal import CCurl
public import Core
public import Logging

/// Fetches with libcurl: one multi handle a process, which keeps connections and names from batch to batch. Owns it.
public final class CurlFetcher: HTTPFetcher {
  private final class Handles {
    let library: CurlLibrary
    let multi: CurlLibrary.Handle
    let parked: ParkedTransfers

    init?(_ library: CurlLibrary) {
      guard let multi = library.multiInit() else { return nil }
      library.setMulti(multi, CURLMOPT_MAXCONNECTS, CurlFetcher.keptConnections)
      self.library = library
      self.multi = multi
      parked = ParkedTransfers(library, multi)
    }

    deinit {
      // "You should remove all easy handles before calling this function" (curl_multi_cleanup(3)).
      parked.dropAll()
      _ = library.multiCleanup(multi)
    }
  }

  private let userAgent: String
  private let logger: Logger
  private let openLibrary: () -> CurlLibrary?
  private let now: () -> UInt64
  private var handles: Handles?
  /// A lack of memory or of descriptors passes; a missing library is not looked for with every request.
  private var opening = Backoff(shortestMilliseconds: 1_000, longestMilliseconds: 30_000)

  /// Idle connections that a process keeps, to all providers together.
  private static let keptConnections = 16

  /// - Parameter userAgent: who asks, and how to reach them.
  public convenience init(userAgent: String, logger: Logger) {
    self.init(userAgent: userAgent, logger: logger, open: CurlLibrary.init, now: Deadline.monotonicNanoseconds)
  }

  init(userAgent: String, logger: Logger, open: @escaping () -> CurlLibrary?, now: @escaping () -> UInt64) {
    self.userAgent = userAgent
    self.logger = logger
    openLibrary = open
    self.now = now
  }

  public func run(
    _ exchanges: [HTTPExchange], by deadline: Deadline,
    next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    guard !exchanges.isEmpty else { return }
    guard let handles = open() else {
      end(exchanges, .unsupported, next)
      return
    }
    var batch = CurlBatch(
      library: handles.library, multi: handles.multi, parked: handles.parked, userAgent: userAgent, deadline: deadline)
    batch.run(exchanges, next)
    handles.parked.dropExpired()
  }

  public func start(of request: HTTPRequest) -> UInt64? { handles?.parked.start(of: request) }

  /// Drops all requests that go on after an earlier run's deadline.
  func dropParked() { handles?.parked.dropAll() }

  private func end(
    _ exchanges: [HTTPExchange], _ error: FetchError,
    _ next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    for exchange in exchanges { end(next(exchange.id, .failure(error)), error, next) }
  }

  private func open() -> Handles? {
    if let handles { return handles }
    guard opening.isOpen(at: now()) else { return nil }
    handles = openLibrary().flatMap(Handles.init)
    if handles == nil {
      opening.failed(at: now())
      logger.error("libcurl 4 cannot be opened: for now, no provider is asked for anything")
    }
    return handles
  }
}
