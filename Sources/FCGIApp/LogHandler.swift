internal import Core
internal import Glibc
internal import Logging

/// Writes log lines to standard error in the format that users of the original server have their tools set to:
/// `2026-11-24 10:40:49 - linernotes.cache - WARNING - message key=value`.
struct LineLogHandler: LogHandler {
  let name: String
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  init(name: String, level: Logger.Level) {
    self.name = name
    logLevel = level
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line = "\(LineLogHandler.timestamp()) - \(name) - \(LineLogHandler.name(of: event.level)) - \(event.message)"
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }
    ) {
      line += " \(key)=\(value)"
    }
    // One line an event, whatever a server or a client has put into it.
    var bytes = line.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }
    bytes.append(UInt8(ascii: "\n"))
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }

  private static func timestamp() -> String {
    var seconds = time(nil)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      let length = strftime(text.baseAddress, text.count, "%Y-%m-%d %H:%M:%S", &parts)
      return String(decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<length]), as: UTF8.self)
    }
  }

  private static func name(of level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "DEBUG"
    case .info, .notice: "INFO"
    case .warning: "WARNING"
    case .error: "ERROR"
    case .critical: "CRITICAL"
    }
  }
}
