internal import ArgumentParser
internal import Core
internal import Dataset
internal import Dumps
@preconcurrency internal import Glibc
internal import Pool
internal import Settings

/// `linernotes dataset refresh`: from MusicBrainz' latest export to a file that is served from.
struct DatasetRefresh: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh", abstract: "Fetch MusicBrainz' latest export, and build the dataset file from it.",
    discussion: """
      Does nothing when the file is of that export already, so it may be run daily. The new file takes the place of the \
      old one when it is whole and has been checked; a pool that serves from it takes it over by itself. What fails or \
      is interrupted leaves the old file in its place, and goes on with what has been fetched.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: DatasetBuild.Options

  @Argument(help: ArgumentHelp("The dataset file; DATASET by default.", valueName: "file"))
  var path: String?

  @Option(
    help: ArgumentHelp("Where to put the archives; beside the file by default: FILE.archives.", valueName: "directory"))
  var archives: String?

  @Flag(help: "Keep the archives.")
  var keep = false

  func run() throws {
    let settings = try Application.loadSettings(common)
    guard let path = path ?? settings.dataset else { throw ValidationError("give a file, or set DATASET") }
    let stop = StopSignal()
    let folder = archives ?? "\(path).archives"
    let fetched: String
    switch try DatasetFetch.fetch(into: folder, settings, stop, unless: { isCurrent(path, $0, settings) }) {
    case .needless(let export):
      print("\(path) is of export \(export), the latest there is")
      return
    case .fetched(let summary): fetched = summary.export
    }
    try DatasetBuild.build(folder, to: path, export: fetched, options, settings, stop)
    if !keep { DumpFetch.remove(from: folder) }
  }

  /// Whether the file can be served from, and is of that export.
  private func isCurrent(_ path: String, _ export: String, _ settings: Settings) -> Bool {
    guard let file = try? DatasetFile(path: path) else { return false }
    return file.info.export == export && file.info.differences(from: Application.shaping(settings)).isEmpty
  }
}
