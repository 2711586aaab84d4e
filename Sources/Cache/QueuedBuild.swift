public import Core

/// Something out of a ``BuildQueue``, for whoever claimed it.
public struct QueuedBuild: Equatable, Sendable {
  public var key: CacheKey
  public var reason: BuildReason
  /// How often it has been claimed and neither finished nor given back, this time included.
  public var attempts: Int
  /// When it was first added, by the clock of the store.
  public var added: UnixTime
  /// Tells this claim from all others.
  public var lease: Int64

  public init(key: CacheKey, reason: BuildReason, attempts: Int, added: UnixTime, lease: Int64) {
    self.key = key
    self.reason = reason
    self.attempts = attempts
    self.added = added
    self.lease = lease
  }
}
