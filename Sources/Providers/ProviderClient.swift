internal import Cache
internal import Core
public import HTTP
public import Logging
public import Observe

/// Single requests to services, for answers that hang on one: under the same limits, pauses and counters as the
/// requests of ``Inquirer``.
public final class ProviderClient {
  private let fetcher: any HTTPFetcher
  private let gate: Gate
  private let metrics = ProviderMetrics()
  private let activity: Activity
  private let logger: Logger

  public init(fetcher: any HTTPFetcher, gate: Gate, activity: Activity = Activity(), logger: Logger) {
    self.fetcher = fetcher
    self.activity = activity
    self.gate = gate
    self.logger = logger
  }

  /// Asks a service.
  ///
  /// - Returns: an answer that may be an error of the kind that only this request is to blame for (400 to 499, but for
  ///   429); nil when the service is unavailable, for whatever reason.
  func ask(
    _ name: String, _ request: HTTPRequest, _ service: HTTPService, by deadline: Deadline
  ) -> HTTPResponse? {
    let verdict = gate.verdicts(on: [name], isAwaited: false)[name] ?? .open
    if case .closed = verdict {
      metrics.count(.unavailable, of: name)
      return nil
    }
    // What goes on since an earlier time was admitted and counted then.
    let begun = fetcher.start(of: request)
    if begun == nil {
      guard gate.admit(name) else {
        metrics.count(.rateLimit, of: name)
        return nil
      }
      metrics.count(.request, of: name)
    }
    let start = begun ?? Deadline.monotonicNanoseconds()
    var result: Result<HTTPResponse, FetchError> = .failure(.notStarted)
    activity.during(.provider, provider: ProviderName(name)) {
      fetcher.run([HTTPExchange(id: 0, request: request, service: service)], by: deadline) {
        result = $1
        return []
      }
    }
    switch result {
    case .success(let answer):
      metrics.record(nanoseconds: Deadline.monotonicNanoseconds() - start, of: name)
      if answer.status == 429 || (answer.status == 503 && answer.retryAfter != nil) {
        gate.pause(name, seconds: answer.retryAfter ?? Gate.pauseWithoutRetryAfter)
        metrics.count(.error, of: name)
        return nil
      }
      let isUp = answer.status < 500
      gate.report(name, hasSucceeded: isUp, failures: Gate.failurePoints)
      guard isUp else {
        metrics.count(.error, of: name)
        return fail(name, "status \(answer.status)")
      }
      return answer
    case .failure(let error):
      metrics.count(error == .timedOut ? .timeout : .error, of: name)
      let isTheirs = error != .refused && error != .unsupported && error != .notStarted
      gate.report(
        name, hasSucceeded: false, failures: isTheirs ? Gate.failurePoints : 0)
      return fail(name, "\(error)")
    }
  }

  private func fail(_ name: String, _ reason: String) -> HTTPResponse? {
    logger.warning("provider failed", metadata: ["provider": "\(name)", "reason": "\(reason)"])
    return nil
  }
}
