internal import Glibc

/// A moment in wall-clock time, in whole seconds since 1970. What expiry times are made of, as memcached's are.
public struct UnixTime: Hashable, Comparable, Sendable {
  public var seconds: Int64

  public init(seconds: Int64) { self.seconds = seconds }

  public static var now: UnixTime { UnixTime(seconds: Int64(time(nil))) }

  /// Wall-clock time in milliseconds, for what is counted in windows shorter than a few seconds.
  public static var nowMilliseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
  }

  public static func < (left: UnixTime, right: UnixTime) -> Bool { left.seconds < right.seconds }
  public static func + (time: UnixTime, seconds: Int64) -> UnixTime { UnixTime(seconds: time.seconds + seconds) }
  public static func - (left: UnixTime, right: UnixTime) -> Int64 { left.seconds - right.seconds }
}

/// A point in monotonic time by which something must have happened; waits are cut to what is left of it.
public struct Deadline: Sendable {
  private let nanoseconds: UInt64
  /// Whether a client waits for what is to be done by then. What nobody waits for may take longer over its parts.
  public let isAwaited: Bool

  /// The deadline that lies `milliseconds` from now.
  public static func after(milliseconds: Int, awaited: Bool = true) -> Deadline {
    Deadline(
      nanoseconds: monotonicNanoseconds() + UInt64(max(0, milliseconds)) * 1_000_000, isAwaited: awaited)
  }

  /// What is left, in milliseconds, rounded up; 0 when the deadline has passed.
  public var millisecondsLeft: Int {
    let now = Deadline.monotonicNanoseconds()
    return now >= nanoseconds ? 0 : Int((nanoseconds - now + 999_999) / 1_000_000)
  }

  public var hasPassed: Bool { Deadline.monotonicNanoseconds() >= nanoseconds }

  /// The earlier of this deadline and the one `milliseconds` from now.
  public func orAfter(milliseconds: Int) -> Deadline {
    Deadline(
      nanoseconds: min(nanoseconds, Deadline.after(milliseconds: milliseconds).nanoseconds), isAwaited: isAwaited)
  }

  public static func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}
