internal import Cache
internal import Core
internal import Dataset
@preconcurrency internal import Glibc
internal import HTTP
internal import Handlers
internal import Metadata
internal import MusicBrainz
internal import Observe
internal import Providers
internal import Search
internal import Settings
internal import WebService

/// Where what MusicBrainz knows comes from, and how it is.
struct MusicBrainzAccess {
  typealias Source = MetadataSource & LookupSource & LinkSource

  let source: any Source
  /// nil: it is the web service, and no database is connected to.
  let database: MusicBrainzDatabase?
  /// Who tells what changes; nil where nobody does.
  let changes: (any ChangeSource)?
  let state: (Deadline) -> Component.State
}

extension Application {
  /// MusicBrainz' web service, whatever of this server asks it: all share one budget.
  static func webService(
    _ settings: Settings, shared: (any CacheTier)?, _ coordination: any Coordination, _ activity: Activity
  ) -> MusicBrainzWebService {
    let musicBrainz = settings.musicBrainz
    var options = WebServiceOptions(baseURL: musicBrainz.baseURL)
    options.intervalMilliseconds = musicBrainz.intervalMilliseconds
    options.namespace = settings.cache.namespace
    // Not /tmp, which services may have of their own. It is empty after a start, as is what is known of the time.
    options.lockPath = "/dev/shm/linernotes-\(geteuid())-\(CacheKey.safe(settings.cache.namespace)).lock"
    if !mayAsk(musicBrainz) {
      options.prohibition =
        "set MUSICBRAINZ__CONTACT to a URL or mail address of yours: MusicBrainz is asked for nothing before"
    }
    let contact = musicBrainz.contact.map { " ( \($0) )" } ?? ""
    let logger = Application.logger(settings, "linernotes.musicbrainz")
    let fetcher = CurlFetcher(userAgent: "Linernotes/\(Version.current)\(contact)", logger: logger)
    return MusicBrainzWebService(
      options, fetcher: ObservedFetcher(fetcher, of: .musicbrainz, activity: activity),
      shared: shared, coordination: coordination, logger: logger)
  }

  /// Whether the web service may be asked for anything.
  private static func mayAsk(_ musicBrainz: Settings.MusicBrainz) -> Bool {
    !musicBrainz.isOfficialHost || musicBrainz.contact != nil
  }

  /// Where artists and albums come from: what a database does not have is asked of the web service as well, where that
  /// may be asked.
  static func toppedUp(
    _ access: MusicBrainzAccess, _ settings: Settings, _ webService: MusicBrainzWebService,
    _ coordination: any Coordination
  ) -> any MetadataSource {
    guard access.database != nil, mayAsk(settings.musicBrainz) else { return access.source }
    return TopUpSource(
      access.source, webService: webService, coordination: coordination,
      intervalMilliseconds: settings.musicBrainz.intervalMilliseconds)
  }

  /// Who finds artists and albums by something other than their ids and names: a dataset file before the web service. A
  /// database is as near as the file, and newer.
  static func lookup(
    _ file: DatasetFile?, before access: MusicBrainzAccess
  ) -> any LookupSource & LinkSource {
    guard let file, access.database == nil else { return access.source }
    return TableLookup(file, file.get, else: access.source)
  }

  static func state(of webService: MusicBrainzWebService) -> Component.State {
    let state = webService.state
    return .init(
      isUp: state.isUp, detail: state.detail, canAnswer: state.canAsk, isToBeSetUp: state.isToBeSetUp,
      advice: state.isUp ? nil : state.isToBeSetUp ? Advice.contact : Advice.webService)
  }
}

/// Gets the pages of a search from MusicBrainz' web service, within its budget.
final class PacedPages: SearchTransport {
  private let webService: MusicBrainzWebService
  private let baseURL: String
  private let areKept: Bool

  /// - Parameter areKept: whether pages are kept for whoever asks for them again soon.
  init(_ webService: MusicBrainzWebService, baseURL: String, areKept: Bool = false) {
    self.webService = webService
    self.baseURL = baseURL
    self.areKept = areKept
  }

  func get(_ urls: [String], by deadline: Deadline) -> [Result<SearchPage, SourceError>] {
    urls.map { url in
      Result { () throws(SourceError) in
        let path = String(url.dropFirst(baseURL.count + 1))
        let answer = try areKept ? webService.getKept(path, by: deadline) : webService.get(path, by: deadline)
        return SearchPage(status: answer.status, body: answer.body)
      }
    }
  }
}
