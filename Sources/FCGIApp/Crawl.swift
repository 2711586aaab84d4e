internal import ArgumentParser
internal import Cache
internal import Core
internal import Freshness
internal import Metadata
internal import Pool
internal import SQLiteStore
internal import Settings

/// `linernotes crawl`: keeps the store warm.
struct Crawl: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep the store warm: make documents anew before anybody notices that they are due.",
    discussion: """
      Documents that go stale within the next hour are made anew, and what providers say two hours before. So is what was \
      made under other settings, and what `linernotes initialize` has added. Any number may run at once. While somebody \
      waits for an answer, this works little.

      With MusicBrainz' web service as the source, what was asked for lately goes through the queue of builds, within the \
      limit and behind people. --queue works only that queue: artists and albums that somebody has asked for wait in \
      it. Idle workers of a pool build them; where there is no pool this does, until nothing is left that can be built \
      now. Only one process builds at a time; if there is one already, --queue ends at once.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup(visibility: .hidden) var initialization: InitializationFlags

  @Flag(help: "Work the queue of builds only.")
  var queue = false

  @Flag(help: "End when nothing is due any more.")
  var once = false

  @Option(
    help: ArgumentHelp("Have what changed take effect every so many seconds; CRAWLER_INTERVAL.", valueName: "number"))
  var interval: Int?

  @Option(help: ArgumentHelp("Keep only these kinds of documents warm.", valueName: "kind,…"))
  var kinds: String?

  @Option(help: ArgumentHelp("Stop after so long.", valueName: "number"))
  var seconds: Int?

  func validate() throws {
    if let seconds, !(1...86_400).contains(seconds) {
      throw ValidationError("--seconds \(seconds): allowed are 1 to 86400")
    }
    if let interval, !(1...31_536_000).contains(interval) {
      throw ValidationError("--interval \(interval): allowed are 1 to 31536000")
    }
    guard !queue || (kinds == nil && !once && interval == nil) else {
      throw ValidationError(
        "--queue goes with none of --kinds, --once and --interval: it is one kind, and ends by itself")
    }
  }

  func run() throws {
    let settings = try Application.loadSettings(common)
    let stop = StopSignal()
    if !initialization.parts.isEmpty { return try Initialize.fill(initialization.parts, settings, stop) }
    let application = try Application(settings, isPatient: !queue, isStopping: { stop.isPending })
    defer { application.storeFile?.close() }
    if queue { return try workQueue(application, stop) }
    var wanted: Set<String>?
    if let kinds {
      let names = kinds.split(separator: ",").map(String.init)
      let known = application.crawledKinds(settings)
      for name in names where !known.contains(name) {
        throw CommandFailure("--kinds: there is no kind \(name); there are \(known.sorted().joined(separator: ", "))")
      }
      wanted = Set(names)
    }
    let invalidator = application.invalidator.flatMap { $0.reachesAll ? $0 : nil }
    guard !settings.crawler.invalidateOnly || invalidator != nil else {
      throw CommandFailure("CRAWLER_INVALIDATE_ONLY: \(Application.noChanges(settings))")
    }
    let obstacle = crawl(
      settings.crawler.invalidateOnly ? nil : try application.crawler(settings, kinds: wanted, stop), invalidator,
      every: UInt64(interval ?? settings.crawler.interval) * 1_000_000_000, stop)
    application.store.catchUp()
    // Whoever runs it regularly looks at nothing but the status.
    if once, !stop.isPending, let obstacle { throw CommandFailure("not everything could be done: \(obstacle)") }
  }

  /// - Parameter nanoseconds: how long it waits between two invalidations.
  /// - Returns: why something could not be done; nil when all could.
  private func crawl(
    _ crawler: Crawler?, _ invalidator: Invalidator?, every nanoseconds: UInt64, _ stop: StopSignal
  ) -> SourceError? {
    var obstacle: SourceError?
    let deadline = Deadline.after(milliseconds: (seconds ?? Crawl.longest) * 1_000, awaited: false)
    var line = ProgressLine()
    var next = Deadline.monotonicNanoseconds()
    while true {
      if let invalidator, Deadline.monotonicNanoseconds() >= next {
        next = Deadline.monotonicNanoseconds() + nanoseconds
        obstacle = invalidate(invalidator, by: deadline, stop)
      }
      let left = Int((next - min(next, Deadline.monotonicNanoseconds())) / 1_000_000)
      let turn = invalidator == nil ? deadline : deadline.orAfter(milliseconds: left)
      if let crawler {
        let before = crawler.progress
        crawler.work(until: turn) { line.show(Crawl.words(crawler, line)) }
        if !once, crawler.progress != before { line.end(Crawl.words(crawler, line)) }
      }
      if stop.isPending || deadline.hasPassed || (once && (crawler == nil || !turn.hasPassed)) { break }
      if stop.wait(milliseconds: min(Crawl.sleepMilliseconds, turn.millisecondsLeft)) { break }
    }
    if let crawler { line.end(Crawl.words(crawler, line) + (stop.isPending ? "; stopped" : "")) }
    return crawler?.obstacle ?? obstacle
  }

  /// What cannot be told now is told the next time: bookmarks say where to go on.
  ///
  /// - Returns: why it is not known what has changed; nil when it is.
  private func invalidate(_ invalidator: Invalidator, by deadline: Deadline, _ stop: StopSignal) -> SourceError? {
    let pulse = Pulse(every: 100) { !stop.isPending }
    do throws(SourceError) {
      let run = try invalidator.run(until: deadline.with(pulse))
      if run.count > 0 { print("\(run.count) documents have changed") }
      return nil
    } catch {
      print("what changed is not known: \(error)")
      return error
    }
  }

  private func workQueue(_ application: Application, _ stop: StopSignal) throws {
    guard let builder = application.builder, let queue = application.queue else {
      throw CommandFailure("there is no queue: MUSICBRAINZ__SOURCE is not webservice, or USE_CACHE is off")
    }
    var line = ProgressLine()
    var (built, failed) = (0, 0)
    let ending = builder.work(
      until: .after(milliseconds: (seconds ?? Crawl.longest) * 1_000, awaited: false),
      whileNobodyWaits: { stop.isPending }
    ) { build, outcome in
      switch outcome {
      case .built: built += 1
      case .failed: failed += 1
      case .givenBack: break
      }
      line.show("\(built) built, \(failed) failed, \((try? queue.progress())?.waiting ?? 0) waiting")
    }
    application.store.catchUp()
    let waiting = (try? queue.progress())?.waiting ?? 0
    line.end("\(built) built, \(failed) failed, \(waiting) waiting\(Crawl.words(ending))")
  }

  /// A week, in seconds.
  private static let longest = 604_800
  /// How long it sleeps when nothing is due, in milliseconds.
  private static let sleepMilliseconds = 60_000

  private static func words(_ crawler: Crawler, _ line: ProgressLine) -> String {
    let all = crawler.progress.values.reduce(into: Crawler.Progress()) { sum, one in
      sum.done += one.done
      sum.left += one.left
      sum.failed += one.failed
    }
    let kinds = crawler.progress.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.done)" }
    return "\(all.done) made anew" + (kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))")
      + ", \(all.left) left for later, \(all.failed) failed, \(line.rate(of: all.done))/s"
  }

  private static func words(_ ending: Builder.Ending) -> String {
    switch ending {
    case .empty: ""
    case .stopped: "; stopped"
    case .occupied: "; another process is building"
    case .resting: "; MusicBrainz' web service cannot be asked now"
    }
  }
}
