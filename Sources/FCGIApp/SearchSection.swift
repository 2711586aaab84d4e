internal import ArgumentParser
internal import Core
@preconcurrency internal import Glibc
internal import MusicBrainz
internal import Search
internal import Settings

/// `linernotes search-section`: names as a section of a dataset, in a file of its own. `make search-quality` measures
/// with it.
struct SearchSection: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search-section", abstract: "Write a section of names, or ask one.", shouldDisplay: false,
    subcommands: [Build.self, Ask.self])

  struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write the names of the MusicBrainz database to a file.")

    @OptionGroup var common: CommonOptions
    @Argument(help: "The file to write.") var path: String
    @Option(help: "How many MB may be sorted in memory.") var memory = 256
    @Option(help: "The directory of scratch files.") var scratch = "/tmp"

    func run() throws {
      let settings = try Application.loadSettings(common)
      let logger = Application.logger(settings, "linernotes.search")
      do throws(SourceError) {
        let writer = NameSectionWriter(
          scratch: scratch, memory: memory << 20, excluded: Set(settings.specialPurposeArtists),
          try NameFile.create(path))
        let start = Deadline.monotonicNanoseconds()
        try writer.addAll(of: MusicBrainzDatabase(options: Application.longOptions(settings), logger: logger)) { _, _ in
        }
        let read = Deadline.monotonicNanoseconds()
        let summary = try writer.finish()
        let seconds = { (from: UInt64, to: UInt64) in "\(Double((to - from) / 100_000_000) / 10) s" }
        print(
          "\(summary.artists) artists by \(summary.artistNames) names, \(summary.albums) albums by "
            + "\(summary.albumNames): \(summary.bytes) bytes; read and folded in \(seconds(start, read)), sorted and "
            + "written in \(seconds(read, Deadline.monotonicNanoseconds()))")
      } catch {
        throw CommandFailure("\(error)")
      }
    }
  }

  /// A line for each query: kind, limit, text, artist, divided by tabs. Answers with milliseconds and the ids found.
  struct Ask: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Search for the lines of standard input.")

    @Argument(help: "The file to search.") var path: String

    func run() throws {
      do throws(SourceError) {
        let search = MappedSearch(try NameFile(path).section())
        while let line = readLine() {
          let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
          guard fields.count == 4, let scope = SearchRequest.Scope(rawValue: fields[0]), let limit = Int(fields[1])
          else {
            throw SourceError(.failed, "not a query: \(line)")
          }
          let request = SearchRequest(scope, fields[2], artist: fields[3].isEmpty ? nil : fields[3], limit: limit)
          let start = Deadline.monotonicNanoseconds()
          let hits = try search.search(request, by: .after(milliseconds: 60_000))
          let microseconds = (Deadline.monotonicNanoseconds() - start) / 1_000
          print("\(Double(microseconds) / 1_000)\t\(hits.map(\.entity.id.description).joined(separator: " "))")
          fflush(stdout)
        }
      } catch {
        throw CommandFailure("\(error)")
      }
    }
  }
}
