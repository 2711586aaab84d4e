internal import Core
internal import CoreMetrics
internal import Glibc
public import Logging

/// Everything that the loggers of a process have in common: where lines go, their form, and whose request they are about.
///
/// Set up before anything is logged, and used by the one thread of the process that serves and logs.
// @unchecked: no other thread touches it.
public final class Log: @unchecked Sendable {
  public enum Format: Sendable {
    case text, json
  }

  private let output: LogOutput
  private let format: Format
  private let levels: LogLevels
  private var counters: [Logger.Level: Counter] = [:]
  private var droppedCounter: Counter?
  /// What the next lines are about.
  public var request: (() -> RequestDescription?)?
  /// The web server's id of the request in hand; nil without one.
  public var requestID: (() -> String?)?
  var activity: Activity?
  var board: Scoreboard?
  /// Hears of errors.
  public var reporter: ErrorReporter?

  public init(_ output: LogOutput, format: Format, levels: LogLevels) {
    self.output = output
    self.format = format
    self.levels = levels
  }

  public func logger(_ name: String) -> Logger {
    Logger(label: name) { LineLogHandler(name: $0, level: self.levels.level(of: $0), log: self) }
  }

  /// Opens the log's file anew, as after it has been renamed.
  public func reopen() { output.reopen() }

  /// Counts what is logged from now on. swift-metrics has to be set up.
  func count() {
    for level in [Logger.Level.warning, .error, .critical] {
      counters[level] = Counter(label: MetricCatalog.logMessages.name, dimensions: [("level", level.rawValue)])
    }
    droppedCounter = Counter(label: MetricCatalog.logDropped.name)
  }

  func write(_ event: LogEvent, of logger: String, _ metadata: Logger.Metadata) {
    let now = UnixTime.nowMilliseconds
    var fields = metadata.map { (key: $0.key, value: Scrubbing.withoutSecrets("\($0.value)")) }
      .sorted { $0.key < $1.key }
    if let error = event.error { fields.append(("error", Scrubbing.withoutSecrets("\(error)"))) }
    if let id = requestID?() { fields.append(("request", LogText.shortened(id, to: Log.longestID))) }
    let line = LogLine(
      seconds: now / 1_000, milliseconds: Int(now % 1_000), logger: logger, level: event.level,
      message: Scrubbing.withoutSecrets("\(event.message)"), fields: fields)
    counters[event.level]?.increment()
    if !output.write(bytes(line), generation: board?.logGeneration ?? 0) { droppedCounter?.increment() }
    guard event.level >= .error else { return }
    let reason = fields.first { $0.key == "reason" }.map { ": \($0.value)" } ?? ""
    activity?.note(error: line.message + reason, at: UnixTime(seconds: line.seconds))
    reporter?.note(line, milliseconds: now, request: request?())
  }

  private func bytes(_ line: LogLine) -> [UInt8] {
    guard output.isSystemLog else { return format == .json ? line.json : line.text }
    // RFC 3164 without a date, which the system's log gives it.
    let head = "<\(Log.facility + Log.severity(of: line.level))>linernotes[\(getpid())]: "
    return Array(head.utf8) + (format == .json ? line.json : line.text(isDated: false))
  }

  private static let longestID = 64
  /// A daemon's.
  private static let facility = 3 << 3

  private static func severity(of level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}

/// Forms lines for one module.
struct LineLogHandler: LogHandler {
  let name: String
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  private let log: Log

  init(name: String, level: Logger.Level, log: Log) {
    self.name = name
    logLevel = level
    self.log = log
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    log.write(event, of: name, metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }))
  }
}

/// A request as it may be told of: without addresses, and of its query only what names no secret.
public struct RequestDescription: Sendable {
  public var method: String
  public var path: [String]
  /// `name=value`, of the parameters that the API knows.
  public var parameters: [String]
  public var route: RequestRoute

  public init(method: String, path: [String], parameters: [String], route: RequestRoute) {
    self.method = method
    self.path = path
    self.parameters = parameters
    self.route = route
  }
}
