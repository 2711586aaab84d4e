internal import ArgumentParser
internal import Cache
internal import Core
internal import Freshness
@preconcurrency internal import Glibc
internal import Handlers
internal import Metadata
internal import Pool
internal import SQLiteStore
internal import Settings

/// `linernotes invalidate`: has everything computed anew that has changed.
struct InvalidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invalidate",
    abstract: "Have everything computed anew that has changed in MusicBrainz.",
    discussion: """
      Goes on from where the last run ended. What changed is computed anew when it is next asked for; until that has \
      succeeded the old answer is kept. Prints the URLs of what changed, a line each, and how many they were. Only one run \
      works at a time: a second one says since when the first has, and ends with status 3. If a cache is away it hears of \
      it in a later run; then the status is 4.
      """)

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "Go back to this time if the last run was later: ISO 8601, or Unix seconds.", valueName: "time"))
  var since: String?

  @Flag(help: "Print an object in JSON instead.")
  var json = false

  @Flag(help: "Print only how many they were.")
  var quiet = false

  private static let occupied: Int32 = 3
  private static let missed: Int32 = 4
  /// A week, in milliseconds.
  private static let longest = 604_800_000

  func validate() throws {
    guard let since else { return }
    guard let time = UnixTime(reading: since) else {
      throw ValidationError("--since \(since): allowed are a time in ISO 8601, and Unix seconds")
    }
    guard time <= .now + 300 else { throw ValidationError("--since \(since) is in the future") }
  }

  func run() throws {
    let settings = try Application.loadSettings(common)
    let stop = StopSignal()
    let application = try Application(settings, isStopping: { stop.isPending })
    guard let invalidator = application.invalidator else { throw CommandFailure(Application.noChanges(settings)) }
    guard invalidator.reachesAll else {
      throw CommandFailure("there is nothing to invalidate: each process keeps documents in its own memory only")
    }
    let base = Application.urlBase(settings)
    let pulse = Pulse(every: 100) { !stop.isPending }
    let run: InvalidationRun
    do throws(SourceError) {
      run = try invalidator.run(
        since: since.flatMap { UnixTime(reading: $0) },
        until: .after(milliseconds: InvalidateCommand.longest, awaited: false).with(pulse)
      ) { changes in
        guard !json, !quiet else { return }
        for path in changes.paths { print(base + path) }
        fflush(stdout)
      }
    } catch {
      throw CommandFailure("\(error)")
    }
    application.store.catchUp()
    application.storeFile?.close()
    try tell(run, base)
  }

  private func tell(_ run: InvalidationRun, _ base: String) throws {
    if case .occupied(let since) = run.ending {
      if json {
        print(InvalidateCommand.occupiedObject(since))
      } else {
        fputs("another run is at it\(since.map { " since \($0.iso8601)" } ?? "")\n", stderr)
      }
      throw ExitCode(InvalidateCommand.occupied)
    }
    let names = run.missed.map(\.rawValue).sorted()
    if json {
      print(InvalidateCommand.object(run, base, names))
    } else {
      print("\(run.count) invalidated, from \(run.rows) rows\(run.ending == .stopped ? "; stopped" : "")")
      for name in names { fputs("the \(name) cache is away; it hears of it in a later run\n", stderr) }
      for (name, reason) in run.failures { fputs("\(name): \(reason)\n", stderr) }
      if run.hasGap { fputs("changes before now cannot be told: what is stored has to be compared\n", stderr) }
    }
    guard run.missed.isEmpty else { throw ExitCode(InvalidateCommand.missed) }
  }

  private static func occupiedObject(_ since: UnixTime?) -> String {
    var json = JSONWriter()
    json.raw(#"{"state":"occupied","since":"#)
    json.string(since?.iso8601)
    json.raw("}")
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private static func object(_ run: InvalidationRun, _ base: String, _ missed: [String]) -> String {
    var json = JSONWriter()
    json.raw(run.ending == .stopped ? #"{"state":"stopped","count":"# : #"{"state":"finished","count":"#)
    json.integer(run.count)
    json.raw(#","rows":"#)
    json.integer(run.rows)
    json.raw(#","missed":"#)
    json.array(missed) { $0.string($1) }
    json.raw(#","gap":"#)
    json.boolean(run.hasGap)
    json.raw(#","urls":"#)
    json.array(run.changes.paths.prefix(InvalidationRun.mostListed)) { $0.string(base + $1) }
    json.raw("}")
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
