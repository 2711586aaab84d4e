internal import Cache
internal import Core
@preconcurrency internal import Glibc
internal import HTTP
internal import Observe
internal import Settings

/// Reports to an error tracker.
extension Application {
  /// Reports errors of this process from now on.
  ///
  /// - Returns: nil without a DSN.
  func reporter(_ settings: Settings, _ board: Scoreboard?) -> ErrorReporter? {
    guard let text = settings.sentry.dsn?.value, let dsn = SentryDSN(text), let origin = Origin(of: dsn.url) else {
      return nil
    }
    let options = ErrorReporter.Options(
      dsn: dsn, environment: settings.sentry.environment, version: Version.current, serverName: Application.hostName,
      minimumInterval: Int64(settings.sentry.minimumInterval), sampleRate: settings.sentry.sampleRate)
    let fetcher = CurlFetcher(
      userAgent: "linernotes/\(Version.current)", logger: Application.logger(settings, "linernotes.reports"))
    let service = HTTPService(origins: [origin], connections: 1, timeoutMilliseconds: Application.reportMilliseconds)
      .keeping("x-sentry-rate-limits:")
    return ErrorReporter(options, board: board, pool: SharedReports(coordination)) { body, isSomebodyWaiting in
      let pulse = Pulse(every: Application.lookMilliseconds) { !isSomebodyWaiting() }
      let request = HTTPRequest(dsn.url, headers: options.headers + ["Expect:"], form: body)
      var outcome = ErrorReporter.Outcome.failed
      fetcher.run(
        [HTTPExchange(id: 0, request: request, service: service)],
        by: .after(milliseconds: Application.reportMilliseconds, awaited: false).with(pulse)
      ) { _, result in
        switch result {
        case .success(let answer):
          outcome = .answered(status: answer.status, limits: answer.keptHeader, retryAfter: answer.retryAfter)
        case .failure: outcome = pulse.hasStopped ? .interrupted : .failed
        }
        return []
      }
      return outcome
    }
  }

  /// How long the tracker has for an answer, and how often it is looked whether somebody waits meanwhile.
  private static let (reportMilliseconds, lookMilliseconds) = (2_000, 50)

  private static var hostName: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension HTTPService {
  fileprivate func keeping(_ header: String) -> HTTPService {
    var service = self
    service.keptHeader = header
    return service
  }
}

/// What all processes that share a store know of reports.
final class SharedReports: ErrorReporter.Pool {
  private let coordination: any Coordination

  private static let name = "error-tracker"

  init(_ coordination: any Coordination) { self.coordination = coordination }

  func isFirst(_ hash: UInt64, seconds: Int64) -> Bool {
    coordination.count("\(SharedReports.name):\(String(hash, radix: 16))", by: 1, seconds: seconds) == 1
  }

  var isSilent: Bool { coordination.arePaused([SharedReports.name])[0] }

  func silence(seconds: Int64) { coordination.pause(SharedReports.name, seconds: seconds) }
}
