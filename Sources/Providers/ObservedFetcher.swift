public import Core
public import HTTP
public import Observe

/// Fetches as another does, from one service, and counts what has come of it.
public final class ObservedFetcher: HTTPFetcher {
  private let fetcher: any HTTPFetcher
  private let provider: ProviderName
  private let metrics = ProviderMetrics()
  private let activity: Activity

  public init(_ fetcher: any HTTPFetcher, of provider: ProviderName, activity: Activity) {
    self.fetcher = fetcher
    self.provider = provider
    self.activity = activity
  }

  public func run(
    _ exchanges: [HTTPExchange], by deadline: Deadline,
    next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    guard !exchanges.isEmpty else { return }
    let name = provider.name
    let start = Deadline.monotonicNanoseconds()
    activity.during(.provider, provider: provider) {
      for _ in exchanges { metrics.count(.request, of: name) }
      fetcher.run(exchanges, by: deadline) { id, result in
        switch result {
        case .success(let response):
          metrics.record(nanoseconds: Deadline.monotonicNanoseconds() - start, of: name)
          if response.status >= 500 || response.status == 429 { metrics.count(.error, of: name) }
        case .failure(.timedOut), .failure(.notStarted): metrics.count(.timeout, of: name)
        case .failure: metrics.count(.error, of: name)
        }
        let others = next(id, result)
        for _ in others { metrics.count(.request, of: name) }
        return others
      }
    }
  }

  public func start(of request: HTTPRequest) -> UInt64? { fetcher.start(of: request) }
}
