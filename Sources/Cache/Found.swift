internal import Core
internal import Documents

/// What the tiers have under a key, and what may be done with it.
struct Found {
  enum Validity {
    case fresh
    /// To be served, and computed anew afterwards.
    case stale
    /// To be computed anew first, and served only if that fails.
    case revoked
    case missing
  }

  var document: Document?
  var validity: Validity

  /// Whether a note says that the durable tier has nothing newer than the snapshot.
  var isDeferred = false

  static let missing = Found(nil, .missing)

  init(_ document: Document?, _ validity: Validity) {
    self.document = document
    self.validity = validity
  }

  var isServable: Bool { validity == .fresh || validity == .stale }

  /// What a later look has found, unless that is nothing.
  func newer(_ later: Found) -> Found { later.document == nil ? self : later }
}

/// What was there before a computation: whatever comes of it replaces only that.
struct Ticket {
  let tier: any CacheTier
  var versions: [CacheKey: CacheVersion] = [:]
  var found: [CacheKey: Found] = [:]
  /// The durable tier's; nil when that could not be asked.
  var revision: Int64?
  /// The states of what derived documents are made from.
  var origins: [String: UInt64] = [:]
  /// How many revocations there had been.
  var revocations: UInt64?
  /// Whether nobody has asked for what is computed: see ``DocumentStore/renewing(_:_:)``.
  var isRenewal = false
  /// The fingerprints of documents that were not read.
  var fingerprints: [CacheKey: UInt64] = [:]
}

/// Revocations that a tier has yet to be told of.
struct Unheard {
  var shared: Set<CacheKey> = []
  var durable: Set<CacheKey> = []
}

/// A document that the durable tier has yet to be told of.
struct Unsaved {
  /// Makes it, if it has not been made yet.
  var document: () -> Document
  var revision: Int64?
  /// See ``DurableTier/isForPeople``.
  var isForPeople: Bool

  /// What is saved together.
  struct Batch: Hashable {
    var revision: Int64?
    var isForPeople: Bool
  }

  var batch: Batch { Batch(revision: revision, isForPeople: isForPeople) }
}
