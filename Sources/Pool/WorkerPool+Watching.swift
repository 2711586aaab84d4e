internal import Core
@preconcurrency internal import Glibc
internal import Logging
internal import Observe

/// Looks after the workers: ends what hangs, and replaces what has served enough.
extension WorkerPool {
  /// When a worker has served enough.
  public struct Recycling: Sendable {
    /// 0: never.
    public var requests: UInt64
    /// Of its own, in bytes; 0: never.
    public var memory: UInt64

    public init(requests: UInt64 = 0, memory: UInt64 = 0) {
      self.requests = requests
      self.memory = memory
    }
  }

  static let watchMilliseconds: Int32 = 1_000
  /// In nanoseconds: a little less than the master waits for signals.
  private static let watchInterval: UInt64 = 900_000_000
  private static let memoryInterval: UInt64 = 5_000_000_000

  func watch() {
    guard let scoreboard else { return }
    let now = Deadline.monotonicNanoseconds()
    guard now >= nextLook else { return }
    nextLook = now + WorkerPool.watchInterval
    for (pid, worker) in workers {
      guard let slot = worker.slot, !worker.isEnded else { continue }
      guard let overdue = scoreboard.overdue(slot, now: now) else {
        workers[pid]?.suspect = nil
        continue
      }
      // All processes may have been stopped for a while, as with the machine: whoever hangs still does so a second later.
      let requests = scoreboard.requests(slot)
      guard worker.suspect == requests else {
        workers[pid]?.suspect = requests
        continue
      }
      logger.error(
        "a worker hangs and is ended",
        metadata: [
          "pid": "\(pid)", "stage": "\(overdue.position.stageText)", "seconds": "\(overdue.seconds)",
          "at": "\(overdue.position.requestText ?? "no request")",
        ])
      scoreboard.note(.hung(seconds: Int64(clamping: overdue.seconds)), of: slot, pid: pid)
      workers[pid]?.isEnded = true
      kill(pid, SIGKILL)
    }
    recycle(now)
  }

  /// Retires one worker that has served enough, if none is on its way out already. Another takes its place at once.
  private func recycle(_ now: UInt64) {
    guard recycling.requests > 0 || recycling.memory > 0, !workers.values.contains(where: \.isRecycled) else { return }
    let mayLook = recycling.memory > 0 && now >= nextMemoryLook
    if mayLook { nextMemoryLook = now + WorkerPool.memoryInterval }
    for worker in current.sorted(by: { $0.started < $1.started }) {
      guard let slot = worker.slot, let scoreboard else { continue }
      let requests = scoreboard.requests(slot)
      var reason: Logger.Metadata = [:]
      if recycling.requests > 0, requests >= recycling.requests { reason["requests"] = "\(requests)" }
      if mayLook, let memory = ProcessFigures.quickPrivateMemory(worker.pid), memory > recycling.memory {
        reason["megabytes"] = "\(memory >> 20)"
        // The next one need not wait for its turn to be looked at.
        nextMemoryLook = now
      }
      guard !reason.isEmpty else { continue }
      reason["pid"] = "\(worker.pid)"
      logger.info("a worker has served enough and is replaced", metadata: reason)
      scoreboard.note(.recycled, of: slot, pid: worker.pid)
      workers[worker.pid]?.isRecycled = true
      retire { $0.pid == worker.pid }
      return
    }
  }

  /// Counts and logs the end of a worker, unless it was meant to end.
  func note(_ worker: Worker, _ status: Int32) {
    let signal = status & 0x7f
    if worker.isEnded || worker.isRetired && (signal == 0 || signal == SIGKILL) { return }
    scoreboard?.note(signal == 0 ? .ended : .crashed(signal: signal), of: worker.slot, pid: worker.pid)
    var metadata: Logger.Metadata = [
      "pid": "\(worker.pid)", "cause": "\(signal == 0 ? "status \(status >> 8 & 0xff)" : "signal \(signal)")",
    ]
    if let slot = worker.slot, let position = scoreboard?.position(slot), position.stage != .idle {
      metadata["stage"] = "\(position.stageText)"
      metadata["at"] = position.requestText.map { "\($0)" }
    }
    logger.error("worker died", metadata: metadata)
  }

  static func microseconds(_ times: timeval...) -> UInt64 {
    times.reduce(0) { $0 + UInt64(max(0, $1.tv_sec)) * 1_000_000 + UInt64(max(0, $1.tv_usec)) }
  }
}
