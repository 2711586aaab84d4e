internal import Glibc

/// A moment in wall-clock time, in whole seconds since 1970. What expiry times are made of, as memcached's are.
public struct UnixTime: Hashable, Comparable, Sendable {
  public var seconds: Int64

  public init(seconds: Int64) { self.seconds = seconds }

  public static var now: UnixTime { UnixTime(seconds: Int64(time(nil))) }

  /// Seconds since the machine started, for what only has to end after a while.
  public static var monotonic: UnixTime {
    UnixTime(seconds: Int64(Deadline.monotonicNanoseconds() / 1_000_000_000))
  }

  /// Wall-clock time in milliseconds, for what is counted in windows shorter than a few seconds.
  public static var nowMilliseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
  }

  public static func < (left: UnixTime, right: UnixTime) -> Bool { left.seconds < right.seconds }

  // Times may come from outside: a sum beyond the last second that there is, is the last second.
  public static func + (time: UnixTime, seconds: Int64) -> UnixTime {
    let (sum, overflow) = time.seconds.addingReportingOverflow(seconds)
    return UnixTime(seconds: overflow ? (seconds < 0 ? .min : .max) : sum)
  }

  public static func - (left: UnixTime, right: UnixTime) -> Int64 {
    let (difference, overflow) = left.seconds.subtractingReportingOverflow(right.seconds)
    return overflow ? (left < right ? .min : .max) : difference
  }
}

/// A point in monotonic time by which something must have happened; waits are cut to what is left of it.
public struct Deadline {
  private let nanoseconds: UInt64
  /// Whether a client waits for what is to be done by then. What nobody waits for may take longer over its parts.
  public let isAwaited: Bool
  /// When the work began that must be done by then, in monotonic nanoseconds. Deadlines that were made from each other
  /// share it, so it tells whether two steps belong to the same answer.
  public let began: UInt64
  private var pulse: Pulse?

  private init(began: UInt64, nanoseconds: UInt64, isAwaited: Bool, pulse: Pulse? = nil) {
    self.began = began
    self.nanoseconds = nanoseconds
    self.isAwaited = isAwaited
    self.pulse = pulse
  }

  /// The deadline that lies `milliseconds` from now.
  public static func after(milliseconds: Int, awaited: Bool = true) -> Deadline {
    let now = monotonicNanoseconds()
    return Deadline(began: now, nanoseconds: now + UInt64(max(0, milliseconds)) * 1_000_000, isAwaited: awaited)
  }

  /// This deadline for work that `pulse` may stop before it.
  public func with(_ pulse: Pulse) -> Deadline {
    var deadline = self
    deadline.pulse = pulse
    return deadline
  }

  /// Whoever waits by this deadline calls this every now and then, at least twice a second.
  ///
  /// - Returns: false when it has to stop at once. From then on the deadline has passed.
  public func beat() -> Bool { pulse?.beat() ?? true }

  /// What is left, in milliseconds, rounded up; 0 when the deadline has passed.
  public var millisecondsLeft: Int {
    if let pulse, pulse.hasStopped { return 0 }
    let now = Deadline.monotonicNanoseconds()
    return now >= nanoseconds ? 0 : Int((nanoseconds - now + 999_999) / 1_000_000)
  }

  public var hasPassed: Bool {
    if let pulse, pulse.hasStopped { return true }
    return Deadline.monotonicNanoseconds() >= nanoseconds
  }

  /// The earlier of this deadline and the one `milliseconds` from now.
  public func orAfter(milliseconds: Int) -> Deadline {
    Deadline(
      began: began, nanoseconds: min(nanoseconds, Deadline.after(milliseconds: milliseconds).nanoseconds),
      isAwaited: isAwaited, pulse: pulse)
  }

  public static func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}

/// What is done every now and then while somebody waits, such as to renew a lease or to look whether the client is
/// still there. It also tells whether waiting still makes sense.
public final class Pulse {
  private let interval: UInt64
  private let now: () -> UInt64
  private let work: () -> Bool
  private var next: UInt64
  /// Whether the work said that waiting makes no sense any more.
  public private(set) var hasStopped = false

  /// - Parameters:
  ///   - milliseconds: how much time there is at least between two calls of `beat`, and before the first.
  ///   - beat: returns false to stop whoever waits; it is not called again then.
  public convenience init(every milliseconds: Int, _ beat: @escaping () -> Bool) {
    self.init(every: milliseconds, now: Deadline.monotonicNanoseconds, beat)
  }

  init(every milliseconds: Int, now: @escaping () -> UInt64, _ beat: @escaping () -> Bool) {
    interval = UInt64(max(0, milliseconds)) * 1_000_000
    self.now = now
    work = beat
    next = now() + interval
  }

  /// Does the work if it is time for it.
  ///
  /// - Returns: false once the work has said so.
  func beat() -> Bool {
    guard !hasStopped else { return false }
    let now = now()
    guard now >= next else { return true }
    next = now + interval
    hasStopped = !work()
    return !hasStopped
  }
}
