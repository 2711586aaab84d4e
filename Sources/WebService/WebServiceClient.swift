internal import Cache
internal import Core
internal import HTTP
internal import Logging

/// Gets single answers from ws/2: one after the other at the permitted rate, and not while it keeps failing. What goes
/// wrong becomes a ``SourceError``.
final class WebServiceClient {
  enum Answer {
    case body(Node, bytes: [UInt8])
    case moved(MBID)
  }

  private let options: WebServiceOptions
  private let fetcher: any HTTPFetcher
  private let service: HTTPService
  private let pace: Pace
  private var breaker: Breaker
  private let record: AnswerRecord
  private let logger: Logger
  let shelf: PageShelf
  /// How many requests this process has sent.
  private(set) var requests = 0
  /// Whether the last of them was given so long that a time-out is the server's fault.
  private(set) var wasPatient = false

  static let name = "MusicBrainz web service"
  /// Under which all processes know it.
  static let breakerName = "ws2"
  /// Of all failures since the last success, as for providers. A time-out that a client's patience caused says little.
  private static let (failurePoints, impatientPoints): (UInt64, UInt64) = (4, 1)
  private static let policy = Breaker.Policy(tolerated: 20, shortestPause: 10, longestPause: 300)
  /// A time-out after so long is the server's fault.
  private static let patientMilliseconds = 3_000
  /// How often one question is asked of a server that is busy.
  static let mostTries = 10
  /// Retries of several servers must not meet, in milliseconds.
  private static let jitter: Range<Int64> = 0..<300
  /// How late a server may see a request, in nanoseconds, without the next coming too early.
  private static let lateness: UInt64 = 60_000_000
  /// 500 tracks with all that belongs to them take about one megabyte.
  private static let longestBody = 16 << 20

  init(
    _ options: WebServiceOptions, fetcher: any HTTPFetcher, pace: Pace, shelf: PageShelf,
    coordination: any Coordination, record: AnswerRecord, logger: Logger
  ) {
    self.options = options
    self.fetcher = fetcher
    self.pace = pace
    self.shelf = shelf
    self.record = record
    self.logger = logger
    breaker = Breaker(coordination, policy: WebServiceClient.policy)
    service = HTTPService(
      origins: Set([Origin(of: options.baseURL)].compactMap(\.self)), connections: 1,
      timeoutMilliseconds: options.timeoutMilliseconds, longestBody: WebServiceClient.longestBody
    ).with {
      $0.answersWithRedirects = true
      // It would be sent, or answered, while somebody else asks.
      $0.outlivesClients = false
      $0.keepsConnections = false
    }
  }

  /// - Returns: nil when ws/2 itself says that there is no such thing.
  func ask(_ question: Question, tries: Int = mostTries, by deadline: Deadline) throws(SourceError) -> Answer? {
    for _ in 0..<tries {
      let response = try send(path: question.path, by: deadline)
      switch Reply(response) {
      case .body(let node): return .body(node, bytes: response.body)
      case .moved(let id): return .moved(id)
      case .missing: return nil
      case .busy, .limited: continue
      case .refused(let reason): throw WebServiceClient.failure(reason)
      }
    }
    throw SourceError(.unavailable, "\(WebServiceClient.name): is busy")
  }

  /// Sends one request, when it is its turn.
  func send(path: String, by deadline: Deadline) throws(SourceError) -> HTTPResponse {
    if let prohibition = options.prohibition { throw SourceError(.notSetUp, prohibition) }
    let verdict = breaker.verdicts(on: [WebServiceClient.breakerName], isAwaited: false)
    if case .closed = verdict[WebServiceClient.breakerName] {
      throw SourceError(.unavailable, "\(WebServiceClient.name): has failed and is left alone for a moment")
    }
    var result: Result<HTTPResponse, FetchError> = .failure(.notStarted)
    var wasStopped = false
    let request = HTTPRequest("\(options.baseURL)/\(path)", headers: ["Accept: application/json"])
    let exchange = HTTPExchange(id: 0, request: request, service: service)
    do throws(SourceError) {
      try pace.turn(by: deadline) { deadline in
        requests += 1
        wasPatient = deadline.millisecondsLeft >= WebServiceClient.patientMilliseconds
        fetcher.run([exchange], by: deadline) {
          result = $1
          return []
        }
        wasStopped = !deadline.beat()
        return WebServiceClient.sent(result)
      }
    } catch {
      breaker.failed(WebServiceClient.breakerName, points: 0)
      throw error
    }
    switch result {
    case .success(let response):
      note(Reply(response))
      return response
    case .failure(let error):
      let isTheirs = error != .refused && error != .unsupported && error != .notStarted && !wasStopped
      let points = error == .timedOut && !wasPatient ? WebServiceClient.impatientPoints : WebServiceClient.failurePoints
      breaker.failed(WebServiceClient.breakerName, points: isTheirs ? points : 0)
      if isTheirs { complain("\(error)") }
      throw WebServiceClient.sourceError(error)
    }
  }

  private func note(_ reply: Reply) {
    switch reply {
    case .body, .moved, .missing:
      breaker.succeeded(WebServiceClient.breakerName)
      record.note(.answered)
    case .busy: breaker.failed(WebServiceClient.breakerName, points: 0)
    case .limited(let seconds, let reason):
      breaker.failed(WebServiceClient.breakerName, points: 0)
      record.note(.paused(seconds: Int64(seconds)))
      logger.warning(
        "MusicBrainz wants to be left alone", metadata: ["reason": "\(reason)", "seconds": "\(seconds)"])
    case .refused(let reason):
      breaker.failed(WebServiceClient.breakerName, points: WebServiceClient.failurePoints)
      complain(reason)
    }
  }

  private func complain(_ reason: String) {
    record.note(.failed)
    logger.warning("MusicBrainz' web service failed", metadata: ["reason": "\(reason)"])
  }

  /// When the request was sent, and for how long nobody is to ask.
  private static func sent(_ result: Result<HTTPResponse, FetchError>) -> Pace.Sent {
    guard case .success(let response) = result else {
      if case .failure(.refused) = result { return Pace.Sent(time: 0) }
      return Pace.Sent(time: nil)
    }
    // Where the server sees requests a little late, now and then, they come closer than they were sent: when the answer
    // begins, this one has been seen.
    let seen = response.sent.map { min($0 + lateness, response.answered ?? .max) }
    var sent = Pace.Sent(time: seen.map(BootTime.milliseconds(atMonotonic:)))
    switch Reply(response) {
    case .busy: sent.pause = Int64.random(in: jitter)
    case .limited(let seconds, _):
      sent.pause = min(Int64(max(1, seconds)) * 1_000, Pace.longestPause) + Int64.random(in: jitter)
    default: break
    }
    return sent
  }

  static func failure(_ reason: String) -> SourceError { SourceError(.failed, "\(name): \(reason)") }

  private static func sourceError(_ error: FetchError) -> SourceError {
    switch error {
    case .timedOut, .notStarted: SourceError(.timedOut, "\(name): did not answer in time")
    case .unreachable, .untrusted: SourceError(.unavailable, "\(name): is not to be reached")
    case .truncated: SourceError(.unavailable, "\(name): the connection ended before the answer did")
    case .unsupported: SourceError(.unavailable, "\(name): libcurl cannot be opened")
    case .tooLarge, .broken, .refused: failure("\(error)")
    }
  }
}

extension HTTPService {
  fileprivate func with(_ change: (inout HTTPService) -> Void) -> HTTPService {
    var service = self
    change(&service)
    return service
  }
}
