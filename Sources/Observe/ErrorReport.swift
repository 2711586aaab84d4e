internal import Core
internal import Logging

/// An error as it is told to the error tracker.
struct ErrorReport: Sendable {
  enum Level: String {
    case fatal, error
  }

  let id: String
  /// In Unix time.
  let milliseconds: Int64
  let level: Level
  let logger: String
  let type: String
  let value: String
  /// What makes two errors the same one.
  let fingerprint: [String]
  /// Of a death: the signal's number and name.
  var signal: (number: Int32, name: String)?
  var request: RequestDescription?
  var requestID: String?
  /// Whether nobody has told of the same error lately.
  var isAdmitted = false
  var attempts = 0

  private static let longestText = 1_000

  /// An error or critical message of the log.
  init(_ line: LogLine, milliseconds: Int64, request: RequestDescription?) {
    func safe(_ text: String) -> String {
      LogText.shortened(LogText.escaped(Scrubbing.withoutAddresses(text)), to: ErrorReport.longestText)
    }
    id = ErrorReport.newID()
    self.milliseconds = milliseconds
    level = line.level == .critical ? .fatal : .error
    logger = line.logger
    type = safe(line.message)
    let others = line.fields.filter { $0.key != "request" && $0.key != "reason" }.map { "\($0.key)=\($0.value)" }
    let reason = line.fields.first { $0.key == "reason" }?.value
    value = safe(([reason].compactMap { $0 } + others).joined(separator: " "))
    fingerprint = [logger, Scrubbing.template(type), Scrubbing.template(value)]
    self.request = request
    requestID = line.fields.first { $0.key == "request" }?.value
  }

  /// The death of a worker.
  init(_ death: Death) {
    id = ErrorReport.newID()
    milliseconds = death.time.seconds.multipliedReportingOverflow(by: 1_000).partialValue
    level = .fatal
    logger = "linernotes"
    type = death.signal == 0 ? "WorkerHang" : death.cause
    let place = [death.position.stageText, death.position.requestText].compactMap { $0 }.joined(separator: ", ")
    value =
      death.signal == 0
      ? "a worker hung for \(death.seconds) s (\(place))" : "a worker died of \(death.cause) (\(place))"
    fingerprint = ["worker", type, place]
    if death.signal != 0 { signal = (death.signal, death.cause) }
  }

  var hash: UInt64 { fingerprint.reduce(FNV.start) { FNV.hash([0], from: FNV.hash($1.utf8, from: $0)) } }

  /// A random UUID (version 4), in 32 digits.
  private static func newID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[6] = bytes[6] & 0x0f | 0x40
    bytes[8] = bytes[8] & 0x3f | 0x80
    return String(decoding: bytes.flatMap { [ASCII.hexDigit($0 >> 4), ASCII.hexDigit($0 & 15)] }, as: UTF8.self)
  }
}

extension UnixTime {
  /// `2026-11-24T10:40:49.123Z`
  static func iso8601(milliseconds: Int64) -> String {
    let line = LogLine(
      seconds: milliseconds / 1_000, milliseconds: Int(milliseconds % 1_000), logger: "", level: .info, message: "",
      fields: [])
    return line.time
  }
}
