internal import Core
internal import Glibc

/// Keeps to so many requests a time, one after the other, over all processes of the installation.
///
/// The interval counts from when the last request was really sent. That moment is left under the baton, so that a process
/// that was held up shortens nobody's wait.
final class Pace {
  /// What has become of a turn.
  struct Sent {
    /// When the request was sent, in milliseconds since the machine started; nil when nobody knows, so that it may have
    /// been at the last moment.
    var time: Int64?
    /// For how long nobody is to ask, in milliseconds.
    var pause: Int64 = 0
  }

  private let baton: any Baton
  private let interval: Int64
  private let name: String
  private let people: People?
  private let now: () -> Int64
  private let sleep: (Int) -> Void
  /// Somebody else who waits has come before us by then.
  private var yieldsUntil: Int64 = 0

  /// How long whoever waits for the baton waits between two looks, in milliseconds.
  private static let (shortestLook, longestLook) = (5, 40)
  private static let yieldMilliseconds: Int64 = 60
  private static let beatMilliseconds = 400
  /// How often whoever works for nobody looks whether somebody waits, in milliseconds.
  private static let courtesyMilliseconds = 100
  /// A request that is given less than this is not worth its place.
  static let leastMilliseconds: Int64 = 300

  /// - Parameters:
  ///   - interval: the least time between two requests, in milliseconds.
  ///   - people: those who go before what nobody waits for; nil where nobody knows of any.
  ///   - now: milliseconds since the machine started.
  init(
    _ baton: any Baton, interval: Int, name: String, people: People? = nil,
    now: @escaping () -> Int64 = { BootTime.milliseconds },
    sleep: @escaping (Int) -> Void = { usleep(UInt32($0) * 1_000) }
  ) {
    self.baton = baton
    self.interval = Int64(interval)
    self.name = name
    self.people = people
    self.now = now
    self.sleep = sleep
  }

  /// Waits for our turn, and sends.
  ///
  /// - Parameter send: sends one request, and returns by the deadline that it is given. It may come to nothing before,
  ///   when the baton has been lost.
  func turn(by deadline: Deadline, _ send: (Deadline) -> Sent) throws(SourceError) {
    guard deadline.mayWait() else {
      throw SourceError(.crowded, "\(name): as many wait for it already as may")
    }
    while true {
      try giveWay(by: deadline)
      try take(by: deadline)
      defer {
        baton.giveBack()
        yieldsUntil = now() + min(Pace.yieldMilliseconds, interval / 4)
      }
      guard try waitForTurn(by: deadline), baton.keep() else { continue }
      baton.write(.sending)
      let pulse = Pulse(every: Pace.beatMilliseconds) { [baton] in baton.keep() && deadline.beat() }
      let sent = send(deadline.with(pulse))
      let next = max((sent.time ?? now()) + interval, now() + sent.pause)
      baton.write(.next(next))
      return
    }
  }

  /// Lets people go first, and tells others that somebody waits.
  private func giveWay(by deadline: Deadline) throws(SourceError) {
    if deadline.isAwaited { people?.noteOne() }
    while mustGiveWay(deadline) {
      guard deadline.beat(), !deadline.hasPassed else { throw late() }
      sleep(Pace.courtesyMilliseconds)
    }
  }

  private func mustGiveWay(_ deadline: Deadline) -> Bool { !deadline.isAwaited && people?.areWaiting ?? false }

  /// Has nobody ask for some time.
  private func take(by deadline: Deadline) throws(SourceError) {
    var pause = Pace.shortestLook
    while now() < yieldsUntil {
      sleep(Int(min(yieldsUntil - now(), Int64(Pace.longestLook))))
      guard deadline.beat(), !deadline.hasPassed else { throw late() }
    }
    while true {
      switch baton.take() {
      case .held: return
      case .unavailable:
        throw SourceError(.unavailable, "\(name): nobody can tell when it may be asked: the shared cache is away")
      case .busy:
        guard deadline.beat(), !deadline.hasPassed else { throw late() }
        try giveWay(by: deadline)
        sleep(pause)
        pause = min(pause * 3 / 2 + 1, Pace.longestLook)
      }
    }
  }

  /// - Returns: false when the baton has become somebody else's.
  private func waitForTurn(by deadline: Deadline) throws(SourceError) -> Bool {
    // What is not known may have been just now.
    let turn: Int64 =
      switch baton.read() {
      case .next(let time): min(time, now() + Pace.longestPause)
      case .sending, .unknown: now() + interval
      }
    while true {
      let wait = turn - now()
      guard deadline.beat(), wait + Pace.leastMilliseconds < Int64(deadline.millisecondsLeft) else {
        throw wait > interval + 1_000
          ? SourceError(.unavailable, "\(name): has asked to be left alone") : late()
      }
      if deadline.isAwaited { people?.noteOne() }
      guard !mustGiveWay(deadline) else { return false }
      if wait <= 0 { return true }
      sleep(Int(min(wait, Int64(deadline.isAwaited ? Pace.beatMilliseconds : Pace.courtesyMilliseconds))))
      guard baton.keep() else { return false }
    }
  }

  private func late() -> SourceError { SourceError(.timedOut, "\(name): it was not our turn in time") }

  /// The longest time that somebody may ask to be left alone for, in milliseconds.
  static let longestPause: Int64 = 3_600_000
}
