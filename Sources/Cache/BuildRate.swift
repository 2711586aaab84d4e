public import Core

/// How many builds were finished since when, in two periods of ten minutes, so that what was long ago counts no longer.
public struct BuildRate: Equatable, Sendable {
  public private(set) var earlierSince: UnixTime
  public private(set) var earlierDone: Int
  public private(set) var since: UnixTime
  public private(set) var latestDone: Int

  private static let periodSeconds: Int64 = 600

  public init(since: UnixTime) { self.init(earlierSince: since, earlierDone: 0, since: since, done: 0) }

  /// The rate as a store has kept it.
  public init(earlierSince: UnixTime, earlierDone: Int, since: UnixTime, done: Int) {
    self.earlierSince = earlierSince
    self.earlierDone = earlierDone
    self.since = since
    latestDone = done
  }

  public var began: UnixTime { earlierSince }
  public var done: Int { earlierDone &+ latestDone }

  public mutating func count(_ number: Int, at now: UnixTime) {
    if now - since > BuildRate.periodSeconds {
      (earlierSince, earlierDone) = (since, latestDone)
      (since, latestDone) = (now, 0)
    }
    latestDone &+= number
  }
}
