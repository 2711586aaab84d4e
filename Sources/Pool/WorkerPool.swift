internal import CLinux
internal import Core
@preconcurrency internal import Glibc
public import Logging
public import Observe

/// The master of the pool: keeps a number of workers alive that share one listening socket, and serves nothing itself.
///
/// A worker that dies is replaced; one that dies young is replaced ever more slowly, so that a broken build does not
/// eat the machine. One that hangs is ended (`WorkerPool+Watching.swift`). SIGHUP starts new workers from the executable on disk and retires the old ones once the new have
/// proved to stay; SIGTERM retires all and ends. Why this and not spawn-fcgi with multiwatch:
/// `docs/decisions/0002-a-small-master.md`.
public final class WorkerPool {
  struct Worker {
    let pid: pid_t
    let started: UInt64
    var generation: Int
    /// Its part of the scoreboard; nil where there is none.
    let slot: Int?
    var isRetired = false
    /// Whether it has been retired because it had served enough.
    var isRecycled = false
    /// With how many requests answered it was last seen to take too long.
    var suspect: UInt64?
    /// Whether it hung, and was killed.
    var isEnded = false
  }

  private let socket: ListenSocket
  private let size: Int
  private let executable: String
  let scoreboard: Scoreboard?
  let recycling: Recycling
  private let reopenLog: () -> Void
  private let isOutdated: () -> Bool
  private let mayRenew: () -> Bool
  let logger: Logger
  var workers: [pid_t: Worker] = [:]
  /// When the workers are looked at again, in monotonic nanoseconds.
  var nextLook: UInt64 = 0
  var nextMemoryLook: UInt64 = 0
  private var generation = 0
  /// The generation that is retired once this one has lasted, and the moment it has.
  private var rollover: (from: Int, at: UInt64)?
  /// Whether SIGHUP has come during a roll-over: the executable may be another since that began.
  private var mustRollAgain = false
  private var pause = WorkerPool.shortestPause
  private var notBefore: UInt64 = 0

  private static let shortestPause: UInt64 = 100_000_000
  private static let longestPause: UInt64 = 5_000_000_000
  /// A worker that has lived for so long, in nanoseconds, has not died of its start.
  private static let infancy: UInt64 = 1_000_000_000
  /// How long retired workers may take for the request in hand, in milliseconds.
  private static let patience = 30_000

  /// - Parameters:
  ///   - size: how many workers to keep.
  ///   - executable: what SIGHUP starts anew: a path, so that a new build in its place is found.
  ///   - scoreboard: what the workers are given to show what they do; nil where there is no memory for one.
  ///   - recycling: when a worker has served enough.
  ///   - reopenLog: opens the master's own log anew.
  ///   - isOutdated: asked every second: whether what the workers have opened has been replaced since it was asked last.
  ///     Then new ones are started, as by SIGHUP.
  ///   - mayRenew: asked at SIGHUP: whether new workers could do what the old ones do. If not, these stay.
  public init(
    socket: ListenSocket, size: Int, executable: String, scoreboard: Scoreboard? = nil,
    recycling: Recycling = Recycling(), reopenLog: @escaping () -> Void = {},
    isOutdated: @escaping () -> Bool = { false }, mayRenew: @escaping () -> Bool = { true }, logger: Logger
  ) {
    self.socket = socket
    self.size = size
    self.executable = executable
    self.scoreboard = scoreboard
    self.recycling = recycling
    self.reopenLog = reopenLog
    self.isOutdated = isOutdated
    self.mayRenew = mayRenew
    self.logger = logger
  }

  private static let workerArguments = ["serve", "--worker-of"]

  /// The process id of the master whose worker this process is; nil where the command line is not a worker's.
  public static func master(in arguments: [String]) -> Int32? {
    guard arguments.count == workerArguments.count + 2, arguments.dropFirst().starts(with: workerArguments) else {
      return nil
    }
    return arguments.last.flatMap { Int32($0) }
  }

