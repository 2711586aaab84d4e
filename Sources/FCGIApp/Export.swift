internal import ArgumentParser
internal import Cache
internal import Core
internal import Dataset
@preconcurrency internal import Glibc
internal import Metadata
internal import MusicBrainz
internal import Pool
internal import Settings

/// `linernotes export FILE`: what MusicBrainz said, in one file to hand on.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write what MusicBrainz said into one file, to hand on or to serve from.",
    discussion: """
      Without --all and --ids, the file holds the artists and albums that the durable cache has. With them, the \
      MusicBrainz database is asked: for all artists, or for those whose ids the file lists, one a line, with all their \
      albums. The new file takes the place of an old one when it is whole. It holds no pictures and overviews: those \
      are the providers', and each server asks for them itself.
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("Where to write it.", valueName: "file"))
  var path: String

  @Flag(help: "Export all artists and their albums from the MusicBrainz database.")
  var all = false

  @Option(help: ArgumentHelp("Export these artists and their albums from the MusicBrainz database.", valueName: "file"))
  var ids: String?

  @Flag(
    name: .customLong("without-sources"),
    help: "Leave out what only `import` needs: the file is half as large, and can only be served from.")
  var leavesSourcesOut = false

  func validate() throws {
    guard !all || ids == nil else { throw ValidationError("--all and --ids exclude each other") }
  }

  func run() throws {
    let settings = try Application.loadSettings(common)
    let application = try Application(settings)
    let stop = StopSignal()
    var line = ProgressLine()
    let show = { (progress: DatasetProgress) in
      line.show("\(progress.words), \(line.rate(of: progress.documents)) documents/s")
      return stop.next() == nil
    }
    do throws(DatasetError) {
      let names = ExportedNames(beside: path, excluded: Set(settings.specialPurposeArtists))
      // A database knows more of names than what is exported from it: how often they are credited, and how.
      let export = try DatasetExport(
        .init(catalog: Catalog.Options(settings), keepsSources: !leavesSourcesOut), to: path, names: all ? nil : names)
      let database = MusicBrainzDatabase(
        options: Application.longOptions(settings), logger: Application.logger(settings, "linernotes.musicbrainz"))
      var vintage: String?
      if all || ids != nil {
        // Before the first document, so that none is older than it says.
        vintage = try? database.vintage(by: .after(milliseconds: 10_000))
        if let ids {
          var rest = try listed(ids)[...]
          try export.add(
            from: database,
            artists: { _, limit throws(SourceError) in
              defer { rest = rest.dropFirst(limit) }
              return Array(rest.prefix(limit))
            }, show)
        } else {
          try export.add(from: database, artists: pages(.artist, database), albums: pages(.album, database), show)
          do throws(SourceError) {
            try names.addAll(of: database)
          } catch {
            throw DatasetError(missing: error.description)
          }
        }
      } else {
        guard let durable = application.durable else {
          throw DatasetError(
            missing: "there is no durable cache to export: CACHE__POSTGRES_URL names it; or give --all")
        }
        try export.add(from: durable, show)
      }
      let length = try export.finish(
        DatasetInfo(
          created: .now, program: Version.current, settings: Application.shaping(settings), vintage: vintage),
        names: names.contents)
      let progress = export.progress
      line.end(
        "\(path): \(progress.words), \(length) bytes, \(line.rate(of: progress.documents)) documents/s")
      if progress.leftOut > 0 {
        print("\(progress.leftOut) documents were left out: they are damaged, or an older version kept them")
      }
      if progress.unknown > 0 { print("\(progress.unknown) of the ids do not exist") }
    } catch {
      throw CommandFailure(error.description)
    }
  }

  private func pages(_ kind: EntityID.Kind, _ database: MusicBrainzDatabase) -> DatasetExport.Pages {
    { after, limit throws(SourceError) in
      try database.ids(of: kind, after: after, limit: limit, by: .after(milliseconds: 60_000))
    }
  }

  private func listed(_ path: String) throws(DatasetError) -> [MBID] {
    guard let file = fopen(path, "re") else {
      throw DatasetError(missing: "\(path): cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var ids: [MBID] = []
    var (line, capacity, number): (UnsafeMutablePointer<CChar>?, Int, Int) = (nil, 0, 0)
    defer { free(line) }
    while getline(&line, &capacity, file) >= 0 {
      guard let line else { break }
      number += 1
      let word = String(cString: line).prefix { $0 != "#" }.filter { !$0.isWhitespace }
      if word.isEmpty { continue }
      guard let id = MBID(word) else { throw DatasetError(missing: "\(path), line \(number): not an MBID") }
      ids.append(id)
    }
    return ids
  }
}

extension DatasetProgress {
  var words: String {
    "\(artists) artists, \(discographies) lists of albums, \(albums) albums"
  }
}
