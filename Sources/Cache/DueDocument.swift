public import Core
public import Documents

/// What a crawler asks a ``DurableTier`` for.
public struct DueQuestion: Sendable {
  public var kind: CacheKey.Kind
  /// What is stale before this moment is due.
  public var before: UnixTime
  /// What was made under another stamp is due as well; nil where stamps do not tell.
  public var stamp: UInt64?
  public var limit: Int
  /// Only what was asked for since then; nil for all.
  public var usedSince: UnixTime?
  /// Whether the documents themselves are wanted.
  public var wantsDocuments = false

  public init(_ kind: CacheKey.Kind, before: UnixTime, stamp: UInt64? = nil, limit: Int) {
    self.kind = kind
    self.before = before
    self.stamp = stamp
    self.limit = limit
  }

  /// No claim lasts longer, in seconds: one that seems to was made before a clock was set back.
  public static let longestClaim: Int64 = 3_600

  /// The hour that ``usedSince`` is in.
  public var usedHour: Int64 { usedSince.map { $0.seconds / 3_600 } ?? 0 }
}

/// A document that is one crawler's to make anew, until its claim runs out.
public struct DueDocument: Sendable {
  public let key: CacheKey
  /// What it says now; nil where there is no document yet, or it was not wanted.
  public var document: Document?
  /// The fingerprint of what is stored; nil where there is no document yet.
  public let fingerprint: UInt64?
  /// Whether it is due for another reason than its age: it is not there yet, was revoked, or was made under other
  /// settings.
  public let isUrgent: Bool
  /// Tells this claim from all others of the same document.
  public let claim: Int64

  /// What a queue of builds has claimed.
  public init(scheduled key: CacheKey, isUrgent: Bool) {
    self.init(key, fingerprint: nil, isUrgent: isUrgent, claim: 0)
  }

  public init(_ key: CacheKey, document: Document? = nil, fingerprint: UInt64?, isUrgent: Bool, claim: Int64) {
    self.key = key
    self.document = document
    self.fingerprint = fingerprint
    self.isUrgent = isUrgent
    self.claim = claim
  }
}
