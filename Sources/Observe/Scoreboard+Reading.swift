public import Core

/// A worker as the scoreboard shows it.
public struct WorkerState: Sendable {
  public var pid: Int32
  public var started: UnixTime
  public var position: Position
  /// For how long it has been in this stage, and for how long it has worked for the same, in milliseconds.
  public var stageMilliseconds: Int
  public var workMilliseconds: Int
  public var requests: UInt64
  public var errors: UInt64
  public var lastError: String?
  public var lastErrorTime: UnixTime?
}

extension Scoreboard {
  /// The workers that there are, the oldest first.
  public func workers(now: UInt64 = Deadline.monotonicNanoseconds()) -> [WorkerState] {
    (1...slots).compactMap { number -> WorkerState? in
      let words = slot(number)
      let pid = Int32(truncatingIfNeeded: words[Layout.Slot.pid])
      guard pid > 0 else { return nil }
      func milliseconds(_ index: Int) -> Int {
        let since = words[index]
        return since == 0 || since > now ? 0 : Int(clamping: (now - since) / 1_000_000)
      }
      let errorTime = words[Layout.Slot.errorTime]
      return WorkerState(
        pid: pid, started: UnixTime(seconds: Int64(clamping: words[Layout.Slot.started])),
        position: Position(packed: words[Layout.Slot.position]), stageMilliseconds: milliseconds(Layout.Slot.since),
        workMilliseconds: milliseconds(Layout.Slot.began), requests: words[Layout.Slot.requests],
        errors: words[Layout.Slot.errors], lastError: errorTime == 0 ? nil : errorText(of: number).text,
        lastErrorTime: errorTime == 0 ? nil : UnixTime(seconds: Int64(clamping: errorTime)))
    }.sorted { ($0.started, $0.pid) < ($1.started, $1.pid) }
  }

  func errorText(of number: Int) -> SharedText {
    SharedText(words: slot(number).part(from: Layout.Slot.error.start, count: Layout.Slot.error.count))
  }

  /// How many workers died of a signal, ended by themselves, hung, and were replaced because they had served enough.
  public var losses: (crashed: UInt64, ended: UInt64, hung: UInt64, recycled: UInt64) {
    (header[Header.crashed], header[Header.ended], header[Header.hung], header[Header.recycled])
  }

  /// The last deaths, the latest first.
  public var deaths: [Death] {
    let count = header[Header.deaths]
    return (0..<min(count, UInt64(Layout.mostDeaths))).map { death(count - 1 - $0) }
  }

  func death(_ number: UInt64) -> Death {
    let words = deathWords(number)
    var death = Death(
      time: UnixTime(seconds: Int64(clamping: words[Layout.Death.time])),
      pid: Int32(truncatingIfNeeded: words[Layout.Death.pid]))
    death.signal = Int32(truncatingIfNeeded: words[Layout.Death.signal])
    death.position = Position(packed: words[Layout.Death.position])
    death.requests = words[Layout.Death.requests]
    death.seconds = Int64(clamping: words[Layout.Death.seconds])
    return death
  }

  /// Reads sums together: `read` is called again when a dead worker's were moved meanwhile.
  func consistently<Sums>(_ read: () -> Sums) -> Sums {
    // Moving takes microseconds. A master that was killed in the midst of it takes its workers with it.
    for _ in 0..<1_000 {
      let before = header[Header.epoch]
      guard before & 1 == 0 else { continue }
      let sums = read()
      if header[Header.epoch] == before { return sums }
    }
    return read()
  }

  /// A metric's words, summed over all workers, the dead included.
  func sums() -> [UInt64] {
    consistently {
      var sums = [UInt64](repeating: 0, count: MetricCatalog.words)
      for number in 0...slots where number == 0 || slot(number)[Layout.Slot.started] != 0 {
        let own = metrics(number)
        for index in sums.indices { sums[index] &+= own[index] }
      }
      return sums
    }
  }
}
