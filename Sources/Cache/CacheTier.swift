public import Core

/// A place that keeps bytes under keys and may forget them at any time. No call fails: what a tier cannot do is a miss.
public protocol CacheTier: AnyObject {
  /// Whether it can keep anything right now.
  var isAvailable: Bool { get }

  /// The values in the order of the keys, nil where there is none.
  func get(_ keys: [String]) -> [[UInt8]?]

  /// Keeps values until they expire, in place of older ones.
  func set(_ items: [CacheItem])

  /// Keeps a value unless there is one already.
  func add(_ key: String, _ value: [UInt8], expires: UnixTime) -> AddOutcome

  func delete(_ key: String)

  /// Adds to a counter, atomically for all who share the tier. A counter that is not there is begun at 0 and forgotten
  /// at `expires`; on one that is there `expires` has no effect.
  ///
  /// - Returns: the new count; nil when the tier cannot count, or what is under the key is no counter.
  func increment(_ key: String, by amount: UInt64, expires: UnixTime) -> UInt64?
}

extension CacheTier {
  /// Keeps a value until `expires`, in place of an older one.
  public func set(_ key: String, _ value: [UInt8], expires: UnixTime) {
    set([CacheItem(key: key, value: value, expires: expires)])
  }
}

/// What a tier is to keep.
public struct CacheItem: Sendable {
  public var key: String
  public var value: [UInt8]
  public var expires: UnixTime

  public init(key: String, value: [UInt8], expires: UnixTime) {
    self.key = key
    self.value = value
    self.expires = expires
  }
}

public enum AddOutcome: Sendable {
  case added
  /// There is one already.
  case exists
  /// The tier cannot say: whatever hung on the answer must do without it.
  case unavailable
}
