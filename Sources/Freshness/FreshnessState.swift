public import Cache
public import Core

/// How far invalidation has come, as every process can tell.
public struct FreshnessState {
  private let store: DocumentStore

  /// More often than this nobody notes that everything has taken effect, in seconds.
  private static let noteSeconds: Int64 = 15

  public init(_ store: DocumentStore) { self.store = store }

  /// When a run last had everything take effect that MusicBrainz had changed until then; nil when none ever has, or nobody
  /// can tell.
  public var complete: UnixTime? { complete(Invalidator.musicBrainz) }

  func complete(_ feed: String) -> UnixTime? {
    let name = FreshnessState.name(feed)
    let text = store.hasDurable ? (try? store.bookmarks([name]))?[0] : store.sharedBookmark(name)
    return text.flatMap { Int64($0) }.map(UnixTime.init(seconds:))
  }

  func note(_ feed: String, completeAt time: UnixTime) {
    let name = FreshnessState.name(feed)
    if store.hasDurable {
      guard let found = try? store.bookmarks([name])[0] else {
        return place(name, nil, time)
      }
      if let last = Int64(found), last <= time.seconds, time.seconds - last < FreshnessState.noteSeconds { return }
      place(name, found, time)
    } else {
      store.moveSharedBookmark(name, to: "\(time.seconds)")
    }
  }

  /// Nothing depends on it: the next run notes it again.
  private func place(_ name: String, _ found: String?, _ time: UnixTime) {
    _ = try? store.revokeDurably([], moving: [BookmarkMove(name, from: found, to: "\(time.seconds)")])
  }

  private static func name(_ feed: String) -> String { "\(feed).complete" }

  /// Whether a list of what has changed since a moment may lack something that a client will not be told later either:
  /// after a gap, until all that was stored has been compared, and then once more for whoever has not asked since; and
  /// while invalidation is farther behind than it may be.
  ///
  /// - Parameter most: how far that is, in seconds; 0 for any time.
  public func mayLack(since time: UnixTime, behindBy most: Int64, at now: UnixTime) -> Bool {
    guard store.hasDurable,
      let found = try? store.bookmarks([Gaps.name, FreshnessState.name(Invalidator.musicBrainz)])
    else { return false }
    switch Gaps.state(found[0]) {
    case .open: return true
    case .closed(let closed) where time <= closed: return true
    default: break
    }
    guard most > 0, let complete = found[1].flatMap({ Int64($0) }) else { return false }
    return now - UnixTime(seconds: complete) > most
  }
}
