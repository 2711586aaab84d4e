public import Cache
internal import Freshness
public import Logging
public import Metadata
public import Observe
public import Search

/// Every route of the API, wired to what answers it.
public struct API {
  public let router: Router
  public let health: HealthWatch

  /// - Parameters:
  ///   - root: the path that the routes are served under; they are always served under none and under Lidarr's own
  ///     `/api/v0.4` as well, because people configure either.
  ///   - spotify: nil without credentials for Spotify.
  ///   - history: where what was seen of the components is kept; nil: in this process.
  ///   - insideKey: lets whoever sends it see the parts of `/health`; nil: nobody but those on this machine.
  ///   - readingKeys: who may read; nil: everybody.
  ///   - edge: what is done for clients that no nginx stands in front of.
  ///   - pages: what a person sees in a browser.
  ///   - metrics: what `/metrics` shows.
  ///   - activity: is told of the route of each request.
  ///   - vintage: the time of the last replicated change, nil when it cannot be told.
  public init(
    catalog: Catalog, search: SearchCatalog, store: DocumentStore, spotifyIDs: SpotifyDirectory,
    spotify: (any SpotifyService)?, spotifyStates: SpotifyStates, charts: ChartDirectory, build: BuildInfo,
    components: [Component], history: ComponentHistory? = nil, insideKey: String? = nil,
    vintage: @escaping () -> String?, pages: PageOptions = PageOptions(),
    root: String, limits: Limits, readingKeys: ReadingKeys? = nil, invalidation: Invalidation = Invalidation(),
    edge: Edge? = nil, changesSeconds: Int64, metrics: Metrics = Metrics(), activity: Activity = Activity(),
    logger: Logger
  ) {
    let health = HealthWatch(components, history: history ?? ComponentHistory(tier: nil, namespace: ""))
    self.health = health
    let artists = ArtistHandler(catalog: catalog, limits: limits)
    let albums = AlbumHandler(catalog: catalog, limits: limits)
    let searches = SearchHandler(catalog: catalog, search: search, limits: limits)
    let refreshes = RefreshHandler(catalog: catalog, purging: invalidation.purging, limits: limits)
    router = Router(
      roots: [root, "/api/v0.4"],
      routes: InfoHandler(
        build: build, watch: health, vintage: vintage, pages: pages, key: insideKey, standing: invalidation.standing
      ).routes
        + HealthHandler(build: build, watch: health, key: insideKey).routes
        + artists.routes
        + albums.routes
        + searches.routes
        + SeriesHandler(catalog: catalog, limits: limits).routes
        + refreshes.routes
        + InvalidateHandler(invalidation: invalidation, limits: limits).routes
        + RecentHandler(
          store: store, sharedSeconds: changesSeconds, mayLack: invalidation.mayLack, logger: logger
        ).routes
        + SpotifyHandler(directory: spotifyIDs, service: spotify, states: spotifyStates, limits: limits).routes
        + ChartHandler(directory: charts, limits: limits).routes
        + PageHandler(
          artists: artists, albums: albums, searches: searches, refreshes: refreshes, options: pages, logger: logger
        ).routes
        + MetricsHandler(metrics: metrics).routes,
      edge: edge, keys: readingKeys, activity: activity, logger: logger,
      distrusting: { respond in store.distrusting(respond) })
  }
}
