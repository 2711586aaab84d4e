internal import Core
internal import Dataset
internal import HTTP
internal import Handlers
internal import Logging
internal import Postgres
internal import Providers
internal import Search
internal import Settings
internal import WebService

/// The names of a part of MusicBrainz that are here: those of a dataset file and of the documents in the store.
struct NamesHere {
  private(set) var sources: [any Search.SearchSource] = []
  /// Whether they are all that there are.
  private(set) var areAll = false
  private var dataset: MappedSearch?

  init(_ file: DatasetFile?, _ store: StoreNames?, _ logger: Logger) {
    if let file, let bytes = file.names {
      do throws(SourceError) {
        let search = MappedSearch(try NameSection(bytes, owner: file)) { file.isWhole }
        dataset = search
        sources.append(search)
        areAll = file.info.isComplete
      } catch {
        logger.error("the names of the dataset file are left out", metadata: ["reason": "\(error)"])
      }
    }
    if let store { sources.append(StoreSearch(store)) }
  }

  /// Changes with the dataset file. Names in the store come from MusicBrainz, which is asked as well, so that no search
  /// has to be made again for their sake.
  func generation(by deadline: Deadline) -> UInt64? { dataset?.generation(by: deadline) }

  /// For `/health`, where MusicBrainz' web service is asked as well.
  func state(with webService: Component.State, by deadline: Deadline) -> Component.State {
    let details = sources.compactMap { source in
      (try? source.check(by: deadline)).map { "\(source.name): \($0)" }
    }
    guard !details.isEmpty else { return webService }
    let remote = webService.isUp ? webService.detail : "MusicBrainz is not asked"
    return .init(isUp: true, detail: (details + [remote]).joined(separator: "; "))
  }
}

extension Application {
  /// Who answers searches, in the order of the setting; whoever else is there takes over when it cannot.
  static func search(
    _ settings: Settings, _ fetcher: any HTTPFetcher, _ musicBrainz: MusicBrainzWebService, _ names: NamesHere
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
    let merged = MergedSearch(
      local: names.sources, remote: webService, asking: names.areAll ? .whenNothingIsFound : .always, logger: logger)
    let spare =
      names.sources.isEmpty
      ? nil
      : SpareSearch(MergedSearch(local: names.sources, remote: nil, asking: .always, logger: logger))
    let sources: [(any Search.SearchSource)?] =
      switch settings.search.source {
      case .solr: [solr, database, spare]
      case .webService: [merged, database, solr]
      case .automatic, .database: isAlone ? [merged, solr] : [database, solr, spare]
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
      case .failure(.unreachable), .failure(.untrusted), .failure(.truncated):
        answers[index] = .failure(SourceError(.unavailable, "\(name): is not to be reached"))
      case .failure(let error):
        answers[index] = .failure(SourceError(.failed, "\(name): \(error)"))
      }
      return []
    }
    return answers
  }
}
