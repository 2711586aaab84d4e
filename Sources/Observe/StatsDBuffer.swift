/// Times that StatsD has yet to be told of: each by itself, because it makes percentiles of them. No memory is taken for
/// one.
///
/// Only the thread that serves uses it.
// @unchecked: no other thread touches it.
final class StatsDBuffer: @unchecked Sendable {
  struct Sample {
    /// The first word of the series.
    var series: Int
    var nanoseconds: UInt64
  }

  private(set) var samples: [Sample] = []
  /// For how many there was no room.
  private var lost: UInt64 = 0

  private static let room = 512
  /// When so many are there, they are sent even if nobody has time.
  static let enough = 256

  init() { samples.reserveCapacity(StatsDBuffer.room) }

  func note(_ series: Int, _ nanoseconds: UInt64) {
    guard samples.count < StatsDBuffer.room else {
      lost += 1
      return
    }
    samples.append(Sample(series: series, nanoseconds: nanoseconds))
  }

  /// - Returns: for how many there was no room since the last time.
  func clear() -> UInt64 {
    samples.removeAll(keepingCapacity: true)
    defer { lost = 0 }
    return lost
  }
}
