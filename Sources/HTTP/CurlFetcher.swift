internal import CCurl
public import Core
public import Logging

/// Fetches with libcurl: one multi handle a process, which keeps connections and names from batch to batch. Owns it.
public final class CurlFetcher: HTTPFetcher {
  private final class Handles {
    let library: CurlLibrary
    let multi: CurlLibrary.Handle
    let parked: ParkedTransfers

    init(_ library: CurlLibrary) throws(LibraryFailure) {
      guard let multi = library.multiInit() else { throw LibraryFailure(CurlLibrary.name, "out of memory") }
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
  private var handles: LazyLibrary<Handles>

  /// Idle connections that a process keeps, to all providers together.
  private static let keptConnections = 16

  /// - Parameter userAgent: who asks, and how to reach them.
  public convenience init(userAgent: String, logger: Logger) {
    self.init(userAgent: userAgent, logger: logger, open: CurlLibrary.init, now: Deadline.monotonicNanoseconds)
  }

  init(
    userAgent: String, logger: Logger, open: @escaping () throws(LibraryFailure) -> CurlLibrary,
    now: @escaping () -> UInt64
  ) {
    self.userAgent = userAgent
    self.logger = logger
    handles = LazyLibrary(now: now) { () throws(LibraryFailure) in
      do throws(LibraryFailure) {
        return try Handles(try open())
      } catch {
        logger.error("\(error); for now, no provider is asked for anything")
        throw error
      }
    }
  }

  /// Why nothing can be fetched on this machine; nil when libcurl is there.
  public static var libraryFailure: LibraryFailure? { SharedLibrary.failure(toOpen: CurlLibrary.name) }

  public func run(
    _ exchanges: [HTTPExchange], by deadline: Deadline,
    next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    guard !exchanges.isEmpty else { return }
    guard let handles = try? handles.contents() else {
      end(exchanges, .unsupported, next)
      return
    }
    var batch = CurlBatch(
      library: handles.library, multi: handles.multi, parked: handles.parked, userAgent: userAgent, deadline: deadline)
    batch.run(exchanges, next)
    handles.parked.dropExpired()
  }

  public func start(of request: HTTPRequest) -> UInt64? { handles.opened?.parked.start(of: request) }

  /// Drops all requests that go on after an earlier run's deadline.
  func dropParked() { handles.opened?.parked.dropAll() }

  private func end(
    _ exchanges: [HTTPExchange], _ error: FetchError,
    _ next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    for exchange in exchanges { end(next(exchange.id, .failure(error)), error, next) }
  }
}
