public import Cache
public import Logging
public import Metadata
public import Observe
public import Search

/// Every route of the API, wired to what answers it.
public struct API {
  public let router: Router

  /// - Parameters:
  ///   - root: the path that the routes are served under; they are always served under none and under Lidarr's own
  ///     `/api/v0.4` as well, because people configure either.
  ///   - spotify: nil without credentials for Spotify.
  ///   - edge: what is done for clients that no nginx stands in front of.
  ///   - metrics: what `/metrics` shows.
  ///   - activity: is told of the route of each request.
  ///   - vintage: the time of the last replicated change, nil when it cannot be told.
  public init(
    catalog: Catalog, search: SearchCatalog, store: DocumentStore, spotifyIDs: SpotifyDirectory,
    spotify: (any SpotifyService)?, spotifyStates: SpotifyStates, charts: ChartDirectory, build: BuildInfo,
    components: [Component],
    vintage: @escaping () -> String?,
    root: String, limits: Limits, edge: Edge? = nil, changesSeconds: Int64, metrics: Metrics = Metrics(),
    activity: Activity = Activity(),
    logger: Logger
  ) {
    router = Router(
      roots: [root, "/api/v0.4"],
      routes: InfoHandler(build: build, components: components, vintage: vintage).routes
        + ArtistHandler(catalog: catalog, limits: limits).routes
        + AlbumHandler(catalog: catalog, limits: limits).routes
        + SearchHandler(catalog: catalog, search: search, limits: limits).routes
        + SeriesHandler(catalog: catalog, limits: limits).routes
        + RecentHandler(store: store, sharedSeconds: changesSeconds, logger: logger).routes
        + SpotifyHandler(directory: spotifyIDs, service: spotify, states: spotifyStates, limits: limits).routes
        + ChartHandler(directory: charts, limits: limits).routes
        + MetricsHandler(metrics: metrics).routes,
      edge: edge, activity: activity, logger: logger, distrusting: { respond in store.distrusting(respond) })
  }
}
