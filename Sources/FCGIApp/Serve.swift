internal import ArgumentParser
internal import Cache
internal import Core
internal import Freshness
internal import Gateway
@preconcurrency internal import Glibc
internal import Handlers
internal import Logging
internal import Metadata
internal import Observe
internal import Pool
internal import Purge
internal import Settings

/// `linernotes serve`: a worker on an inherited listening socket, or a pool of them on a socket of its own.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve FastCGI.",
    discussion: """
      Without --socket, requests are taken from the listening socket that was inherited as standard input, as \
      spawn-fcgi, systemd and mod_fcgid hand it over: one process, one request at a time. With --socket, a master \
      listens there and keeps a pool of such processes alive: SIGHUP starts new ones from the executable on disk and \
      retires the old ones, SIGTERM finishes the requests in hand and ends.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("The unix socket to listen on.", valueName: "path"))
  var socket: String?

  @Option(help: ArgumentHelp("How many processes; replaces WORKERS.", valueName: "number"))
  var workers: Int?

  @Option(help: ArgumentHelp("A dataset file to answer from; replaces DATASET.", valueName: "file"))
  var dataset: String?

  @Option(name: .customLong("socket-mode"), help: ArgumentHelp("Permissions of the socket.", valueName: "octal"))
  var socketMode: String = "660"

  func validate() throws {
    if let workers, !(1...1024).contains(workers) {
      throw ValidationError("--workers \(workers): allowed are 1 to 1024")
    }
    guard UInt32(socketMode, radix: 8).map({ $0 <= 0o777 }) ?? false else {
      throw ValidationError("--socket-mode \(socketMode): allowed are octal permissions such as 660")
    }
  }

  func run() throws {
    // Workers inherit it. A link stays one: where it leads to another file, those that a reload starts open that.
    if let dataset { setenv("DATASET", try Serve.absolute(dataset), 1) }
    let settings = try Application.loadSettings(common)
    // Whoever starts this hears at once what is wrong with the file. A worker goes on without one that was damaged since.
    try Application.openDataset(settings)
    let logger = Application.logger(settings, "linernotes")
    if let socket {
      for notice in settings.notices { logger.notice("\(notice)") }
      try runPool(socket, settings, logger)
    } else {
      try Serve.runWorker(of: nil, settings, logger)
    }
  }

  /// A worker of a pool. Somebody may be waiting for its first answer, and ArgumentParser would take a quarter of the time
  /// until then to read its command line.
  static func runWorker(of master: Int32) -> Never {
    do {
      let settings = try Application.loadSettings()
      try runWorker(of: master, settings, Application.logger(settings, "linernotes"))
      Glibc.exit(EXIT_SUCCESS)
    } catch {
      fputs("linernotes: \(error)\n", stderr)
      Glibc.exit(EXIT_FAILURE)
    }
  }

  private static func absolute(_ path: String) throws -> String {
    if path.hasPrefix("/") { return path }
    guard let directory = getcwd(nil, 0) else {
      throw CommandFailure("cannot tell the working directory: \(String(cString: strerror(errno)))")
    }
    defer { free(directory) }
    return "\(String(cString: directory))/\(path)"
  }

  private func runPool(_ path: String, _ settings: Settings, _ logger: Logger) throws {
    let signals = StopSignal(and: [SIGHUP, SIGCHLD])
    guard let executable = realpath("/proc/self/exe", nil) else {
      throw CommandFailure("cannot tell the path of this executable")
    }
    defer { free(executable) }
    if let file = common.configurationFile { setenv("CONFIG_FILE", file, 1) }
    // How many work for nobody at a time depends on how many there are.
    let size = workers ?? settings.workers
    setenv("WORKERS", String(size), 1)
    // Until the old workers of a reload have finished there are twice as many, and another reload may begin meanwhile.
    let scoreboard = Scoreboard(slots: 3 * size + 8, socket: path, program: Version.current)
    if scoreboard == nil { logger.error("there is no memory for a scoreboard: nobody can tell what the workers do") }
    let log = Application.log(settings)
    let dataset = DatasetWatch(settings, logger)
    do throws(ListenError) {
      let pool = WorkerPool(
        socket: try ListenSocket(path: path, mode: UInt32(socketMode, radix: 8) ?? 0o660),
        size: size, executable: String(cString: executable), scoreboard: scoreboard,
        recycling: .init(
          requests: UInt64(settings.workerMaximumRequests), memory: UInt64(settings.workerMaximumMegabytes) << 20),
        reopenLog: log.reopen, isOutdated: { dataset?.hasAnother() ?? false },
        mayRenew: { dataset?.isUsable ?? true }, logger: logger)
      pool.run(until: signals) {
        // To look for them means to open them, which takes longer than to start a worker.
        for notice in Application.libraryNotices(settings) { logger.warning("\(notice)") }
      }
    } catch {
      throw CommandFailure(error.description)
    }
  }

  /// - Parameter master: nil where somebody else has started it.
  private static func runWorker(of master: Int32?, _ settings: Settings, _ logger: Logger) throws {
    // First, because it gives up a descriptor.
    let observation = Application.observation(settings, hasMaster: master != nil)
    let stop = StopSignal(hasMaster: master != nil)
    guard ListenSocket.isInherited else {
      throw CommandFailure(
        "standard input is not a listening socket: give --socket, or start this from spawn-fcgi, systemd or mod_fcgid")
    }
    if let master {
      StopSignal.followParent()
      // It may have died before the kernel was told.
      guard getppid() == master else { return }
    }
    let application = try Application(settings, observation: observation, isStopping: { stop.isPending })
    let spareTime = SpareTime(
      application.store, observation, application.reporter(settings, observation.board), sizes: application.sizes)
    let purging = application.purger.map { purger in
      FastCGIServer.SpareWork(every: Serve.lookMilliseconds, isThere: { purger.hasWork }) { isSomebodyWaiting in
        _ = purger.work(
          until: .after(milliseconds: Serve.longestWork, awaited: false),
          whileNobodyWaits: { Serve.isReally(isSomebodyWaiting) })
      }
    }
    let server = FastCGIServer(
      listener: ListenSocket.inherited, router: application.api.router,
      hasWork: { spareTime.hasWork }, hasBacklog: { spareTime.hasBacklog },
      work: { spareTime.use(whileNobodyWaits: $0) },
      spareWork: .all([purging, Serve.spareWork(application)].compactMap(\.self)), observation: observation,
      logger: logger)
    server.run(untilReadable: stop.descriptor)
    // What the last answers have left to be saved would go with this process.
    application.store.catchUp { true }
    spareTime.end()
  }

  /// What an idle worker does: it goes on with an invalidation that takes longer than a client waits, and builds what is in
  /// the queue.
  private static func spareWork(_ application: Application) -> FastCGIServer.SpareWork? {
    guard application.builder != nil || application.invalidator != nil else { return nil }
    return FastCGIServer.SpareWork(
      every: lookMilliseconds,
      isThere: { application.invalidator?.isToBeContinued ?? false || application.builder?.hasWork ?? false }
    ) { isSomebodyWaiting in
      withoutActuallyEscaping(isSomebodyWaiting) { isSomebodyWaiting in
        let deadline = Deadline.after(milliseconds: longestWork, awaited: false)
        if let invalidator = application.invalidator, invalidator.isToBeContinued {
          let pulse = Pulse(every: 50) { !isReally(isSomebodyWaiting) }
          invalidator.goOn(until: deadline.with(pulse))
          application.store.catchUp(whileNobodyWaits: { isReally(isSomebodyWaiting) })
        }
        _ = application.builder?.work(until: deadline, whileNobodyWaits: { isReally(isSomebodyWaiting) })
      }
    }
  }

  /// How often an idle worker looks at the queue of builds, in milliseconds.
  private static let lookMilliseconds = 2_000
  /// After so long somebody else may go on, in milliseconds.
  private static let longestWork = 600_000

  /// Whether somebody waits whom none of the other workers has taken a moment later.
  private static func isReally(_ isSomebodyWaiting: () -> Bool) -> Bool {
    guard isSomebodyWaiting() else { return false }
    usleep(10_000)
    return isSomebodyWaiting()
  }
}
