public import Cache
public import Core
public import Logging
public import Metadata

/// Reads what has changed, and has every document that shows it computed again before it is served.
///
/// It reads from bookmarks. A bookmark moves when everything before it has taken effect: whoever is killed has only to be
/// run again. Each tier that can be away on its own has one, so that one that is away stops nobody and hears later of
/// what it has missed (``Bookmarks``).
public final class Invalidator {
  public struct Options: Sendable {
    /// How long a killed process keeps out others, in seconds.
    public var leaseSeconds: Int64 = 30
    /// About how many rows of the source take effect together.
    public var rows = 1_000
    /// How far back to begin where there is no bookmark, in seconds: a document may be older than the first run.
    public var firstSeconds: Int64 = 86_400
    /// How long one question to the source may take, in milliseconds.
    public var questionMilliseconds = 60_000
    /// How often a provider is asked whose pictures changed, and how soon after it failed, in seconds.
    public var pictureSeconds: Int64 = 3_600
    public var pictureRetrySeconds: Int64 = 600

    public init() {}
  }

  public static let musicBrainz = "musicbrainz"

  let store: DocumentStore
  let purging: (any Purging)?
  let options: Options
  let logger: Logger
  let now: () -> UnixTime
  private let source: any ChangeSource
  private let pictures: [any PictureFeed]
  private let coordination: any Coordination
  private let hasChanged: () -> Void
  private let started: UnixTime
  private var lease: InvalidationLease
  /// Where this process is, for what no tier has a bookmark of.
  var reached: [String: String] = [:]
  /// Whether this process was stopped in the middle of what somebody asked for.
  private var isUnfinished = false

  /// How often the lease is looked at while something takes its time, in milliseconds.
  private static let beatMilliseconds = 200
  private static let pause = "invalidation"
  private static let pauseSeconds: Int64 = 10

  /// - Parameters:
  ///   - purging: is told of what has taken effect; nil where nothing stands between this server and its clients.
  ///   - hasChanged: is called when something has, for what is derived from all that MusicBrainz says.
  ///   - clock: monotonic nanoseconds.
  public init(
    _ source: any ChangeSource, pictures: [any PictureFeed] = [], store: DocumentStore,
    coordination: any Coordination, purging: (any Purging)? = nil, options: Options = Options(), logger: Logger,
    hasChanged: @escaping () -> Void = {}, now: @escaping () -> UnixTime = { .now },
    clock: @escaping () -> UInt64 = Deadline.monotonicNanoseconds
  ) {
    self.source = source
    self.pictures = pictures
    self.store = store
    self.coordination = coordination
    self.purging = purging
    self.options = options
    self.logger = logger
    self.hasChanged = hasChanged
    self.now = now
    started = now()
    lease = InvalidationLease(coordination, seconds: options.leaseSeconds, now: clock)
  }

  /// Whether documents are kept where a run of another process can reach them.
  public var reachesAll: Bool { store.hasDurable || store.hasOwnShared }

  /// Whether something was begun that nobody is finishing.
  public var isToBeContinued: Bool {
    guard isUnfinished || (lease.isWanted && !lease.isHeld) else { return false }
    return !coordination.arePaused([Invalidator.pause])[0]
  }

  /// Goes on with what somebody has begun. If that fails, all processes leave it alone for a moment.
  public func goOn(until deadline: Deadline) {
    do throws(SourceError) {
      _ = try run(until: deadline, keepsLease: true)
    } catch {
      logger.warning("the invalidation cannot go on", metadata: ["reason": "\(error)"])
      coordination.pause(Invalidator.pause, seconds: Invalidator.pauseSeconds)
    }
  }

  /// Since when another process has been at it; nil when none is.
  public var occupiedSince: UnixTime? { lease.isHeld ? lease.since : nil }

