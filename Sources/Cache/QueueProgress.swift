public import Core

/// How far a ``BuildQueue`` is.
public struct QueueProgress: Equatable, Sendable {
  /// How many builds are in the queue, those under way included.
  public var waiting: Int
  /// How many of them are being built.
  public var underWay: Int
  /// How many were finished since `since`: ten to twenty minutes ago, or when the queue was last empty.
  public var done: Int
  public var since: UnixTime
  /// How long ago the oldest of them was added, in seconds; nil when there is none.
  public var oldest: Int?
  /// How long the rest takes at the rate of `done`; nil when nothing tells the rate.
  public var secondsLeft: Int?

  /// - Parameter elapsed: seconds since `since`.
  public init(waiting: Int, underWay: Int, done: Int, since: UnixTime, elapsed: Int64, oldest: Int? = nil) {
    self.oldest = oldest
    self.waiting = waiting
    self.underWay = underWay
    self.done = done
    self.since = since
    if waiting == 0 {
      secondsLeft = 0
    } else if done > 0, elapsed >= 0 {
      let seconds = (Double(waiting) * Double(max(1, elapsed)) / Double(done)).rounded(.up)
      // A year is as good as any number beyond it.
      secondsLeft = Int(min(seconds, 31_536_000))
    }
  }
}
