public import Core

/// Runs requests at the same time. It never throws: whatever a server does becomes a value, by the deadline.
public protocol HTTPFetcher: AnyObject {
  /// Runs the exchanges, and those that `next` returns for each that has ended, until all have ended or the deadline
  /// has passed. `next` is called once for every exchange that was handed in; what it returns after the deadline is
  /// not run.
  func run(
    _ exchanges: [HTTPExchange], by deadline: Deadline,
    next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange])

  /// When an equal request was begun that went on after an earlier run's deadline, in monotonic nanoseconds; nil when
  /// there is none. Handed in before anything else runs, such a request is not made again.
  func start(of request: HTTPRequest) -> UInt64?
}

extension HTTPFetcher {
  public func start(of request: HTTPRequest) -> UInt64? { nil }
}
