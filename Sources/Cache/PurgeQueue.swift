public import Core

/// Documents whose answers have yet to be purged from the caches in front of the server. It survives a restart, except
/// where there is only memory to keep it in. Like a durable tier it may be away, and then throws.
///
/// Nothing leaves the queue but by ``finish(_:)``. What fails waits, longer each time. A process that is killed loses what
/// it had claimed when the lease runs out.
public protocol PurgeQueue: AnyObject {
  /// Whether it is worth asking now.
  var isAvailable: Bool { get }

  /// Adds what is not in the queue yet. What is there already waits anew, and is purged once more if somebody is about to
  /// purge it: that may have been too early.
  ///
  /// - Parameter delay: for how long nobody gets them, in seconds.
  /// - Returns: how many there was no room for.
  func add(_ keys: [CacheKey], delay: Int64) throws(SourceError) -> Int

  /// Leases the first of these kinds. No other process gets them until they are given back or the lease runs out.
  ///
  /// - Parameter seconds: how long the lease lives, 1 to ``PurgeQueuePolicy/longestLease``.
  func claim(_ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64) throws(SourceError) -> [QueuedPurge]

  /// Takes out what was purged. What has been added or claimed again meanwhile stays.
  func finish(_ purges: [QueuedPurge]) throws(SourceError)

  /// Lets go of what failed: nobody gets it before the back-off is over.
  func fail(_ purges: [QueuedPurge]) throws(SourceError)

  /// Lets go of purges as if they had never been claimed.
  func giveBack(_ purges: [QueuedPurge]) throws(SourceError)

  /// How many wait, and for how many seconds the first of them.
  func backlog() throws(SourceError) -> (count: Int, seconds: Int64)
}

/// A purge that was claimed.
public struct QueuedPurge: Equatable, Sendable {
  public let key: CacheKey
  /// How often it has been tried, this time included.
  public let attempts: Int
  /// Tells this claim from all others.
  public let lease: Int64

  public init(key: CacheKey, attempts: Int, lease: Int64) {
    self.key = key
    self.attempts = attempts
    self.lease = lease
  }
}

/// What the stores' queues of purges agree on.
public struct PurgeQueuePolicy: Sendable {
  /// How many may wait. A row takes about a hundred bytes.
  public var most: Int
  /// After the first attempt that failed and the longest, in seconds; each is twice the one before.
  public var shortestPause: Int64
  public var longestPause: Int64

  public static let longestLease: Int64 = 3_600
  /// A later time than this from now was written before the clock was set back, in seconds.
  public static let mostDelay: Int64 = 86_400

  public init(most: Int = 200_000, shortestPause: Int64 = 30, longestPause: Int64 = 3_600) {
    self.most = most
    self.shortestPause = shortestPause
    self.longestPause = longestPause
  }

  public func pause(afterAttempts attempts: Int) -> Int64 {
    min(longestPause, shortestPause << Int64(min(max(attempts - 1, 0), 16)))
  }

  public static func lease(_ seconds: Int64) -> Int64 { min(max(1, seconds), longestLease) }
  public static func delay(_ seconds: Int64) -> Int64 { min(max(0, seconds), mostDelay) }
}
