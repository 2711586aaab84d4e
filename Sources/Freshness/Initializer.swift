public import Cache
public import Core

/// Fills a store with every id that MusicBrainz has: as documents that are due at once, but only after whatever people
/// need. Done again it adds what is new; killed, it goes on where it was.
public final class Initializer {
  public struct Progress: Equatable, Sendable {
    /// How many ids were gone through since this one began.
    public var done = 0
    /// How much of all, from 0 to 1.
    public var fraction: Double
    /// At what this one began.
    public var began: Double

    public init(fraction: Double = 0, began: Double = 0) {
      self.fraction = fraction
      self.began = began
    }
  }

  /// Up to `limit` ids behind one, in their order; none at the end.
  public typealias Pages = (_ after: MBID?, _ limit: Int) throws(SourceError) -> [MBID]

  private let durable: any DurableTier

  private static let idsAtOnce = 20_000
  /// How many of MusicBrainz' addresses are looked at together; one in ten or so is Spotify's.
  private static let addressesAtOnce = 50_000
  /// Where a bookmark is of what has come to its end.
  private static let beginning = "-"

  public init(_ durable: any DurableTier) { self.durable = durable }

  /// Adds the ids of a kind.
  ///
  /// - Parameter report: returns whether to go on.
  /// - Returns: whether it came to the end.
  public func fill(
    _ kind: CacheKey.Kind, from pages: Pages, report: (Progress) -> Bool
  ) throws(SourceError) -> Bool {
    let bookmark = "initialize-\(kind.name)"
    var place = try durable.bookmarks([bookmark])[0]
    var last = place.flatMap { MBID($0) }
    var progress = Progress(fraction: last?.fraction ?? 0, began: last?.fraction ?? 0)
    while true {
      let ids = try pages(last, Initializer.idsAtOnce)
      try durable.insert(ids, of: kind)
      last = ids.last ?? last
      progress.done += ids.count
      progress.fraction = ids.isEmpty ? 1 : last?.fraction ?? 0
      place = try move(bookmark, from: place, to: ids.isEmpty ? Initializer.beginning : ids.last?.description)
      if ids.isEmpty {
        _ = report(progress)
        return true
      }
      guard report(progress) else { return false }
    }
  }

  /// Goes through numbered rows, a range at a time.
  ///
  /// - Parameters:
  ///   - count: the number of the last one.
  ///   - keep: keeps what the rows behind a number and up to another have, and returns how many there were.
  /// - Returns: whether it came to the end.
  public func fill(
    named name: String, upTo count: Int, _ keep: (_ after: Int, _ last: Int) throws(SourceError) -> Int,
    report: (Progress) -> Bool
  ) throws(SourceError) -> Bool {
    let bookmark = "initialize-\(name)"
    var place = try durable.bookmarks([bookmark])[0]
    var last = min(count, place.flatMap { Int($0) } ?? 0)
    let all = Double(max(1, count))
    var progress = Progress(fraction: Double(last) / all, began: Double(last) / all)
    while last < count {
      let next = min(count, last + Initializer.addressesAtOnce)
      progress.done += try keep(last, next)
      last = next
      progress.fraction = Double(last) / all
      place = try move(bookmark, from: place, to: last == count ? Initializer.beginning : String(last))
      guard report(progress) else { return last == count }
    }
    return true
  }

  /// Another that does the same at once may have moved it: what it has added is there.
  private func move(_ bookmark: String, from place: String?, to next: String?) throws(SourceError) -> String? {
    guard let next else { return place }
    let isMoved = try durable.revoke([], because: .changed, moving: [BookmarkMove(bookmark, from: place, to: next)])
    return isMoved ? next : try durable.bookmarks([bookmark])[0]
  }
}

extension MBID {
  /// Where it is among all ids, from 0 to 1: they are random.
  var fraction: Double { Double(high) / 0x1p64 }
}
