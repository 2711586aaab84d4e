internal import Core
internal import Glibc
internal import Logging

/// One message, before it has a form.
struct LogLine {
  var seconds: Int64
  var milliseconds: Int
  var logger: String
  var level: Logger.Level
  var message: String
  /// In the order in which they are shown.
  var fields: [(key: String, value: String)]

  /// What a pipe takes as a whole (PIPE_BUF), so that lines of several processes do not mix.
  static let longest = 4_096

  /// The line that users of the original server have their tools set to:
  /// `2026-11-24 10:40:49 - linernotes.cache - WARNING - message key=value`.
  var text: [UInt8] { text(isDated: true) }

  /// The same; a system log has dates of its own.
  func text(isDated: Bool) -> [UInt8] {
    func short(_ text: String) -> String { LogText.shortened(text, to: LogLine.longest) }
    var line = isDated ? "\(LogLine.localTime(seconds)) - " : ""
    line += "\(LogText.escaped(logger)) - \(LogLine.name(of: level)) - \(LogText.escaped(short(message)))"
    for (key, value) in fields where line.utf8.count < LogLine.longest {
      line += " \(LogText.escaped(short(key)))=\(LogText.value(short(value)))"
    }
    return Array(LogText.shortened(line, to: LogLine.longest - 1).utf8) + [UInt8(ascii: "\n")]
  }

  /// An object on a line, with swift-log's levels and a time in UTC.
  var json: [UInt8] {
    // Half as much of each text, until all fit: a byte of one may take six.
    var limit = LogLine.longest
    while true {
      let line = json(textsUpTo: limit)
      if line.count <= LogLine.longest { return line }
      guard limit > 16 else { return short.json(textsUpTo: 16) }
      limit /= 2
    }
  }

  private var short: LogLine {
    var line = self
    line.fields = []
    return line
  }

  private func json(textsUpTo limit: Int) -> [UInt8] {
    var json = JSONWriter(reservingCapacity: 512)
    func pair(_ key: String, _ value: String) {
      json.raw(",")
      json.string(LogText.shortened(key, to: 100))
      json.raw(":")
      json.string(LogText.shortened(value, to: limit))
    }
    json.raw(#"{"time":"#)
    json.string(time)
    pair("logger", logger)
    pair("level", level.rawValue)
    pair("message", message)
    for (key, value) in fields { pair(LogLine.reserved.contains(key) ? "_\(key)" : key, value) }
    json.raw("}")
    return json.bytes + [UInt8(ascii: "\n")]
  }

  private static let reserved: Set<String> = ["time", "logger", "level", "message"]

  /// `2026-11-24T10:40:49.123Z`
  var time: String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let fraction = String(1_000 + min(max(milliseconds, 0), 999)).dropFirst()
    return LogLine.format("%Y-%m-%dT%H:%M:%S", &parts) + ".\(fraction)Z"
  }

  private static func localTime(_ seconds: Int64) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return format("%Y-%m-%d %H:%M:%S", &parts)
  }

  private static func format(_ format: String, _ parts: inout tm) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      let length = strftime(text.baseAddress, text.count, format, &parts)
      return String(decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<length]), as: UTF8.self)
    }
  }

  static func name(of level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "DEBUG"
    case .info, .notice: "INFO"
    case .warning: "WARNING"
    case .error: "ERROR"
    case .critical: "CRITICAL"
    }
  }
}
