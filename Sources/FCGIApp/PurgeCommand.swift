internal import ArgumentParser
internal import Core
internal import Pool
internal import Purge
internal import SQLiteStore
internal import Settings

/// `linernotes purge`: has Cloudflare forget what has changed.
struct PurgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge", abstract: "Have Cloudflare forget what has changed.",
    discussion: """
      What is to be purged waits in a queue. Idle workers of a pool work it; where there is no pool this does, until nothing \
      is left that can be purged now, the time is up or a signal ends it. Only one process purges at a time.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Stop after so long.", valueName: "number"))
  var seconds: Int = 3_600

  func validate() throws {
    guard (1...86_400).contains(seconds) else {
      throw ValidationError("--seconds \(seconds): allowed are 1 to 86400")
    }
  }

  func run() throws {
    let settings = try Application.loadSettings(common)
    let stop = StopSignal()
    let application = try Application(settings, isStopping: { stop.isPending })
    guard let purger = application.purger else {
      throw CommandFailure(
        "there is nothing to purge: CLOUDFLARE_ZONE_ID, CLOUDFLARE_URL_BASE or CLOUDFLARE_API_TOKEN is not set")
    }
    let ending = purger.work(
      until: .after(milliseconds: seconds * 1_000, awaited: false), whileNobodyWaits: { stop.isPending })
    let waiting = try purger.report().waiting
    application.storeFile?.close()
    print("\(waiting) waiting\(PurgeCommand.words(ending))")
  }

  private static func words(_ ending: CloudflarePurger.Ending) -> String {
    switch ending {
    case .empty: ""
    case .stopped: "; stopped"
    case .occupied: "; another process is purging"
    case .resting: "; Cloudflare cannot be asked now"
    }
  }
}
