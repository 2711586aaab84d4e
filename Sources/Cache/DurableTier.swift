public import Core
public import Documents

/// What survives a restart of everything: the same documents as in the shared tier, and which of them change and fall
/// due. Like every tier it may be away at any time; unlike the others it then says so.
public protocol DurableTier: AnyObject {
  /// Whether it is worth asking now.
  var isAvailable: Bool { get }

  /// The documents in the order of the keys, nil where there is none.
  func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?]

  /// Keeps documents in place of older ones.
  func set(_ documents: [CacheKey: Document]) throws(SourceError)

  /// Makes documents stale from `time` on.
  func expire(_ keys: [CacheKey], at time: UnixTime) throws(SourceError)

  func delete(_ keys: [CacheKey]) throws(SourceError)

  /// Up to `limit` ids of documents that are stale before `time`, the oldest first.
  func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID]

  /// Up to `limit` ids whose content, in documents of any of the kinds, has become another since `time`, the newest
  /// first.
  func changed(_ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int) throws(SourceError) -> [Change]

  /// Makes ids known that are not yet, as documents that are due at once.
  func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError)
}

/// That a document became another, and when.
public struct Change: Equatable, Sendable {
  public var id: MBID
  public var time: UnixTime

  public init(id: MBID, time: UnixTime) {
    self.id = id
    self.time = time
  }
}
