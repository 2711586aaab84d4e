internal import ArgumentParser
internal import Cache
internal import Core
@preconcurrency internal import Glibc
internal import MusicBrainz
internal import Postgres
internal import Search
internal import Settings

/// `linernotes search-index`: builds the index that the database search looks into, or brings it up to date.
struct SearchIndex: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search-index",
    abstract: "Build the search index from the MusicBrainz database, or bring it up to date.",
    discussion: """
      The index is kept in the schema "linernotes_search" of the durable cache's PostgreSQL database, or of the MusicBrainz \
      database where the cache is not in PostgreSQL. A new index is built beside the one in use, which answers until \
      the new one takes its place. With --refresh only the names that have changed are taken over. Only a build \
      counts popularity again, so run one every week. Only one build or refresh runs at a time.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "Take over what has changed since the last time, instead of building anew.")
  var refresh = false

  func run() throws {
    let settings = try Application.loadSettings(common)
    let logger = Application.logger(settings, "linernotes.search")
    let indexer = SearchIndexer(
      source: MusicBrainzDatabase(options: Application.longOptions(settings), logger: logger),
      options: Application.searchIndexOptions(settings), excluded: Set(settings.specialPurposeArtists), logger: logger)
    let start = Deadline.monotonicNanoseconds()
    let isTerminal = isatty(STDOUT_FILENO) == 1
    var lastStep = ""
    let show = { (progress: SearchIndexer.Progress) in
      let seconds = (Deadline.monotonicNanoseconds() - start) / 1_000_000_000
      let line = "\(progress.step): \(progress.artists) artists, \(progress.albums) albums, \(seconds) s"
      if isTerminal {
        print("\r\u{1b}[K\(line)", terminator: "")
      } else if progress.step != lastStep {
        print(line)
      }
      lastStep = progress.step
      fflush(stdout)
    }
    do throws(SourceError) {
      _ = refresh ? try indexer.refresh(show) : try indexer.build(show)
    } catch {
      if isTerminal { print() }
      throw CommandFailure("\(error)")
    }
    if isTerminal { print() }
    // What was found in the old index is not looked for in the new one before everybody knows that there is one.
    try Application(settings).store.originChanged(SearchCatalog.origin)
  }
}
