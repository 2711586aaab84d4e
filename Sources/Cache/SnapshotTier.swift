public import Core
public import Documents

/// A tier that is only read: what a source had said at some time, in a file that was handed on.
///
/// What it holds is served where the other tiers have nothing newer. It is never copied into them.
public protocol SnapshotTier: AnyObject {
  /// Tells one snapshot from another.
  var stamp: UInt64 { get }

  /// When the newest of its documents was said.
  var newest: UnixTime { get }

  /// The documents in the order of the keys, nil where there is none. They are cut, or say that an entity has moved, and
  /// tell when they were said.
  func get(_ keys: [CacheKey]) -> [Document?]
}
