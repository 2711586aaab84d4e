internal import Glibc

/// A moment in wall-clock time, in whole seconds since 1970. Expiry times are such moments.
public struct UnixTime: Hashable, Comparable, Sendable {
  public var seconds: Int64

  public init(seconds: Int64) { self.seconds = seconds }

  public static var now: UnixTime { UnixTime(seconds: Int64(time(nil))) }

  /// Seconds since the machine started, for expiry times that never leave the process.
  public static var monotonic: UnixTime {
    UnixTime(seconds: Int64(Deadline.monotonicNanoseconds() / 1_000_000_000))
  }

  /// Wall-clock time in milliseconds, for windows of less than a few seconds.
  public static var nowMilliseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
  }

  public static func < (left: UnixTime, right: UnixTime) -> Bool { left.seconds < right.seconds }

  // Times may come from outside, so sums and differences saturate.
  public static func + (time: UnixTime, seconds: Int64) -> UnixTime {
    let (sum, overflow) = time.seconds.addingReportingOverflow(seconds)
    return UnixTime(seconds: overflow ? (seconds < 0 ? .min : .max) : sum)
  }

  public static func - (left: UnixTime, right: UnixTime) -> Int64 {
    let (difference, overflow) = left.seconds.subtractingReportingOverflow(right.seconds)
    return overflow ? (left < right ? .min : .max) : difference
  }
}

/// A point in monotonic time by which something must have happened. Nobody waits for longer than what is left of it.
public struct Deadline {
  private let nanoseconds: UInt64
  /// Whether a client waits for the work. Work that nobody waits for may give each of its parts more time.
  public let isAwaited: Bool
  /// When the work began, in monotonic nanoseconds. Deadlines that were made from each other share it, so it tells
  /// whether two steps belong to the same answer.
  public let began: UInt64
  private var pulse: Pulse?
  private var waiting: (any Waiting)?

  private init(
    began: UInt64, nanoseconds: UInt64, isAwaited: Bool, pulse: Pulse? = nil, waiting: (any Waiting)? = nil
  ) {
    self.began = began
    self.nanoseconds = nanoseconds
    self.isAwaited = isAwaited
    self.pulse = pulse
    self.waiting = waiting
  }

  /// A deadline `milliseconds` from now.
  public static func after(milliseconds: Int, awaited: Bool = true) -> Deadline {
    let now = monotonicNanoseconds()
    return Deadline(began: now, nanoseconds: now + UInt64(max(0, milliseconds)) * 1_000_000, isAwaited: awaited)
  }

  /// The same deadline, for work that `pulse` may stop earlier.
  public func with(_ pulse: Pulse) -> Deadline {
    var deadline = self
    deadline.pulse = pulse
    return deadline
  }

  /// The same deadline, for a client that may have to ask whether it may wait.
  public func with(_ waiting: any Waiting) -> Deadline {
    var deadline = self
    deadline.waiting = waiting
    return deadline
  }

  /// To be asked before what takes long begins: many may wait for an answer, but only some of them so long.
  public func mayWait() -> Bool { waiting?.mayWait() ?? true }

  /// Must be called at least twice a second while something waits for this deadline.
  ///
  /// - Returns: false when the wait has to end at once. From then on the deadline has passed.
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
      isAwaited: isAwaited, pulse: pulse, waiting: waiting)
  }

  public static func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}

/// Work to do now and then during a wait, such as renewing a lease or looking whether a client has come. It also tells
/// whether to go on waiting.
public final class Pulse {
  private let interval: UInt64
  private let now: () -> UInt64
  private let work: () -> Bool
  private var next: UInt64
  /// Whether the work has said to stop waiting.
  public private(set) var hasStopped = false

  /// - Parameters:
  ///   - milliseconds: the least time between two calls of `beat`, and before the first.
  ///   - beat: returns false to end the wait, and is not called again then.
  public convenience init(every milliseconds: Int, _ beat: @escaping () -> Bool) {
    self.init(every: milliseconds, now: Deadline.monotonicNanoseconds, beat)
  }

  init(every milliseconds: Int, now: @escaping () -> UInt64, _ beat: @escaping () -> Bool) {
    interval = UInt64(max(0, milliseconds)) * 1_000_000
    self.now = now
    work = beat
    next = now() + interval
  }

  /// Does the work if it is due.
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
