internal import ArgumentParser
internal import Cache
internal import Dataset
@preconcurrency internal import Glibc
internal import Metadata
internal import Pool
internal import Settings

/// `linernotes import FILE`: what MusicBrainz said, from a file into the store.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put what a dataset file holds into the durable cache.",
    discussion: """
      The file is looked through first, and refused as a whole when anything in it is damaged or of a layout that this \
      version does not know. What the durable cache has as new or newer stays. Settings may be other ones than those \
      that the file was written under.
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("A file that `linernotes export` wrote.", valueName: "file"))
  var path: String

  func run() throws {
    let settings = try Application.loadSettings(common)
    let application = try Application(settings)
    guard let durable = application.durable else {
      throw CommandFailure("there is no durable cache to import into: CACHE__POSTGRES_URL names it")
    }
    let stop = StopSignal()
    var line = ProgressLine()
    do throws(DatasetError) {
      let file = try DatasetFile(path: path)
      let differences = file.info.differences(from: Application.shaping(settings))
      for difference in differences { print("notice: \(difference); what is imported is shown as the settings say") }
      let total = try DatasetImport(
        file, into: durable, application.store, fresh: Catalog.Options(settings).documentSeconds
      ).run { progress in
        line.show("\(progress.words), \(line.rate(of: progress.documents + progress.known)) documents/s")
        return stop.next() == nil
      }
      application.store.catchUp()
      line.end(
        "\(total.words) imported, \(total.known) known already, "
          + "\(line.rate(of: total.documents + total.known)) documents/s")
    } catch {
      throw CommandFailure(error.description)
    }
  }
}
