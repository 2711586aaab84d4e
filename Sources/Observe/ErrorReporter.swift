public import Core
internal import CoreMetrics
internal import Glibc

/// Tells an error tracker (Sentry, or what speaks its protocol) of errors and of workers that died: each distinct error
/// once in a while, by the whole pool together.
///
/// To note an error costs no system call and never waits. Reports are sent when nobody waits for this process.
public final class ErrorReporter {
  public struct Options: Sendable {
    public var dsn: SentryDSN
    public var environment: String
    public var version: String
    public var serverName: String?
    /// The same error is reported once in so many seconds.
    public var minimumInterval: Int64
    /// What a request to the tracker needs beside its body.
    public var headers: [String] {
      let client = "linernotes/\(version)"
      return [
        "Content-Type: application/x-sentry-envelope",
        "X-Sentry-Auth: Sentry sentry_version=7, sentry_client=\(client), sentry_key=\(dsn.key)",
      ]
    }
    /// How many of all errors are reported at all, from 0 to 1.
    public var sampleRate: Double

    public init(
      dsn: SentryDSN, environment: String, version: String, serverName: String?, minimumInterval: Int64,
      sampleRate: Double
    ) {
      self.dsn = dsn
      self.environment = environment
      self.version = version
      self.serverName = serverName
      self.minimumInterval = minimumInterval
      self.sampleRate = sampleRate
    }
  }

  /// What the pool knows together, beyond this machine.
  public protocol Pool: AnyObject {
    /// Whether nobody has reported this lately; from now on somebody has.
    func isFirst(_ hash: UInt64, seconds: Int64) -> Bool
    /// Whether the tracker wants nothing now.
    var isSilent: Bool { get }
    func silence(seconds: Int64)
  }

  /// What has come of posting an envelope.
  public enum Outcome: Equatable, Sendable {
    case answered(status: Int, limits: String?, retryAfter: Int?)
    /// No answer, or none in time.
    case failed
    /// Somebody came who waits to be served.
    case interrupted
  }

  private let options: Options
  private let envelope: SentryEnvelope
  private let board: Scoreboard?
  private let pool: any Pool
  private let post: (_ body: [UInt8], _ isSomebodyWaiting: @escaping () -> Bool) -> Outcome
  private let now: () -> UnixTime
  private let random: () -> Double
  private var queue: [ErrorReport] = []
  private var counters: [String: Counter] = [:]
  private var restUntil = UnixTime(seconds: 0)

  private static let room = 16
  private static let mostAttempts = 3
  /// How long the tracker is left alone after it did not answer, in seconds.
  private static let rest: Int64 = 30

  /// - Parameters:
  ///   - post: posts an envelope, in about two seconds at most, and stops soon after somebody waits.
  ///   - random: from 0 to 1.
  public init(
    _ options: Options, board: Scoreboard?, pool: any Pool, now: @escaping () -> UnixTime = { .now },
    random: @escaping () -> Double = { .random(in: 0..<1) },
    post: @escaping (_ body: [UInt8], _ isSomebodyWaiting: @escaping () -> Bool) -> Outcome
  ) {
    self.options = options
    self.board = board
    self.pool = pool
    self.now = now
    self.random = random
    self.post = post
    envelope = SentryEnvelope(
      release: "lidarr-metadata@\(options.version)", environment: options.environment, serverName: options.serverName,
      version: options.version)
  }

  // MARK: - Noting

  func note(_ line: LogLine, milliseconds: Int64, request: RequestDescription?) {
    add(ErrorReport(line, milliseconds: milliseconds, request: request))
  }

  private func add(_ report: ErrorReport) {
    guard options.sampleRate >= 1 || random() < options.sampleRate else { return count("sampled") }
    // While it wants nothing, nothing is kept for it either.
    guard !isSilent else { return count("limited") }
    let isKnown = queue.contains { $0.fingerprint == report.fingerprint }
    guard !isKnown || options.minimumInterval == 0,
      board?.claim(report.hash, at: now(), seconds: options.minimumInterval) ?? true
    else { return count("repeated") }
    guard queue.count < ErrorReporter.room else { return count("dropped") }
    queue.append(report)
  }

  // MARK: - Sending

  /// Whether ``send(whileNobodyWaits:)`` would do anything now.
  public var hasWork: Bool {
    guard !queue.isEmpty || board?.hasUnreportedDeath ?? false else { return false }
    return now() >= restUntil
  }

  /// Whether something waits for a tracker that did not answer.
  public var hasBacklog: Bool { !queue.isEmpty }

  public func send(whileNobodyWaits isSomebodyWaiting: @escaping () -> Bool = { false }) {
    while let death = board?.takeUnreportedDeath() { add(ErrorReport(death)) }
    while !queue.isEmpty, now() >= restUntil, !isSomebodyWaiting() {
      guard !isSilent, !pool.isSilent else {
        for _ in queue { count("limited") }
        queue.removeAll()
        return
      }
      var report = queue.removeFirst()
      if !report.isAdmitted, options.minimumInterval > 0,
        !pool.isFirst(report.hash, seconds: options.minimumInterval)
      {
        count("repeated")
        continue
      }
      report.isAdmitted = true
      let body = envelope.bytes(of: report, sent: UnixTime.nowMilliseconds)
      switch post(body, isSomebodyWaiting) {
      case .answered(let status, let limits, let retryAfter):
        count((200...299).contains(status) ? "sent" : "failed")
        let pause = SentryLimits.pause(status: status, header: limits, retryAfter: retryAfter)
        if pause > 0 { silence(pause) }
      case .interrupted: queue.insert(report, at: 0)
      case .failed:
        restUntil = now() + ErrorReporter.rest
        report.attempts += 1
        if report.attempts < ErrorReporter.mostAttempts { queue.insert(report, at: 0) } else { count("failed") }
      }
    }
  }

  private var isSilent: Bool { board.map { $0.silentUntil > now() } ?? (ownSilence > now()) }
  private var ownSilence = UnixTime(seconds: 0)

  private func silence(_ seconds: Int64) {
    ownSilence = now() + seconds
    board?.silentUntil = ownSilence
    pool.silence(seconds: seconds)
  }

  private func count(_ outcome: String) {
    let counter =
      counters[outcome] ?? Counter(label: MetricCatalog.reports.name, dimensions: [("outcome", outcome)])
    counters[outcome] = counter
    counter.increment()
  }
}
