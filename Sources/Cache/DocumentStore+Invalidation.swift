public import Core
public import Documents
internal import Logging

/// For whoever reads what has changed, and has each tier hear of it.
///
/// A tier that is away hears of it later: its bookmark stays where it is. So unlike ``DocumentStore/revoke(_:)`` nothing
/// here is remembered by this process.
extension DocumentStore {
  /// How long lists that name an entity can tell that it was said to have changed, in seconds: a chart, which is fresh for
  /// a day. What else names entities hears of changes by itself. All that changes in MusicBrainz is marked, so not for longer.
  private static let changeSeconds: Int64 = 2 * 86_400
  /// So many documents are revoked at a time: others write between two.
  private static let revokedAtOnce = 1_000
  private static let longestBookmark = 65_536

  public var hasDurable: Bool { durable != nil }

  /// Whether the pool shares a tier that holds documents besides the durable one.
  public var hasOwnShared: Bool { shared?.holdsDocuments ?? false }

  /// Whether the shared tier can be reached, all of it.
  public var isSharedWhole: Bool { shared?.isWhole() ?? false }

  // MARK: - The durable tier

  /// Revokes documents in the durable tier because they are said to have changed, and moves bookmarks with the last of
  /// them.
  ///
  /// - Returns: whether all bookmarks were where their reader thought.
  public func revokeDurably(_ keys: [CacheKey], moving bookmarks: [BookmarkMove]) throws(SourceError) -> Bool {
    let durable = try prepared()
    for key in keys { unsaved[key] = nil }
    // Where there is no other tier, lists look for their marks in this one.
    if isDirect, !keys.isEmpty { noteRevocations(of: keys, for: DocumentStore.changeSeconds) }
    let kept = isDirect ? keys : keys.filter(\.kind.isDurable)
    var start = 0
    while kept.count - start > DocumentStore.revokedAtOnce {
      let end = start + DocumentStore.revokedAtOnce
      try durable.revoke(Array(kept[start..<end]), because: .changed, moving: [])
      start = end
    }
    let haveMoved = try durable.revoke(Array(kept[start...]), because: .changed, moving: bookmarks)
    if isDirect { forgetOwn(keys) }
    return haveMoved
  }

  /// Bookmarks of the durable tier, in the order of the names.
  public func bookmarks(_ names: [String]) throws(SourceError) -> [String?] { try prepared().bookmarks(names) }

  private func prepared() throws(SourceError) -> any DurableTier {
    guard let durable else { throw SourceError(.unavailable, "there is no durable cache") }
    guard durable.isAvailable else { throw SourceError(.unavailable, "the durable cache is left alone") }
    try durable.prepare()
    return durable
  }

  // MARK: - The shared tier

  /// Revokes documents in the shared tier, or in what takes its place.
  ///
  /// - Returns: whether all parts of the shared tier have heard of it.
  public func revokeShared(_ keys: [CacheKey]) -> Bool {
    guard !isDirect, !keys.isEmpty else { return true }
    let tier = tier
    noteRevocations(of: keys, for: DocumentStore.changeSeconds)
    var haveHeard = shared == nil || tier !== memory
    let hot = keys.filter(\.kind.isHot)
    for start in stride(from: 0, to: hot.count, by: DocumentStore.revokedAtOnce) {
      let batch = Array(hot[start..<min(start + DocumentStore.revokedAtOnce, hot.count)])
      if !revoke(batch, in: tier).isEmpty { haveHeard = false }
    }
    // The marks may be in another part than the documents.
    return haveHeard && (shared == nil || isSharedWhole)
  }

  /// How far a reader has come that the shared tier has heard from; nil when nobody knows.
  public func sharedBookmark(_ name: String) -> String? {
    guard let shared, let value = shared.get([bookmarkName(name)])[0] else { return nil }
    guard value.count <= DocumentStore.longestBookmark, !value.isEmpty else { return nil }
    return String(validating: value, as: UTF8.self)
  }

  public func moveSharedBookmark(_ name: String, to position: String) {
    shared?.set([CacheItem(bookmarkName(name), Array(position.utf8), lifetime: DocumentStore.noteSeconds)])
  }

  private func bookmarkName(_ name: String) -> String { "\(prefix)bookmark:\(CacheKey.safe(name))" }

  // MARK: - What somebody wants to have asked for again

  /// The documents in the order of the keys, also those that have been revoked.
  public func kept(_ keys: [CacheKey]) -> [Document?] { keys.isEmpty ? [] : found(keys).map(\.document) }

  /// Whether nobody in the pool has asked this in the last seconds. From now on somebody has.
  public func isFirst(_ name: String, in seconds: Int64) -> Bool {
    guard !coordination.arePaused([name])[0] else { return false }
    coordination.pause(name, seconds: seconds)
    return true
  }

  /// Has what is kept asked for again the next time, and used until somebody has answered.
  public func expire(_ keys: [CacheKey]) {
    guard !keys.isEmpty else { return }
    let expires = now()
    computing(keys) {
      var documents: [CacheKey: Document] = [:]
      for (key, document) in zip(keys, cached(keys)) {
        guard var document, document.state == .present, document.expires > expires else { continue }
        document.expires = expires
        documents[key] = document
      }
      if !documents.isEmpty { put(documents) }
    }
  }
}
