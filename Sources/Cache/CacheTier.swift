/// A place that keeps bytes under keys and may forget them at any time. No call fails: what a tier cannot do is a miss.
///
/// Lifetimes are in seconds from now, so that clocks that differ or jump lose nothing and keep nothing for ever.
public protocol CacheTier: AnyObject {
  /// Whether it can keep anything right now.
  var isAvailable: Bool { get }

  /// Whether documents are kept in it. Where the durable tier is as quick, they are kept only there.
  var holdsDocuments: Bool { get }

  /// Asks each part of the tier, and says whether all of them answer.
  func isWhole() -> Bool

  /// The values in the order of the keys, nil where there is none.
  func get(_ keys: [String]) -> [[UInt8]?]

  /// The values with their versions, in the order of the keys.
  func read(_ keys: [String]) -> [VersionedValue]

  /// Stores values, whatever there was before.
  func set(_ items: [CacheItem])

  /// Stores values whose keys nobody has written to since the version was read.
  ///
  /// - Returns: the outcome of each, in their order.
  func replace(_ items: [ConditionalItem]) -> [StoreOutcome]

  /// Stores a value unless there is one already.
  func add(_ item: CacheItem) -> AddOutcome

  func delete(_ key: String)

  /// Adds to a counter, atomically for all who share the tier. A missing counter starts at 0 and lives for `lifetime`;
  /// on an existing one `lifetime` has no effect.
  ///
  /// - Returns: the new count; nil when the tier cannot count, or the value under the key is no counter.
  func increment(_ key: String, by amount: UInt64, lifetime: Int64) -> UInt64?
}

extension CacheTier {
  public var holdsDocuments: Bool { true }
  public func isWhole() -> Bool { isAvailable }
}

extension Optional where Wrapped == any CacheTier {
  /// The tier that processes share, or what takes its place where there is none or it is away.
  public func orWhileAway(_ substitute: any CacheTier) -> any CacheTier {
    if let self, self.isAvailable { return self }
    return substitute
  }
}

/// A value to store.
public struct CacheItem: Sendable {
  public var key: String
  public var value: [UInt8]
  /// In seconds, at least 1.
  public var lifetime: Int64

  public init(_ key: String, _ value: [UInt8], lifetime: Int64) {
    self.key = key
    self.value = value
    self.lifetime = lifetime
  }
}

/// What was under a key at some moment.
public enum CacheVersion: Equatable, Sendable {
  /// Nothing.
  case missing
  /// A value that the tier gave this number, which no other value under the key has.
  case number(UInt64)
}

public struct VersionedValue: Equatable, Sendable {
  public var value: [UInt8]?
  /// nil when the tier could not be asked.
  public var version: CacheVersion?

  public init(value: [UInt8]?, version: CacheVersion?) {
    self.value = value
    self.version = version
  }
}

/// A value to store only if nothing newer has been stored meanwhile.
public struct ConditionalItem: Sendable {
  public var item: CacheItem
  public var version: CacheVersion

  public init(_ item: CacheItem, replacing version: CacheVersion) {
    self.item = item
    self.version = version
  }
}

public enum StoreOutcome: Equatable, Sendable {
  case stored
  /// Somebody else has stored something since.
  case overtaken
  /// The tier has no room, or does not answer.
  case unavailable
}

public enum AddOutcome: Sendable {
  case added
  /// There is one already.
  case exists
  /// The tier cannot say; the caller has to do without an answer.
  case unavailable
}
