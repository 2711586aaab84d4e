internal import Cache
internal import Handlers
internal import Logging
internal import Memcached
internal import Observe
internal import SQLiteStore
internal import Settings
internal import Synchronization

/// Logs and metrics.
extension Application {
  private static let theLog = Mutex<Log?>(nil)

  /// The log of this process, as the first settings that were read have it.
  static func log(_ settings: Settings) -> Log {
    theLog.withLock { log in
      if let log { return log }
      let target: LogOutput.Target =
        switch settings.log.target {
        case .standardError: .standardError
        case .file: settings.log.file.map { .file(path: $0) } ?? .standardError
        case .systemLog: .systemLog(path: settings.log.systemSocket)
        }
      let new = Log(
        LogOutput(target), format: settings.log.format == .json ? .json : .text,
        levels: LogLevels(
          level(settings.logLevel), modules: settings.log.levels.map { ($0.module, level($0.level)) }))
      log = new
      return new
    }
  }

  private static func level(_ level: LogLevel) -> Logger.Level { Logger.Level(rawValue: level.rawValue) ?? .info }

  /// What is observed of a worker. Has to be there before anything is counted.
  static func observation(_ settings: Settings, hasMaster: Bool) -> WorkerObservation {
    var options = WorkerObservation.Options()
    options.slowMilliseconds = settings.log.slowMilliseconds
    if settings.statsD.isEnabled, let host = settings.statsD.host {
      options.statsD = (host, settings.statsD.port, settings.statsD.prefix)
    }
    let observation = WorkerObservation(
      options, log: log(settings), inherited: hasMaster ? Scoreboard.inherited() : nil)
    observation.activity.setLimits(
      request: longestRequest(settings), silence: settings.workerTimeoutSeconds.map { $0 * 1_000 } ?? longestSilence)
    return observation
  }

  /// How long a request may take before its worker is taken for hung, in milliseconds; 0: any time.
  private static func longestRequest(_ settings: Settings) -> Int {
    if let seconds = settings.workerTimeoutSeconds { return seconds * 1_000 }
    let wait = settings.musicBrainz.source == .webService ? settings.buildWaitMilliseconds : 0
    return max(settings.requestDeadlineMilliseconds, wait, leastDeadline) + margin
  }

  /// `/health` asks each component for up to a second or two, one after the other.
  private static let leastDeadline = 20_000
  /// What a request takes beside its deadline: to be received, and to be taken by the web server; and some patience.
  private static let margin = 30_000
  /// Work that nobody waits for shows twice a second that it goes on, but for single questions to stores.
  private static let longestSilence = 60_000

  static func metrics(
    _ settings: Settings, _ observation: WorkerObservation?, _ sizes: @escaping () -> PoolMetrics.Sizes
  ) -> Metrics {
    let metrics = observation?.metrics(version: Version.current, sizes: sizes)
    return Metrics(
      key: settings.metricsKey?.value, contentType: PoolMetrics.contentType,
      text: metrics.map { metrics in { metrics.text() } })
  }

  /// How much is kept, and how much waits. What does not answer is left out.
  static func sizes(
    _ memcached: MemcachedTier?, _ file: StoreFile?, _ queue: (any BuildQueue)?
  ) -> () -> PoolMetrics.Sizes {
    {
      var sizes = PoolMetrics.Sizes()
      if let size = memcached?.size() {
        sizes.tiers.append(.init(name: "memcached", items: size.items, bytes: size.bytes))
      }
      if let report = try? file?.report() {
        sizes.tiers.append(
          .init(name: "sqlite", items: nil, bytes: UInt64(clamping: max(0, report.bytes - report.freeBytes))))
      }
      if let progress = try? queue?.progress() {
        sizes.waiting = UInt64(clamping: progress.waiting)
        sizes.secondsLeft = progress.secondsLeft.map { UInt64(clamping: $0) }
      }
      return sizes
    }
  }
}
