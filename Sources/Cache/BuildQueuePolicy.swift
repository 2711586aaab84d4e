public import Core

/// What a ``BuildQueue`` allows, and how it treats what fails; the same in every store.
public struct BuildQueuePolicy: Sendable {
  /// How many builds there may be. What nobody asked for leaves the last tenth to people.
  public var most: Int
  /// After so many attempts a build is at the end of the queue.
  public var attemptsBeforeEnd: Int
  /// The pauses after a failure, in seconds; each is twice the one before.
  public var shortestPause: Int64
  public var longestPause: Int64

  /// No lease lives longer without being renewed, in seconds: one that claims to was written before a clock was set back.
  public static let longestLease: Int64 = 3_600
  /// No pause is longer, in seconds.
  public static let mostPause: Int64 = 86_400
  /// The rank of what has failed too often: behind all reasons.
  public static let lastRank = 3

  public init(most: Int = 10_000, attemptsBeforeEnd: Int = 5, shortestPause: Int64 = 30, longestPause: Int64 = 3_600) {
    self.most = max(1, most)
    self.attemptsBeforeEnd = max(1, attemptsBeforeEnd)
    self.shortestPause = min(max(0, shortestPause), BuildQueuePolicy.mostPause)
    self.longestPause = min(max(0, longestPause), BuildQueuePolicy.mostPause)
  }

  /// How many there may be for something to be added for this reason.
  public func most(for reason: BuildReason) -> Int { reason == .asked ? most : most - most / 10 }

  public var mostOfClient: Int { max(1, most / 10) }

  /// How long to wait after a failure, in seconds.
  public func pause(afterAttempts attempts: Int, atLeast seconds: Int64 = 0) -> Int64 {
    let backoff = min(longestPause, shortestPause << Int64(min(max(attempts - 1, 0), 16)))
    return min(max(backoff, seconds), BuildQueuePolicy.mostPause)
  }

  public func rank(_ reason: BuildReason, attempts: Int) -> Int {
    attempts >= attemptsBeforeEnd ? BuildQueuePolicy.lastRank : reason.rawValue
  }

  /// Whether something may be claimed at `now`. Times farther ahead than there are were written before the clock was set
  /// back.
  public func isClaimable(notBefore: UnixTime, leasedUntil: UnixTime, attempts: Int, at now: UnixTime) -> Bool {
    guard notBefore <= now || notBefore > now + BuildQueuePolicy.mostPause else { return false }
    // What has taken down its builders is left alone for longer than they need to start again.
    let end = attempts >= attemptsBeforeEnd ? leasedUntil + longestPause : leasedUntil
    return end <= now || leasedUntil > now + BuildQueuePolicy.longestLease
  }

  public static func lease(_ seconds: Int64) -> Int64 { min(max(1, seconds), longestLease) }
}
