internal import Core
public import Logging
internal import Metadata

/// Waits for changes and has them take effect, for as long as it runs. Of several, one does so; the others stand by.
public final class Listener {
  public struct Options: Sendable {
    /// How often it asks what has changed, in milliseconds.
    public var askMilliseconds = 1_000
    /// The first and the longest pause after something failed, in milliseconds.
    public var shortestPause: UInt64 = 1_000
    public var longestPause: UInt64 = 30_000

    public init() {}
  }

  private let invalidator: Invalidator
  private let hints: [any ChangeHints]
  private let place: StandbyPlace
  private let options: Options
  private let logger: Logger
  private var backoff: Backoff
  /// Announced, and not yet in effect everywhere, by the number of whoever announced it.
  private var announced: [Int: EntityChanges] = [:]
  private var lastReason: String?
  private var missed: Set<InvalidationRun.Tier> = []
  private var wasActive: Bool?

  public init(
    _ invalidator: Invalidator, hints: [any ChangeHints] = [], place: StandbyPlace, options: Options = Options(),
    logger: Logger
  ) {
    self.invalidator = invalidator
    self.hints = hints
    self.place = place
    self.options = options
    self.logger = logger
    backoff = Backoff(shortestMilliseconds: options.shortestPause, longestMilliseconds: options.longestPause)
  }

  /// Runs until it is told to stop; what is in hand is finished first.
  ///
  /// - Parameters:
  ///   - isStopping: whether it has been told to.
  ///   - wait: waits so many milliseconds, or until it is told to stop.
  public func run(untilTold isStopping: @escaping () -> Bool, wait: (Int) -> Void) {
    defer { place.giveBack() }
    while !isStopping() {
      let isActive = place.take()
      if isActive != wasActive {
        logger.notice(isActive ? "listening for changes" : "another process listens for changes; standing by")
        wasActive = isActive
      }
      guard isActive else {
        wait(StandbyPlace.lookMilliseconds)
        continue
      }
      if backoff.isOpen() { work(untilTold: isStopping) }
      hear(or: wait)
    }
  }

  private func work(untilTold isStopping: @escaping () -> Bool) {
    do throws(SourceError) {
      try followHints()
      let pulse = Pulse(every: 200) { [self] in
        for hint in hints { hint.beat() }
        return place.take() && !isStopping()
      }
      let deadline = Deadline.after(milliseconds: Listener.longestRun, awaited: false).with(pulse)
      let run = try invalidator.run(until: deadline) { [logger] changes in
        logger.info("took effect", metadata: ["changes": "\(changes)"])
      }
      tell(run)
      backoff.succeeded()
      if lastReason != nil { logger.notice("changes can be read again") }
      lastReason = nil
    } catch {
      backoff.failed()
      // Once for each reason: it may be away for long.
      if lastReason != error.reason { logger.warning("changes cannot be read", metadata: ["reason": "\(error)"]) }
      lastReason = error.reason
    }
  }

  /// A day; after it the next run goes on.
  private static let longestRun = 86_400_000

  private func tell(_ run: InvalidationRun) {
    for tier in run.missed.subtracting(missed) { logger.warning("the \(tier.rawValue) cache is away: it hears later") }
    for tier in missed.subtracting(run.missed) {
      logger.notice("the \(tier.rawValue) cache has heard of all it missed")
    }
    missed = run.missed
    if run.hasGap { logger.warning("changes before now cannot be told: what is stored has to be compared") }
  }

  // MARK: - What is announced

  /// Has what was announced take effect, and says so when every cache has heard of it.
  private func followHints() throws(SourceError) {
    for (index, hint) in hints.enumerated() {
      guard let changes = announced[index] else { continue }
      guard try invalidator.takeEffect(changes) else { continue }
      try hint.acknowledge()
      announced[index] = nil
      logger.info("took effect as announced", metadata: ["changes": "\(changes)"])
    }
  }

  /// Waits for an announcement, or for the time to ask again.
  private func hear(or wait: (Int) -> Void) {
    guard !hints.isEmpty else { return wait(options.askMilliseconds) }
    for (index, hint) in hints.enumerated() {
      do throws(SourceError) {
        let changes = try hint.next(by: .after(milliseconds: options.askMilliseconds / hints.count, awaited: false))
        if !changes.isEmpty { announced[index, default: EntityChanges()].add(changes) }
      } catch {
        logger.debug("nothing can be announced", metadata: ["reason": "\(error)"])
        wait(options.askMilliseconds / hints.count)
      }
    }
  }
}
