public import Cache
public import Core

/// Times that a source of changes cannot tell anything about any more, such as before a database was imported again. What
/// was stored then has to be compared with what MusicBrainz says now, by whoever sweeps through the store.
///
/// The durable tier keeps the last of them as a bookmark: `open TIME`, or `closed TIME` when all has been compared.
public struct Gaps {
  public enum State: Equatable, Sendable {
    /// Not everything has been compared that was stored before.
    case open(UnixTime)
    /// Everything had been compared at that time.
    case closed(UnixTime)
  }

  static let name = "gap"
  static let advice =
    "changes before now cannot be told, and there is no durable cache whose documents could be compared: restart memcached"

  private let store: DocumentStore

  public init(_ store: DocumentStore) { self.store = store }

  /// The last one; nil when there has been none.
  public func last() throws(SourceError) -> State? { Gaps.state(try store.bookmarks([Gaps.name])[0]) }

  /// Says that everything has been compared that was stored before `opened`.
  ///
  /// - Returns: false when there has been another gap since.
  public func close(_ opened: UnixTime, at time: UnixTime) throws(SourceError) -> Bool {
    let found = try store.bookmarks([Gaps.name])[0]
    guard Gaps.state(found) == .open(opened) else { return false }
    return try store.revokeDurably([], moving: [BookmarkMove(Gaps.name, from: found, to: "closed \(time.seconds)")])
  }

  /// The move of a bookmark that notes one; none if that has been noted.
  func opening(at time: UnixTime) throws(SourceError) -> [BookmarkMove] {
    let found = try store.bookmarks([Gaps.name])[0]
    let next = "open \(time.seconds)"
    return found == next ? [] : [BookmarkMove(Gaps.name, from: found, to: next)]
  }

  static func state(_ text: String?) -> State? {
    guard let words = text?.split(separator: " "), words.count == 2, let seconds = Int64(words[1]) else { return nil }
    switch words[0] {
    case "open": return .open(UnixTime(seconds: seconds))
    case "closed": return .closed(UnixTime(seconds: seconds))
    default: return nil
    }
  }
}
