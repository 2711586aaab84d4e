import Cache
import Core
import Handlers
import Logging
import Metadata
import Search

/// Everything behind the API, made up: each id and each name leads to something or to nothing, by its letters.
final class World: MetadataSource, LinkSource, LookupSource, Matcher, SearchSource, ChartSource, SpotifyService {
  let name = "world"

  func generation(by deadline: Deadline) -> UInt64? { nil }

  /// The whole API, without any server.
  var api: Router {
    let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    let store = DocumentStore(
      shared: nil, memory: MemoryTier(limit: 1 << 20),
      coordination: TierCoordination(shared: nil, namespace: "fuzz"), policy: .init(staleSeconds: 1_000),
      namespace: "fuzz", logger: logger)
    let catalog = Catalog(source: self, lookup: self, store: store, options: .init())
    let search = SearchCatalog(source: self, lookup: self, store: store, options: .init())
    return API(
      catalog: catalog, search: search, store: store,
      spotifyIDs: SpotifyDirectory(links: self, matcher: self, spotify: self, store: store, options: .init()),
      spotify: self, spotifyStates: SpotifyStates(hosts: ["*"]),
      charts: ChartDirectory(charts: self, matcher: self, links: self, store: store, seconds: 100),
      build: BuildInfo(version: "0"), components: [Component("world") { .init(isUp: true, detail: "\"\n") }],
      vintage: { nil }, root: "/music", limits: Limits(requestDeadline: 1_000), changesSeconds: 60, logger: logger
    ).router
  }

  private func exists(_ id: MBID) -> Bool { id.low & 1 == 0 || "\(id)" == Corpus.ids[0] }

  func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
    var found: [MBID: Artist] = [:]
    for id in ids where exists(id) {
      var artist = Artist(id: id, name: "A \"\u{1}", sortName: "B")
      artist.links = ["http://", "", "https://www.bbc.co.uk/x", "co.uk", "//./"]
      artist.genres = ["k-pop", "r&b", "ﬁ"]
      artist.rating = Rating(count: 3, value: 96)
      found[id] = artist
    }
    return found
  }

  func discographies(
    _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
  ) throws(SourceError) -> [MBID: Discography] {
    try artists(ids, by: deadline).mapValues { artist in
      var album = AlbumSummary(id: artist.id, title: "C")
      album.statuses = ["", "Official"]
      album.firstReleaseDate = PartialDate(year: .max, month: .min, day: 31)
      return Discography(artist: artist, albums: [album, AlbumSummary(id: artist.id, title: "")])
    }
  }

  func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
    var found: [MBID: Album] = [:]
    for id in ids where exists(id) {
      var album = Album(id: id, title: "D", artistID: id)
      album.artistIDs = [id]
      album.releases = [Release(id: id, title: "E")]
      found[id] = album
    }
    return found
  }

  func vintage(by deadline: Deadline) throws(SourceError) -> String? { nil }

  func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] {
    exists(id) ? [.artist(id), .album(id)] : []
  }

  func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] {
    urls.count == 2 ? [.artist(.init(high: 2, low: 4))] : []
  }

  func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] {
    Array(recordings.filter(exists).prefix(5))
  }

  func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] {
    exists(id) ? [SeriesEntry(album: id, title: "F", artist: id, date: .unknown)] : []
  }

  func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] {
    ids.filter { $0.description.utf8.count % 2 == 0 }.map {
      SpotifyLink(id: $0, kind: .artist, target: .init(high: 0, low: 2))
    }
  }

  func albums(ofReleasesOrGroups ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: AlbumMatch] { [:] }

  func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
    names.map {
      AlbumMatch(
        id: .init(high: 1, low: 2), title: $0.title, artistID: .init(high: 3, low: 2), artist: $0.artist, date: .unknown
      )
    }
  }

  func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
    names.map { ArtistMatch(id: .init(high: 1, low: 2), name: $0) }
  }

  func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    let id = MBID(high: 5, low: UInt64(request.text.utf8.count))
    return [SearchHit(.artist(id), score: 100), SearchHit(.album(id), score: 0)]
  }

  func isStale(by deadline: Deadline) -> Bool { false }
  func check(by deadline: Deadline) throws(SourceError) -> String { name }

  func has(_ chart: ChartName) -> Bool { chart.selection.utf8.count < 8 }

  func entries(of chart: ChartName, by deadline: Deadline) throws(ServiceError) -> [ChartEntry] {
    [ChartEntry(title: chart.selection, artist: chart.user ?? chart.publisher)]
  }

  func work(_ kind: EntityID.Kind, _ id: SpotifyID, by deadline: Deadline) throws(ServiceError) -> SpotifyWork? {
    SpotifyWork(artist: "A", artistID: id, album: "B", albumID: id)
  }

  func tokens(forCode code: String, by deadline: Deadline) throws(ServiceError) -> SpotifyTokens {
    if code.utf8.count > 3 { throw .refused(status: code.utf8.count, message: code) }
    return SpotifyTokens(access: code, seconds: .min, refresh: code)
  }

  func renewal(of refreshToken: String, by deadline: Deadline) throws(ServiceError) -> [UInt8] { Array("{}".utf8) }
}
