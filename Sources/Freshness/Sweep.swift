public import Cache
public import Core
public import Documents

/// Compares all that is kept of MusicBrainz with what it says now, a few at a time, in the order of their ids: for
/// changes that leave no trace. What differs is revoked as changed, what is equal costs one read of both.
///
/// Bookmarks in the store tell where it is, so that any process can go on.
public final class Sweep {
  /// Finds those that differ, by their ids, in a page of one kind.
  public typealias Compare = (
    _ rows: [(id: MBID, document: Document?)], _ deadline: Deadline
  ) throws(SourceError) -> [MBID]

  /// One kind of document to go through.
  public struct Piece {
    public var kind: CacheKey.Kind
    public var differences: Compare
    /// What is revoked with one that differs.
    public var shown: (MBID) -> [CacheKey]

    public init(
      _ kind: CacheKey.Kind, shown: @escaping (MBID) -> [CacheKey], differences: @escaping Compare
    ) {
      self.kind = kind
      self.shown = shown
      self.differences = differences
    }
  }

  /// How far the one is that is least far.
  public struct Progress: Equatable, Sendable {
    public var began: UnixTime
    /// From 0 to 1.
    public var fraction: Double
    /// When it will be through; nil when it goes as fast as it can.
    public var until: UnixTime?
  }

  public private(set) var compared = 0
  public private(set) var different = 0

  private let store: DocumentStore
  private let durable: any DurableTier
  private let pieces: [Piece]
  /// How long one sweep takes, in seconds; nil where there is one only after changes were missed.
  private let seconds: Int64?
  private let now: () -> UnixTime

  private static let rowsAtOnce = 100
  private static let pageMilliseconds = 60_000

  /// - Parameter days: how long one sweep takes; 0: there is one only after changes were missed.
  public init(
    _ store: DocumentStore, _ durable: any DurableTier, pieces: [Piece], days: Int,
    now: @escaping () -> UnixTime = { .now }
  ) {
    self.store = store
    self.durable = durable
    self.pieces = pieces
    seconds = days > 0 ? Int64(days) * 86_400 : nil
    self.now = now
  }

  /// Begins at the beginning, as fast as it can: changes have been missed.
  public static func restart(
    _ durable: any DurableTier, of kinds: [CacheKey.Kind], now: UnixTime
  ) throws(SourceError) {
    for kind in kinds {
      var isMoved = false
      while !isMoved {
        let place = try durable.bookmarks([bookmark(kind)])[0]
        isMoved = try durable.revoke(
          [], because: .changed,
          moving: [BookmarkMove(bookmark(kind), from: place, to: Place(began: now, isHurried: true).text)])
      }
    }
  }

  /// Compares everything after a gap that is open, as fast as it can, and closes the gap when that is done.
  public func heed(_ gaps: Gaps) throws(SourceError) {
    guard case .open(let opened) = try gaps.last() else { return }
    let places = try bookmarks().map(\.place)
    let late = zip(pieces, places).filter { $1.map { $0.began < opened } ?? true }.map(\.0.kind)
    if !late.isEmpty {
      try Sweep.restart(durable, of: late, now: now())
    } else if places.allSatisfy({ $0?.isOver ?? false }) {
      _ = try gaps.close(opened, at: now())
    }
  }

  /// How far it is; nil when there has never been one, or it is through and none is due.
  public func progress() throws(SourceError) -> Progress? {
    let places = try bookmarks().compactMap(\.place).filter { !$0.isOver || seconds != nil }
    guard let least = places.min(by: { $0.fraction < $1.fraction }) else { return nil }
    return Progress(
      began: places.map(\.began).min() ?? least.began, fraction: least.fraction,
      until: least.isHurried ? nil : seconds.map { least.began + $0 })
  }

  /// Compares a page of each kind that is behind its time.
  ///
  /// - Returns: whether one is still behind.
  public func step(by deadline: Deadline) throws(SourceError) -> Bool {
    var isBehind = false
    for (piece, bookmark) in zip(pieces, try bookmarks()) {
      guard !deadline.hasPassed else { return true }
      if try step(piece, bookmark, by: deadline) { isBehind = true }
    }
    return isBehind
  }

  private func step(_ piece: Piece, _ found: Bookmark, by deadline: Deadline) throws(SourceError) -> Bool {
    var place = found.place ?? Place(began: now(), isHurried: false)
    if place.isOver, let seconds, now() - place.began >= seconds { place = Place(began: now(), isHurried: false) }
    guard !place.isOver, place.isHurried || isBehind(place) else { return false }
    let page = try durable.scan(piece.kind, after: place.last, limit: Sweep.rowsAtOnce)
    let ids = page.isEmpty ? [] : try piece.differences(page, deadline.orAfter(milliseconds: Sweep.pageMilliseconds))
    compared += page.count
    different += ids.count
    place.last = page.last?.id
    place.isOver = page.isEmpty
    try move(piece, found, place, ids.flatMap(piece.shown))
    return !place.isOver && (place.isHurried || isBehind(place))
  }

  private func isBehind(_ place: Place) -> Bool {
    guard let seconds else { return false }
    return Double(now() - place.began) >= place.fraction * Double(seconds)
  }

  /// What differs is revoked in every tier before the bookmark says that it was: killed in between, the page is compared
  /// once more.
  private func move(_ piece: Piece, _ found: Bookmark, _ next: Place, _ keys: [CacheKey]) throws(SourceError) {
    store.revoke(keys)
    try durable.revoke(
      keys, because: .changed, moving: [BookmarkMove(Sweep.bookmark(piece.kind), from: found.text, to: next.text)])
  }

  // MARK: - Bookmarks

  private static func bookmark(_ kind: CacheKey.Kind) -> String { "sweep-\(kind.name)" }

  private struct Bookmark {
    var text: String?
    /// nil where there is none, or none that can be read: then it begins anew.
    var place: Place?
  }

  private func bookmarks() throws(SourceError) -> [Bookmark] {
    try durable.bookmarks(pieces.map { Sweep.bookmark($0.kind) }).map { text in
      Bookmark(text: text, place: text.flatMap { Place($0) })
    }
  }

  /// Where it is with one kind.
  struct Place: Equatable {
    var began: UnixTime
    var isHurried: Bool
    var isOver = false
    /// The last one that was compared.
    var last: MBID?

    init(began: UnixTime, isHurried: Bool) {
      self.began = began
      self.isHurried = isHurried
    }

    /// - Returns: nil for what ``text`` has not written.
    init?(_ text: String) {
      let words = text.split(separator: " ")
      guard words.count == 3, let seconds = Int64(words[0]) else { return nil }
      began = UnixTime(seconds: seconds)
      isHurried = words[1] == "fast"
      isOver = words[2] == "over"
      last = MBID(words[2])
    }

    var text: String {
      "\(began.seconds) \(isHurried ? "fast" : "slow") \(isOver ? "over" : last?.description ?? "-")"
    }

    var fraction: Double { isOver ? 1 : last?.fraction ?? 0 }
  }
}
