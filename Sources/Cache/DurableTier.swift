public import Core
public import Documents

/// What survives a restart of everything: documents, and which of them change and fall due. Like every tier it may be away
/// at any time; unlike the others it then says so.
///
/// It hands out revisions, each greater than all before. Whoever computes a document takes one before asking the source,
/// and what comes of it is kept only if nobody who took a later one has stored or revoked the document.
public protocol DurableTier: AnyObject {
  /// Whether it is worth asking now.
  var isAvailable: Bool { get }

  /// Does what takes longer than a client waits, such as laying out the tables.
  func prepare() throws(SourceError)

  /// The documents in the order of the keys, nil where there is none.
  func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?]

  /// The next revision.
  func revision() throws(SourceError) -> Int64

  /// Keeps documents in place of those that have an earlier revision.
  ///
  /// Without a revision it cannot be told what is newer: the document is kept as a stale one where there is none, and else
  /// the one that is there becomes stale.
  ///
  /// - Returns: those that were refused.
  func set(_ documents: [CacheKey: Document], revision: Int64?) throws(SourceError) -> Set<CacheKey>

  /// Forgets documents of an earlier revision, because their entities are gone.
  func forget(_ keys: [CacheKey], revision: Int64?) throws(SourceError)

  /// Refuses whatever was begun before, and has documents computed anew before they are served.
  func revoke(_ keys: [CacheKey]) throws(SourceError)

  /// Up to `limit` ids of documents that are stale before `time`, the oldest first.
  func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID]

  /// Up to `limit` ids whose documents, of any of the kinds, have changed since `time`, the newest first.
  func changed(_ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int) throws(SourceError) -> [Change]

  /// Makes ids known that are not yet, as documents that are due at once.
  func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError)
}

/// That a document changed, and when.
public struct Change: Equatable, Sendable {
  public var id: MBID
  public var time: UnixTime

  public init(id: MBID, time: UnixTime) {
    self.id = id
    self.time = time
  }
}
