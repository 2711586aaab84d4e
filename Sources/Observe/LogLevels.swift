public import Logging

/// The least serious message that is logged, for each module: the longest name that fits decides. `linernotes.cache`
/// fits itself and what is below it.
public struct LogLevels: Sendable {
  private let standard: Logger.Level
  private let modules: [(name: String, level: Logger.Level)]

  public init(_ standard: Logger.Level, modules: [(name: String, level: Logger.Level)] = []) {
    self.standard = standard
    self.modules = modules.sorted { $0.name.utf8.count > $1.name.utf8.count }
  }

  func level(of logger: String) -> Logger.Level {
    modules.first { logger == $0.name || logger.hasPrefix("\($0.name).") }?.level ?? standard
  }
}
