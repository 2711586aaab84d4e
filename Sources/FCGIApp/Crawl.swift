internal import ArgumentParser
internal import Cache
internal import Core
internal import Metadata
internal import Pool
internal import SQLiteStore
internal import Settings

/// `linernotes crawl --queue`: builds what waits in the queue.
struct Crawl: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build what waits to be built.",
    discussion: """
      Artists and albums that somebody has asked MusicBrainz' web service for wait in a queue. Idle workers of a pool \
      build them; where there is no pool this does, one after the other, until nothing is left that can be built now, the \
      time is up or a signal ends it. Only one process builds at a time; if there is one already, this ends at once.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "Work the queue.")
  var queue = false

  @Option(help: ArgumentHelp("Stop after so long.", valueName: "number"))
  var seconds: Int?

  func validate() throws {
    guard queue else { throw ValidationError("there is nothing to crawl but the queue yet: give --queue") }
    if let seconds, !(1...86_400).contains(seconds) {
      throw ValidationError("--seconds \(seconds): allowed are 1 to 86400")
    }
  }

  func run() throws {
    let settings = try Application.loadSettings(common)
    let stop = StopSignal()
    let application = try Application(settings, isStopping: { stop.isPending })
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
    application.storeFile?.close()
    let waiting = (try? queue.progress())?.waiting ?? 0
    line.end("\(built) built, \(failed) failed, \(waiting) waiting\(Crawl.words(ending))")
  }

  /// A week, in seconds.
  private static let longest = 604_800

  private static func words(_ ending: Builder.Ending) -> String {
    switch ending {
    case .empty: ""
    case .stopped: "; stopped"
    case .occupied: "; another process is building"
    case .resting: "; MusicBrainz' web service cannot be asked now"
    }
  }
}
