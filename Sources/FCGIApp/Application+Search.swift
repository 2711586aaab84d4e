internal import Core
internal import HTTP
internal import Postgres
internal import Providers
internal import Search
internal import Settings
internal import WebService

extension Application {
  /// Who answers searches, in the order of the setting; whoever else is there takes over when it cannot.
  static func search(
    _ settings: Settings, _ fetcher: any HTTPFetcher, _ musicBrainz: MusicBrainzWebService
  ) -> FallbackSearch {
    let logger = Application.logger(settings, "linernotes.search")
    // Without a MusicBrainz database there is nothing that an index could be made of.
    let isAlone = settings.musicBrainz.source == .webService
    let database = isAlone ? nil : DatabaseSearch(options: searchIndexOptions(settings), logger: logger)
    let solr = settings.solr.url.flatMap { url in
      FetchedPages(fetcher, name: "solr", url, settings.solr.timeoutMilliseconds).map { pages in
        MusicBrainzSearch(
          .solr(url: url, artistCore: settings.solr.artistCore, albumCore: settings.solr.albumCore), transport: pages,
          timeoutMilliseconds: settings.solr.timeoutMilliseconds, rows: settings.solr.rows)
      }
    }
    let webService = MusicBrainzSearch(
      .webService(url: settings.musicBrainz.baseURL),
      transport: PacedPages(musicBrainz, baseURL: settings.musicBrainz.baseURL), timeoutMilliseconds: 10_000,
      rows: settings.solr.rows)
    let sources: [(any Search.SearchSource)?] =
      switch settings.search.source {
      case .solr: [solr, database]
      case .webService: [webService, database, solr]
      case .automatic, .database: isAlone ? [webService, solr] : [database, solr]
      }
    return FallbackSearch(sources.compactMap { $0 }, logger: logger)
  }
}

/// Gets the pages of a search through the fetcher that providers are asked with.
final class FetchedPages: SearchTransport {
  private let fetcher: any HTTPFetcher
  private let name: String
  private let service: HTTPService

  /// - Parameter url: where the server lives; nil when that is no URL.
  init?(_ fetcher: any HTTPFetcher, name: String, _ url: String, _ timeoutMilliseconds: Int) {
    guard let origin = Origin(of: url) else { return nil }
    self.fetcher = fetcher
    self.name = name
    service = HTTPService(origins: [origin], timeoutMilliseconds: timeoutMilliseconds)
  }

  func get(_ urls: [String], by deadline: Deadline) -> [Result<SearchPage, SourceError>] {
    var answers = urls.map { _ in
      Result<SearchPage, SourceError>.failure(SourceError(.timedOut, "\(name): did not answer in time"))
    }
    let exchanges = urls.enumerated().map { HTTPExchange(id: $0, request: HTTPRequest($1), service: service) }
    fetcher.run(exchanges, by: deadline) { [name] index, result in
      switch result {
      case .success(let response):
        answers[index] = .success(SearchPage(status: response.status, body: response.body))
      case .failure(.timedOut), .failure(.notStarted): break
      case .failure(.unreachable), .failure(.truncated):
        answers[index] = .failure(SourceError(.unavailable, "\(name): is not to be reached"))
      case .failure(let error):
        answers[index] = .failure(SourceError(.failed, "\(name): \(error)"))
      }
      return []
    }
    return answers
  }
}
