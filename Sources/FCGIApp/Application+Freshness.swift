internal import Cache
internal import Core
internal import Dataset
internal import Freshness
internal import Handlers
internal import Metadata
internal import MusicBrainz
internal import Search
internal import Settings

/// How what has changed is noticed and takes effect.
extension Application {
  /// nil where nobody can tell what changes.
  static func invalidator(
    _ settings: Settings, _ source: (any ChangeSource)?, _ store: DocumentStore, _ coordination: any Coordination,
    pictures: [any PictureFeed] = [], purging: (any Purging)? = nil
  ) -> Invalidator? {
    guard let source, settings.cache.isEnabled else { return nil }
    var options = Invalidator.Options()
    options.leaseSeconds = Int64(settings.invalidation.lease)
    return Invalidator(
      source, pictures: pictures, store: store, coordination: coordination, purging: purging, options: options,
      logger: Application.logger(settings, "linernotes.invalidation"),
      hasChanged: { [unowned store] in store.originChanged(Catalog.origin) })
  }

  static func invalidation(
    _ settings: Settings, _ invalidator: Invalidator?, _ store: DocumentStore, _ database: MusicBrainzDatabase?,
    _ dataset: DatasetFile?, purging: (any Purging)? = nil
  ) -> Invalidation {
    let most = Int64(settings.invalidation.maximumLag)
    // What is in a new dataset file and was not in the one before is listed nowhere.
    let replaced = dataset.map { $0.placed + takeOverSeconds } ?? UnixTime(seconds: 0)
    return Invalidation(invalidator: invalidator, purging: purging, urlBase: urlBase(settings)) { time in
      time < replaced || FreshnessState(store).mayLack(since: time, behindBy: most, at: .now)
    } standing: {
      var standing = Standing()
      guard let database else { return standing }
      let deadline = Deadline.after(milliseconds: checkMilliseconds)
      let replication = try? database.replication(by: deadline)
      standing.replicationSequence = replication?.sequence
      standing.schemaSequence = replication?.schema
      standing.feed = (try? database.feed(by: deadline))?.rawValue
      standing.invalidatedUntil = FreshnessState(store).complete
      return standing
    }
  }

  /// For how long after a dataset file was replaced some process may still answer from the old one.
  private static let takeOverSeconds: Int64 = 60

  /// What the URLs of answers begin with, as clients or the cache in front of the server know them.
  static func urlBase(_ settings: Settings) -> String {
    var base = settings.cloudflare.urlBase ?? settings.applicationRoot
    while base.hasSuffix("/") { base.removeLast() }
    return base
  }

  /// Why nothing can be invalidated.
  static func noChanges(_ settings: Settings) -> String {
    guard settings.cache.isEnabled else { return "nothing is kept: USE_CACHE is off" }
    return settings.musicBrainz.source == .webService
      ? "MusicBrainz' web service does not tell what changes: what is stored is asked for again when it goes stale"
      : "there is no database of MusicBrainz' that tells what changes"
  }

  /// How far invalidation is, and whether that is too far behind.
  static func freshness(
    _ settings: Settings, _ source: any ChangeSource, _ store: DocumentStore, by deadline: Deadline
  ) -> Component.State {
    let feed = (try? source.feed(by: deadline))?.rawValue ?? "unknown"
    guard let complete = FreshnessState(store).complete else {
      return .init(isUp: true, detail: "feed \(feed), nothing has been invalidated yet")
    }
    let lag = max(0, UnixTime.now - complete)
    let most = Int64(settings.invalidation.maximumLag)
    var state = Component.State(isUp: true, detail: "feed \(feed), in effect until \(complete.iso8601)")
    state.figures = [("lag_seconds", Int(lag))]
    if most > 0, lag > most {
      state.notice = "\(words(forSeconds: Int(lag))) behind"
      state.advice = Advice.invalidation
    } else if case .open(let opened) = (try? Gaps(store).last()) ?? nil {
      state.notice = "not all is compared that was stored before \(opened.iso8601)"
      state.advice = Advice.gap
    }
    return state
  }
}
