public import Core
public import Documents

/// The tier that survives a restart of everything. It also knows which documents have changed and which fall due. Like
/// every tier it may be away at any time; unlike the others it then throws.
///
/// It hands out revisions, each greater than all before. A computation takes one before it asks the source. Its result
/// is kept only if the document has not been stored or revoked under a later one.
public protocol DurableTier: AnyObject {
  /// Whether it is worth asking now.
  var isAvailable: Bool { get }

  /// Whether it answers in microseconds, and each process finds at once what another has stored.
  var isImmediate: Bool { get }

  /// Stops whatever it does while nobody waits for it, as soon as somebody comes; nil while somebody waits for it.
  var pulse: Pulse? { get set }

  /// Does what takes longer than a client waits, such as laying out the tables.
  func prepare() throws(SourceError)

  /// The documents in the order of the keys, nil where there is none. Where one was revoked before there was one, a
  /// ``Document/revocation``.
  func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?]

  /// The next revision.
  func revision() throws(SourceError) -> Int64

  /// Keeps documents in place of those that have an earlier revision.
  ///
  /// Without a revision nobody can tell what is newer. Then a document that is there becomes stale; where there is
  /// none, the new one is kept as a stale one.
  ///
  /// - Returns: those that were refused.
  func set(_ documents: [CacheKey: Document], revision: Int64?) throws(SourceError) -> Set<CacheKey>

  /// Forgets documents of an earlier revision, because their entities are gone.
  func forget(_ keys: [CacheKey], revision: Int64?) throws(SourceError)

  /// Refuses the results of computations that began before, and has documents computed again before they are served.
  /// Bookmarks move with that, all in one transaction.
  ///
  /// - Parameter reason: whether ``changed(_:since:limit:)`` tells of the documents at once.
  /// - Returns: whether all bookmarks were where their reader thought, and have moved.
  @discardableResult
  func revoke(
    _ keys: [CacheKey], because reason: RevocationReason, moving bookmarks: [BookmarkMove]
  ) throws(SourceError) -> Bool

  /// Where readers of changes have come, in the order of the names; nil for a name that has never moved.
  func bookmarks(_ names: [String]) throws(SourceError) -> [String?]

  /// Whether what is stored and read now is what somebody has asked for; true, except while documents are made anew that
  /// nobody has asked for. Those are the first to go where room is needed.
  var isForPeople: Bool { get set }

  /// Makes documents that are due the caller's own for `seconds`, at most ``DueQuestion/longestClaim``: first what was
  /// revoked or has gone stale, the oldest first; then what was made under another stamp; then what is only known to
  /// exist. No other caller gets them until they are revoked, given back, or stored because somebody has asked for them, or
  /// the time is over.
  func claimDue(_ question: DueQuestion, seconds: Int64) throws(SourceError) -> [DueDocument]

  /// Lets go of claims, as if they had never been made.
  func giveBack(_ documents: [DueDocument]) throws(SourceError)

  /// Notes the stamps of up to `limit` documents that builds before this layout have stored: until then they are not due
  /// because of another stamp.
  ///
  /// - Returns: how many there were.
  func noteStamps(of kind: CacheKey.Kind, limit: Int) throws(SourceError) -> Int

  /// Up to `limit` ids of documents that are stale before `time`, the oldest first.
  func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID]

  /// Up to `limit` ids whose documents, of any of the kinds, have changed since `time`, the newest first. Those count
  /// that are gone, and those that were revoked because of a change until their content has been compared.
  func changed(_ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int) throws(SourceError) -> [Change]

  /// Up to `limit` documents of a kind behind an id, in the order of their ids; nil for one that is damaged. None at the
  /// end.
  func scan(
    _ kind: CacheKey.Kind, after id: MBID?, limit: Int
  ) throws(SourceError) -> [(id: MBID, document: Document?)]

  /// Adds ids that are not known yet, as documents that are due at once, behind those that somebody has asked for.
  ///
  /// - Throws: also where documents would have to make room for them.
  func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError)

  /// Whether ``tend(whileNobodyWaits:)`` is due.
  var needsTending: Bool { get }

  /// Does what the tier needs now and then and no request waits for, such as making room, for a short while.
  func tend(whileNobodyWaits isSomebodyWaiting: () -> Bool)
}

extension DurableTier {
  public var isImmediate: Bool { false }
  public var needsTending: Bool { false }
  public var isForPeople: Bool {
    get { true }
    set {}
  }
  public func revoke(_ keys: [CacheKey]) throws(SourceError) { try revoke(keys, because: .asked, moving: []) }
  public func tend(whileNobodyWaits isSomebodyWaiting: () -> Bool) {}
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

/// Why a document is computed again before its time.
public enum RevocationReason: Sendable {
  /// Somebody asked for it, or it contradicts another.
  case asked
  /// What it was made from is said to have changed.
  case changed
}

/// How far a reader of changes has come, in words of its own.
public struct BookmarkMove: Equatable, Sendable {
  public var name: String
  /// Where the reader found it; nil for nowhere yet. If it is elsewhere, another reader has moved it, and it stays.
  public var from: String?
  public var to: String

  public init(_ name: String, from: String?, to: String) {
    self.name = name
    self.from = from
    self.to = to
  }
}