  /// Runs until told to stop and all workers have ended.
  /// - Parameter afterwards: called once when all workers have been started: what they need not wait for.
  public func run(until signals: StopSignal, afterwards: () -> Void = {}) {
    logger.info("pool started", metadata: ["workers": "\(size)"])
    fill()
    afterwards()
    while true {
      fill()
      finishRollover()
      watch()
      if isOutdated() { beginRollover() }
      var event = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&event, 1, needsAttention ? 50 : WorkerPool.watchMilliseconds)
      while let signal = signals.next() {
        switch signal {
        case SIGCHLD: bury()
        case SIGHUP: if mayRenew() { beginRollover() }
        case SIGUSR1:
          reopenLog()
          scoreboard?.renewLogs()
          logger.info("log opened anew")
        default:
          stop(signals)
          return
        }
      }
    }
  }

  var current: [Worker] { workers.values.filter { $0.generation == generation && !$0.isRetired } }

  private var needsAttention: Bool { current.count < size || rollover != nil }

  private func fill() {
    while current.count < size, Deadline.monotonicNanoseconds() >= notBefore {
      let slot = scoreboard?.takeSlot()
      guard let pid = spawn(slot) else {
        scoreboard?.release(slot, cpu: 0)
        delay()
        return
      }
      if let slot { scoreboard?.assign(slot, to: pid) }
      workers[pid] = Worker(
        pid: pid, started: Deadline.monotonicNanoseconds(), generation: generation, slot: slot)
    }
  }

  private func spawn(_ slot: Int?) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, socket.descriptor, ListenSocket.inherited)
    if let scoreboard, let slot {
      posix_spawn_file_actions_adddup2(&actions, scoreboard.descriptor, Scoreboard.workerDescriptor)
      setenv(Scoreboard.variable, String(slot), 1)
    } else {
      unsetenv(Scoreboard.variable)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The master blocks the signals that it waits for; its workers start with none blocked.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    let arguments = [executable] + WorkerPool.workerArguments + ["\(getpid())"]
    var pointers = arguments.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    var pid: pid_t = 0
    let status = posix_spawn(&pid, executable, &actions, &attributes, pointers, environ)
    guard status == 0 else {
      logger.critical("cannot start a worker", metadata: ["reason": "\(String(cString: strerror(status)))"])
      return nil
    }
    return pid
  }

  private func bury() {
    guard let scoreboard else { return buryAll() }
    scoreboard.moving { buryAll() }
  }

  private func buryAll() {
    var status: Int32 = 0
    var usage = rusage()
    while case let pid = wait4(-1, &status, WNOHANG, &usage), pid > 0 {
      let worker = workers.removeValue(forKey: pid)
      if let worker { note(worker, status) }
      scoreboard?.release(worker?.slot, cpu: WorkerPool.microseconds(usage.ru_utime, usage.ru_stime))
      guard let worker, !worker.isRetired, !worker.isEnded else { continue }
      if Deadline.monotonicNanoseconds() - worker.started < WorkerPool.infancy {
        if worker.generation == generation { abandonRollover() }
        delay()
      } else {
        pause = WorkerPool.shortestPause
      }
    }
  }

  private func delay() {
    notBefore = Deadline.monotonicNanoseconds() + pause
    pause = min(pause * 2, WorkerPool.longestPause)
  }

  // MARK: - Rolling over

  private func beginRollover() {
    guard rollover == nil else {
      mustRollAgain = true
      return
    }
    mustRollAgain = false
    logger.info("starting new workers")
    rollover = (from: generation, at: Deadline.monotonicNanoseconds() + WorkerPool.infancy)
    generation += 1
    pause = WorkerPool.shortestPause
    notBefore = 0
  }

  private func finishRollover() {
    guard let rollover, Deadline.monotonicNanoseconds() >= rollover.at, current.count == size else { return }
    retire { $0.generation <= rollover.from }
    self.rollover = nil
    logger.info("old workers retired")
    if mustRollAgain { beginRollover() }
  }

  /// The new build does not even start: the old workers stay.
  private func abandonRollover() {
    guard let rollover else { return }
    logger.critical("new workers die as they start, the old ones stay")
    let failed = generation
    retire { $0.generation == failed }
    for (pid, worker) in workers where worker.generation == rollover.from {
      workers[pid]?.generation = failed + 1
    }
    generation = failed + 1
    self.rollover = nil
    if mustRollAgain { beginRollover() }
  }

  func retire(_ condition: (Worker) -> Bool) {
    for (pid, worker) in workers where condition(worker) && !worker.isRetired {
      workers[pid]?.isRetired = true
      kill(pid, SIGTERM)
    }
  }

  private func stop(_ signals: StopSignal) {
    logger.info("pool stopping")
    retire { _ in true }
    let deadline = Deadline.after(milliseconds: WorkerPool.patience)
    while !workers.isEmpty {
      var event = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&event, 1, 50)
      while signals.next() != nil {}
      bury()
      guard !deadline.hasPassed else {
        for pid in workers.keys { kill(pid, SIGKILL) }
        logger.error("workers had to be killed", metadata: ["count": "\(workers.count)"])
        return
      }
    }
    logger.info("pool stopped")
  }
}
