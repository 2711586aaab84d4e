internal import Cache
internal import Core
internal import Handlers
internal import PostgresStore
internal import SQLiteStore
internal import Settings

/// What takes long to build: who waits for it, and where everything else waits.
extension Application {
  /// The queue of builds; nil where the source answers at once, or nothing that is built is kept.
  static func queue(
    _ settings: Settings, _ file: StoreFile?, _ database: StoreDatabase?
  ) -> (any BuildQueue)? {
    guard settings.musicBrainz.source == .webService, settings.cache.isEnabled else { return nil }
    let policy = BuildQueuePolicy(most: settings.cache.queueMaximum)
    let spare = MemoryBuildQueue(policy: policy)
    if let database { return SpareBuildQueue(PostgresBuildQueue(database, policy: policy), spare: spare) }
    if let file { return SpareBuildQueue(SQLiteBuildQueue(file, policy: policy), spare: spare) }
    return spare
  }

  /// - Parameter isCounted: whether the processes can count together who waits. Where they cannot, nobody waits for long.
  static func building(
    _ settings: Settings, _ queue: any BuildQueue, _ coordination: any Coordination, isCounted: Bool,
    isStopping: @escaping () -> Bool
  ) -> Building {
    Building(
      queue: queue, room: WaitingRoom(coordination, places: settings.workers / 3),
      waitMilliseconds: isCounted
        ? settings.buildWaitMilliseconds
        : min(settings.buildWaitMilliseconds, settings.requestDeadlineMilliseconds),
      secondsForOne: settings.musicBrainz.intervalMilliseconds * typicalRequests / 1_000, isStopping: isStopping)
  }

  /// How many requests an album or artist takes, more or less.
  private static let typicalRequests = 5

  /// However long the queue is, nothing is wrong, unless something has waited for longer than it may.
  static func state(of queue: any BuildQueue, maximumAge: Int) -> Component.State {
    do {
      let progress = try queue.progress()
      let minutes = max(0, UnixTime.now - progress.since) / 60
      var state = Component.State(
        isUp: true,
        detail: "\(progress.waiting) waiting, \(progress.done) built in the last \(minutes) minutes"
          + (progress.waiting > 0 ? progress.secondsLeft.map { ", \($0) s left" } ?? "" : ""))
      state.figures = [("waiting", progress.waiting), ("done", progress.done)]
      if let left = progress.secondsLeft { state.figures.append(("seconds_left", left)) }
      if let oldest = progress.oldest {
        state.figures.append(("oldest_seconds", oldest))
        if maximumAge > 0, oldest > maximumAge {
          state.notice = "the oldest has waited for \(words(forSeconds: oldest))"
        }
      }
      return state
    } catch {
      return .init(isUp: true, detail: "\(error)")
    }
  }
}
