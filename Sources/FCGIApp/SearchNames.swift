internal import ArgumentParser
internal import Core
internal import Dataset
@preconcurrency internal import Glibc
internal import Search

/// `linernotes search-names FILE`: searches the names of a dataset file without a server. `make search-quality` measures
/// with it.
struct SearchNames: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search-names", abstract: "Search for the lines of standard input.",
    discussion: """
      A line for each query: kind, limit, text, artist, divided by tabs. Answers with milliseconds and the ids found.
      """, shouldDisplay: false)

  @Argument(help: "The dataset file to search.") var path: String

  func run() throws {
    let search = try SearchNames.open(path)
    while let line = readLine() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 4, let scope = SearchRequest.Scope(rawValue: fields[0]), let limit = Int(fields[1]) else {
        throw CommandFailure("not a query: \(line)")
      }
      let request = SearchRequest(scope, fields[2], artist: fields[3].isEmpty ? nil : fields[3], limit: limit)
      let start = Deadline.monotonicNanoseconds()
      let hits: [SearchHit]
      do throws(SourceError) {
        hits = try search.search(request, by: .after(milliseconds: 60_000))
      } catch {
        throw CommandFailure("\(error)")
      }
      let microseconds = (Deadline.monotonicNanoseconds() - start) / 1_000
      print("\(Double(microseconds) / 1_000)\t\(hits.map(\.entity.id.description).joined(separator: " "))")
      fflush(stdout)
    }
  }

  private static func open(_ path: String) throws -> MappedSearch {
    do {
      let file = try DatasetFile(path: path)
      guard let names = file.names else { throw CommandFailure("\(path) has no names") }
      return MappedSearch(try NameSection(names, owner: file)) { file.isWhole }
    } catch let error as DatasetError {
      throw CommandFailure(error.description)
    } catch let error as SourceError {
      throw CommandFailure("\(error)")
    }
  }
}
