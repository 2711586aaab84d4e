internal import Core
internal import CoreMetrics
internal import Logging

/// All that is observed of one process: what it is doing, what it counts, whom it tells. Made once, before anything
/// else.
public final class WorkerObservation {
  public struct Options: Sendable {
    /// A request that takes longer is logged, in milliseconds; 0: none.
    public var slowMilliseconds = 0
    /// nil: nothing is sent.
    public var statsD: (host: String, port: Int, prefix: String)?

    public init() {}
  }

  public let activity: Activity
  public let log: Log
  /// nil: this process was not started by a master that keeps one.
  public let board: Scoreboard?
  public let statsD: StatsDClient?
  public var reporter: ErrorReporter? {
    didSet { log.reporter = reporter }
  }
  private let requests: [CoreMetrics.Timer]
  private let slow: UInt64
  private let logger: Logger

  /// - Parameter inherited: what the master has given to this worker.
  public init(_ options: Options, log: Log, inherited: (board: Scoreboard, slot: Int)? = nil) {
    board = inherited?.board
    self.log = log
    let slot = inherited.map { $0.board.slot($0.slot) }
    let words = inherited.map { $0.board.metrics($0.slot) } ?? WorkerObservation.ownWords()
    activity = Activity(slot: slot)
    let buffer = options.statsD.map { _ in StatsDBuffer() }
    MetricsSystem.bootstrap(SharedMetrics(words, statsD: buffer))
    requests = RequestRoute.allCases.flatMap { route in
      MetricCatalog.statusClasses.map { status in
        CoreMetrics.Timer(
          label: MetricCatalog.requestDuration.name, dimensions: [("route", route.name), ("status", status)])
      }
    }
    statsD = buffer.flatMap { buffer in
      options.statsD.map { server in
        StatsDClient(host: server.host, port: server.port, prefix: server.prefix, words: words, buffer: buffer)
      }
    }
    slow = UInt64(max(0, options.slowMilliseconds)) * 1_000_000
    logger = log.logger("linernotes.requests")
    log.activity = activity
    log.board = board
    log.count()
  }

  /// Where a process counts whose counters nobody else reads: StatsD is told of them. They live as long as the process.
  private static func ownWords() -> Words {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: MetricCatalog.words * 8, alignment: 64)
    memory.initializeMemory(as: UInt64.self, repeating: 0, count: MetricCatalog.words)
    return Words(memory, count: MetricCatalog.words)
  }

  /// The answer to the request in hand has been given.
  public func endRequest(status: Int) {
    let position = activity.position
    let duration = activity.endRequest(isError: status >= 500)
    let statusClass = min(max(status / 100, 2), 5) - 2
    requests[Int(position.route.rawValue) * MetricCatalog.statusClasses.count + statusClass]
      .recordNanoseconds(Int64(clamping: duration))
    if slow > 0, duration >= slow { logSlow(position, status, duration) }
    if let statsD, statsD.isDue(at: activity.lastChange) { statsD.flush() }
  }

  private func logSlow(_ position: Position, _ status: Int, _ duration: UInt64) {
    var metadata: Logger.Metadata = [
      "method": "\(position.method.name)", "route": "\(position.route.name)", "status": "\(status)",
      "ms": "\(duration / 1_000_000)",
    ]
    for stage in Stage.allCases where activity.time(in: stage) >= 1_000_000 {
      metadata["\(stage)"] = "\(activity.time(in: stage) / 1_000_000)"
    }
    logger.notice("slow request", metadata: metadata)
  }

  /// What `/metrics` shows; nil where no master sums it.
  ///
  /// - Parameter sizes: asks the stores.
  public func metrics(version: String, sizes: @escaping () -> PoolMetrics.Sizes) -> PoolMetrics? {
    board.map { PoolMetrics($0, version: version, sizes: sizes) }
  }

  /// Whether it is this process' turn to ask for the sizes of caches, which one of the pool does every minute.
  public func isSizeTurn() -> Bool {
    guard let statsD, statsD.isConnected else { return false }
    return board?.takeSizeTurn(at: Deadline.monotonicNanoseconds()) ?? takeOwnSizeTurn()
  }

  private var sizesAsked: UInt64 = 0

  private func takeOwnSizeTurn() -> Bool {
    let now = Deadline.monotonicNanoseconds()
    guard now - sizesAsked >= Scoreboard.sizeInterval || sizesAsked == 0 else { return false }
    sizesAsked = now
    return true
  }
}

extension Scoreboard {
  /// In nanoseconds.
  static let sizeInterval: UInt64 = 60_000_000_000

  func takeSizeTurn(at now: UInt64) -> Bool {
    let last = header[Header.sizesAsked]
    guard last == 0 || now > last && now - last >= Scoreboard.sizeInterval else { return false }
    return header.exchange(Header.sizesAsked, from: last, to: now)
  }
}
