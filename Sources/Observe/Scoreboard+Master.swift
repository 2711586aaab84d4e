public import Core
internal import Glibc

/// What only the master does.
extension Scoreboard {
  /// A part for a new worker; nil when all are taken.
  public func takeSlot() -> Int? {
    guard let number = (1...slots).first(where: { slot($0)[Layout.Slot.started] == 0 }) else { return nil }
    slot(number).clear()
    slot(number)[Layout.Slot.started] = UInt64(clamping: max(1, UnixTime.now.seconds))
    return number
  }

  public func assign(_ number: Int, to pid: Int32) { slot(number)[Layout.Slot.pid] = UInt64(UInt32(bitPattern: pid)) }

  /// Moves what a dead worker has counted to the sums of the dead, and makes room for another.
  ///
  /// - Parameter microseconds: its processor time.
  public func release(_ number: Int?, cpu microseconds: UInt64) {
    header[Header.deadCPU] = header[Header.deadCPU] &+ microseconds
    guard let number, (1...slots).contains(number) else { return }
    let (own, sums) = (metrics(number), metrics(0))
    for index in 0..<MetricCatalog.words where MetricCatalog.isSummed(index) { sums.add(own[index], to: index) }
    slot(number).clear()
  }

  /// Runs `work`, during which sums move: whoever reads them meanwhile reads them again.
  public func moving(_ work: () -> Void) {
    header[Header.epoch] = header[Header.epoch] &+ 1
    work()
    header[Header.epoch] = header[Header.epoch] &+ 1
  }

  public enum Loss {
    case crashed(signal: Int32)
    /// With a status, or for want of memory that the kernel gave to others.
    case ended
    case hung(seconds: Int64)
    case recycled
  }

  /// Counts the end of a worker, and keeps where it was.
  public func note(_ loss: Loss, of number: Int?, pid: Int32) {
    var death = Death(time: .now, pid: pid)
    if let number {
      death.position = Position(packed: slot(number)[Layout.Slot.position])
      death.requests = slot(number)[Layout.Slot.requests]
    }
    switch loss {
    case .ended:
      header[Header.ended] = header[Header.ended] &+ 1
      return
    case .recycled:
      header[Header.recycled] = header[Header.recycled] &+ 1
      return
    case .crashed(let signal):
      header[Header.crashed] = header[Header.crashed] &+ 1
      death.signal = signal
    case .hung(let seconds):
      header[Header.hung] = header[Header.hung] &+ 1
      death.seconds = seconds
    }
    let count = header[Header.deaths]
    let words = deathWords(count)
    words[Layout.Death.time] = UInt64(clamping: death.time.seconds)
    words[Layout.Death.pid] = UInt64(UInt32(bitPattern: pid))
    words[Layout.Death.signal] = UInt64(UInt32(bitPattern: death.signal))
    words[Layout.Death.position] = death.position.packed
    words[Layout.Death.requests] = death.requests
    words[Layout.Death.seconds] = UInt64(clamping: death.seconds)
    header[Header.deaths] = count &+ 1
  }

  /// Whether a worker has taken too long, by its own limits, and for how long.
  ///
  /// - Parameter now: monotonic nanoseconds.
  public func overdue(_ number: Int, now: UInt64) -> (position: Position, seconds: UInt64)? {
    let words = slot(number)
    let position = Position(packed: words[Layout.Slot.position])
    let (since, limit) =
      switch position.occupation {
      case .none: (UInt64(0), UInt64(0))
      case .request: (words[Layout.Slot.began], words[Layout.Slot.longestRequest])
      case .refreshing, .building:
        (max(words[Layout.Slot.since], words[Layout.Slot.beat]), words[Layout.Slot.longestSilence])
      }
    guard limit > 0, since > 0, now > since, now - since > limit else { return nil }
    return (position, (now - since) / 1_000_000_000)
  }

  public func position(_ number: Int) -> Position { Position(packed: slot(number)[Layout.Slot.position]) }

  /// How many requests a worker has answered.
  public func requests(_ number: Int) -> UInt64 { slot(number)[Layout.Slot.requests] }

  func deathWords(_ count: UInt64) -> Words {
    header.part(
      from: Header.deathRing.start + Int(count % UInt64(Layout.mostDeaths)) * Layout.Death.words,
      count: Layout.Death.words)
  }
}

/// The end of a worker that was not meant to end.
public struct Death: Equatable, Sendable {
  public var time: UnixTime
  public var pid: Int32
  /// 0: it hung, and was ended by its master.
  public var signal: Int32 = 0
  public var position = Position()
  /// How many requests it had answered.
  public var requests: UInt64 = 0
  /// For how long it had hung.
  public var seconds: Int64 = 0

  init(time: UnixTime, pid: Int32) {
    self.time = time
    self.pid = pid
  }

  /// `SIGSEGV`, or `hang`.
  public var cause: String { signal == 0 ? "hang" : SignalName.of(signal) }
}

/// What signals are called.
public enum SignalName {
  public static func of(_ number: Int32) -> String {
    switch number {
    case SIGABRT: "SIGABRT"
    case SIGBUS: "SIGBUS"
    case SIGFPE: "SIGFPE"
    case SIGHUP: "SIGHUP"
    case SIGILL: "SIGILL"
    case SIGINT: "SIGINT"
    case SIGKILL: "SIGKILL"
    case SIGPIPE: "SIGPIPE"
    case SIGQUIT: "SIGQUIT"
    case SIGSEGV: "SIGSEGV"
    case SIGSYS: "SIGSYS"
    case SIGTERM: "SIGTERM"
    case SIGTRAP: "SIGTRAP"
    case SIGXCPU: "SIGXCPU"
    case SIGXFSZ: "SIGXFSZ"
    default: "signal \(number)"
    }
  }
}