  /// Has everything take effect that has changed since the last time.
  ///
  /// - Parameters:
  ///   - time: has it go back to this moment if that is earlier. What a provider of pictures told is not told again.
  ///   - keepsLease: whether this process goes on soon if the time is up; until then nobody else does.
  ///   - report: is told of each part that has taken effect.
  /// - Throws: what kept it from reading MusicBrainz' changes. What has taken effect until then has.
  public func run(
    since time: UnixTime? = nil, until deadline: Deadline, keepsLease: Bool = false,
    report: @escaping (EntityChanges) -> Void = { _ in }
  ) throws(SourceError) -> InvalidationRun {
    guard lease.take(at: now()) else { return InvalidationRun(ending: .occupied(since: lease.since)) }
    var run = InvalidationRun()
    var isLost = false
    let pulse = Pulse(every: Invalidator.beatMilliseconds) { [self] in
      if !lease.renew() { isLost = true }
      return !isLost && deadline.beat() && !deadline.hasPassed
    }
    let limited = deadline.with(pulse)
    defer {
      if isLost { logger.warning("another process has taken over the invalidation") }
      isUnfinished = keepsLease && run.ending == .stopped
      if !isUnfinished { lease.giveBack() }
      if run.count > 0 { hasChanged() }
    }
    try follow(
      ChangeFeedReader(source, isDecorated: store.hasSnapshot), since: time, until: limited, into: &run, report)
    followPictures(until: limited, into: &run, report)
    if isLost {
      run.ending = .occupied(since: lease.since)
    } else if run.ending == .stopped {
      if keepsLease { lease.want() }
    } else {
      lease.wantNoMore()
    }
    return run
  }

  /// Has what was announced take effect at once, whatever the bookmarks say.
  ///
  /// - Returns: whether every tier that there is has heard of it.
  public func takeEffect(_ changes: EntityChanges) throws(SourceError) -> Bool {
    guard !changes.isEmpty else { return true }
    let keys = changes.documents(isDecorated: store.hasSnapshot)
    if store.hasDurable { _ = try store.revokeDurably(keys, moving: []) }
    let haveHeard = store.revokeShared(keys)
    try purging?.purge(changes)
    hasChanged()
    return haveHeard
  }

  // MARK: - Following a feed

  private func followPictures(
    until deadline: Deadline, into run: inout InvalidationRun, _ report: @escaping (EntityChanges) -> Void
  ) {
    let keys = PictureKeys(store)
    for feed in pictures where run.ending == .finished && deadline.beat() {
      let reader = ChangeFeedReader(feed, keys)
      guard !coordination.arePaused([reader.name])[0] else { continue }
      // Killed while it asks, it does not ask again at once.
      coordination.pause(reader.name, seconds: options.pictureRetrySeconds)
      do throws(SourceError) {
        try follow(reader, since: nil, until: deadline, into: &run, report)
        if run.ending == .finished { coordination.pause(reader.name, seconds: options.pictureSeconds) }
      } catch {
        run.failures[feed.name] = error
        logger.warning(
          "changed pictures cannot be told", metadata: ["provider": "\(feed.name)", "reason": "\(error)"])
      }
    }
  }

  private func follow(
    _ feed: ChangeFeedReader, since time: UnixTime?, until deadline: Deadline, into run: inout InvalidationRun,
    _ report: @escaping (EntityChanges) -> Void
  ) throws(SourceError) {
    let begin = now()
    var bookmarks = try Bookmarks(feed.name, store) { () throws(SourceError) in
      try feed.begin(begin + -options.firstSeconds, question(deadline))
    } whenAway: { error in
      run.missed.insert(.durable)
      logger.warning("the durable cache hears of changes later", metadata: ["reason": "\(error)"])
    }
    if let time, isEarlier(time, than: feed) {
      let position = try feed.begin(time, question(deadline))
      try bookmarks.goBack(to: position)
      reached[feed.name] = position
    }
    var follower = FeedFollower(self, feed, bookmarks, until: deadline, report)
    defer { run = follower.run }
    follower.run = run
    try follower.follow(started: started)
    if follower.run.ending == .finished, follower.run.missed.isEmpty { note(feed.name, completeAt: begin) }
  }

  func question(_ deadline: Deadline) -> Deadline { deadline.orAfter(milliseconds: options.questionMilliseconds) }

  // MARK: - How far it is

  /// Whether changes of that moment may have been behind the last run.
  private func isEarlier(_ time: UnixTime, than feed: ChangeFeedReader) -> Bool {
    FreshnessState(store).complete(feed.name).map { time < $0 } ?? true
  }

  private func note(_ feed: String, completeAt time: UnixTime) { FreshnessState(store).note(feed, completeAt: time) }
}
