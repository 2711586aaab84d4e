import Cache
import Core
import HTTP
import Logging

@testable import WebService

/// The web service source over whatever fetches, with a shared tier of its own.
struct Service {
  let source: MusicBrainzWebService
  let tier: MemoryTier

  init(
    _ url: String = "http://ws.test", fetcher: (any HTTPFetcher)? = nil, interval: Int = 0, timeout: Int = 20_000,
    tier: MemoryTier = MemoryTier(limit: 64 << 20), prohibition: String? = nil
  ) {
    var options = WebServiceOptions(baseURL: "\(url)/ws/2")
    options.intervalMilliseconds = interval
    options.timeoutMilliseconds = timeout
    options.prohibition = prohibition
    options.namespace = "test"
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    self.tier = tier
    source = MusicBrainzWebService(
      options, fetcher: fetcher ?? CurlFetcher(userAgent: "Linernotes/test ( test@example.org )", logger: logger),
      shared: tier, coordination: TierCoordination(shared: tier, namespace: "test"), logger: logger)
  }
}

/// Answers from a script, without a socket.
final class ScriptedFetcher: HTTPFetcher {
  /// Paths behind `/ws/2/`, in the order in which they were asked for.
  private(set) var asked: [String] = []
  private let answer: (String, Int) -> Result<HTTPResponse, FetchError>

  /// - Parameter answer: to a path; the number tells how often it has been asked for before.
  init(_ answer: @escaping (String, Int) -> Result<HTTPResponse, FetchError>) { self.answer = answer }

  func run(
    _ exchanges: [HTTPExchange], by deadline: Deadline,
    next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
  ) {
    for exchange in exchanges {
      let path = String(exchange.request.url.dropFirst("http://ws.test/ws/2/".count))
      let times = asked.count { $0 == path }
      asked.append(path)
      _ = next(exchange.id, answer(path, times))
    }
  }
}

extension Result where Success == HTTPResponse, Failure == FetchError {
  static func json(_ text: String, status: Int = 200) -> Self {
    .success(HTTPResponse(status: status, contentType: "application/json", body: Array(text.utf8)))
  }

  static let notFound = json(#"{"error":"Not Found","help":"For usage, please see: …"}"#, status: 404)
}
