internal import Cache
internal import Core
internal import CoreMetrics
internal import Dataset
internal import Documents
internal import Freshness
@preconcurrency internal import Glibc
internal import HTTP
internal import Handlers
internal import Logging
internal import Memcached
internal import Messages
internal import Metadata
internal import MusicBrainz
internal import Observe
internal import Postgres
internal import PostgresStore
internal import Providers
internal import Purge
internal import SQLiteStore
internal import Search
internal import Settings
internal import WebService

/// The wiring: what the settings ask for, put together. Nothing is connected to before it is needed.
struct Application {
  let store: DocumentStore
  /// The SQLite file that documents are kept in; nil where there is none.
  let storeFile: StoreFile?
  let api: API
  /// Works the queue of builds; nil where nothing takes so long that there is one.
  let builder: Builder?
  let queue: (any BuildQueue)?
  let durable: (any DurableTier)?
  let coordination: any Coordination
  /// Has what changes take effect; nil where nobody can tell what does.
  let invalidator: Invalidator?
  /// Who tells of changes sooner than the invalidator learns of them.
  let hints: [any ChangeHints]
  /// What can be asked how much it keeps.
  let sizes: () -> PoolMetrics.Sizes
  let catalog: Catalog
  let decorator: ProviderDecorator
  let spotifyIDs: SpotifyDirectory
  /// The MusicBrainz database; nil where its web service is the source.
  let database: MusicBrainzDatabase?
  /// Purges Cloudflare; nil where there is nothing to purge.
  let purger: CloudflarePurger?
  /// How many albums no artist lists, because their credit is not there. It takes seconds to find out.
  let uncreditedAlbums: () throws -> Int

  /// How long a check of a component may take, in milliseconds.
  static let checkMilliseconds = 1_000
  /// How long providers may take together where nobody waits for them, in milliseconds.
  private static let patientMilliseconds = 120_000

  /// - Parameters:
  ///   - isPatient: whether nobody waits for what it does: memcached, databases and providers are given as long as they need.
  ///   - observation: what is told of what this process does.
  ///   - isStopping: whether this process has been told to end.
  init(
    _ settings: Settings, isPatient: Bool = false, observation: WorkerObservation? = nil,
    isStopping: @escaping () -> Bool = { false }
  ) throws {
    let activity = observation?.activity ?? Activity()
    let logger = Application.logger(settings, "linernotes")
    let storeFile = Application.storeFile(settings, Application.logger(settings, "linernotes.store"))
    self.storeFile = storeFile
    let memcached =
      settings.cache.isEnabled
      ? MemcachedTier(settings.cache.memcachedServers, patience: isPatient ? .unhurried : .ofAnswers) : nil
    let shared: (any CacheTier)? = memcached ?? storeFile.map { SQLiteTier($0) }
    let options = Catalog.Options(settings)
    var providers = ProviderList(settings)
    if isPatient { providers.unawaitedMilliseconds = Application.patientMilliseconds }
    let entities = "\(options.generation)|\(providers.generation)"
    let matching = "\(settings.spotify.minimumMatchRatio)"
    let storeDatabase = PostgresOptions(settings.cache).map {
      StoreDatabase(options: $0, logger: Application.logger(settings, "linernotes.cache"))
    }
    let postgres = storeDatabase.map { PostgresDurableTier($0) }
    let sqlite = storeFile.map { SQLiteDurableTier($0) }
    let durable: (any DurableTier)? = postgres ?? sqlite
    self.durable = durable
    let dataset = DatasetState(settings, logger)
    let memory = MemoryTier(
      limit: settings.cache.isEnabled ? settings.cache.memoryBytes : 0,
      gauge: observation.map { _ in Gauge(label: "linernotes_memory_cache_bytes") })
    let tier: (any CacheTier)? = shared ?? storeDatabase.map { PostgresTier($0) }
    let coordination = TierCoordination(shared: tier, namespace: settings.cache.namespace)
    self.coordination = coordination
    let store = DocumentStore(
      shared: shared, memory: memory, durable: durable, snapshot: dataset.file, coordination: coordination,
      policy: .init(
        staleSeconds: Int64(settings.ttl.stale), workers: max(1, settings.workers / 4), spreadPercent: 10,
        snapshotSeconds: options.documentSeconds),
      namespace: settings.cache.namespace, program: "\(Version.current)/\(Document.formatVersion)",
      settings: [
        .artist: entities, .artistAlbums: entities, .album: entities, .artistDecoration: entities,
        .albumDecoration: entities, .spotifyArtist: matching, .spotifyAlbum: matching,
      ],
      activity: activity,
      counts: CacheCounts(
        shared: memcached == nil ? nil : "memcached",
        durable: postgres == nil ? sqlite.map { _ in "sqlite" } : "postgresql"),
      logger: Application.logger(settings, "linernotes.cache"))
    self.store = store
    let fetcher = CurlFetcher(
      userAgent: settings.external.userAgent, logger: Application.logger(settings, "linernotes.providers"))
    let webService = Application.webService(settings, shared: shared, coordination, activity)
    let storeNames = storeFile.map { StoreNames($0) }
    let names = NamesHere(dataset.file, storeNames, Application.logger(settings, "linernotes.search"))
    let search = Application.search(settings, fetcher, webService, names)
    let musicBrainz = Application.musicBrainz(
      settings, isPatient ? Application.longOptions(settings) : PostgresOptions(settings.database), webService)
    let source = musicBrainz.source
    let lookup = Application.lookup(dataset.file, before: musicBrainz)
    let matcher: any Matcher =
      musicBrainz.database.map { database in
        IndexMatcher(
          options: Application.searchIndexOptions(settings), links: database, fallback: database,
          logger: Application.logger(settings, "linernotes.search"))
      }
      ?? WebServiceMatcher(
        url: settings.musicBrainz.baseURL,
        transport: PacedPages(webService, baseURL: settings.musicBrainz.baseURL, areKept: true))
    store.watch(Catalog.origin) {
      do {
        let vintage = try source.vintage(by: .after(milliseconds: Application.checkMilliseconds))
        return FNV.hash((vintage ?? "").utf8)
      } catch {
        return nil
      }
    }
    store.watch(SearchCatalog.origin) {
      let deadline = Deadline.after(milliseconds: Application.checkMilliseconds)
      return musicBrainz.database == nil ? names.generation(by: deadline) : search.generation(by: deadline)
    }
    var components =
      [
        Component("musicbrainz", check: musicBrainz.state),
        Component("cache") { Application.state(of: store, memcached) },
        Component("search") { deadline in
          musicBrainz.database == nil
            ? names.state(with: musicBrainz.state(deadline), by: deadline)
            : Application.state(of: search, by: deadline)
        },
      ] + (postgres.map { postgres in [Component("durable") { Application.state(of: postgres) }] } ?? [])
    if let sqlite, let storeFile {
      components.append(Component("durable") { Application.state(of: sqlite, storeFile, by: $0) })
    }
    components += Application.components(of: search)
    let queue = Application.queue(settings, storeFile, storeDatabase)
    self.queue = queue
    if let queue {
      components.append(
        Component("queue") { Application.state(of: queue, maximumAge: settings.cache.queueMaximumAge) })
    }
    if let changes = musicBrainz.changes {
      components.append(Component("invalidation") { Application.freshness(settings, changes, store, by: $0) })
    }
    components += dataset.components
    let sizes = Application.sizes(memcached, storeFile, queue)
    self.sizes = sizes
    uncreditedAlbums = { try musicBrainz.database?.uncreditedAlbums(by: .after(milliseconds: 30_000)) ?? 0 }
    let gate = Gate(settings, providers, coordination)
    components += Application.components(
      of: gate, providers.names + (Spotify.Options(settings) == nil ? [] : [Spotify.name]))
    let client = ProviderClient(
      fetcher: fetcher, gate: gate, activity: activity, logger: Application.logger(settings, "linernotes.providers"))
    let purger = Application.purger(settings, storeFile, storeDatabase, store, coordination)
    self.purger = purger
    let invalidator = Application.invalidator(
      settings, musicBrainz.changes, store, coordination,
      pictures: [FanartFeed(settings, client: client)].compactMap(\.self), purging: purger)
    self.invalidator = invalidator
    hints = [Application.hints(settings, musicBrainz.database, coordination)].compactMap(\.self)
    components += Application.announcers(settings, purger, coordination)
    let spotify = Spotify.Options(settings).map {
      Spotify($0, client: client, shared: shared, namespace: settings.cache.namespace)
    }
    let decorator = ProviderDecorator(
      providers, store: store, fetcher: fetcher, gate: gate, activity: activity,
      logger: Application.logger(settings, "linernotes.providers"))
    self.decorator = decorator
    let catalog = Catalog(
      source: Application.toppedUp(musicBrainz, settings, webService, coordination), lookup: lookup, store: store,
      decorator: decorator,
      names: storeNames.map {
        StoredNames($0, store, logger: Application.logger(settings, "linernotes.search"))
      },
      options: options)
    catalog.queue = queue
    self.catalog = catalog
    database = musicBrainz.database
    let spotifyIDs = SpotifyDirectory(
      links: lookup, matcher: matcher, spotify: spotify, store: store, options: .init(settings))
    self.spotifyIDs = spotifyIDs
    builder = queue.map { queue in
      Builder(
        queue, catalog: catalog, store: store, coordination: coordination, canBuild: { webService.state.canAsk },
        logger: Application.logger(settings, "linernotes.builder"))
    }
    api = API(
      catalog: catalog,
      search: SearchCatalog(
        source: search, lookup: StoredLookup(dataset.documents(before: store), else: lookup), store: store,
        options: .init(settings)),
      store: store,
      spotifyIDs: spotifyIDs,
      spotify: spotify, spotifyStates: SpotifyStates(hosts: settings.spotify.stateHosts),
      charts: ChartDirectory(
        charts: Charts(settings, client: client), matcher: matcher, links: lookup, store: store,
        seconds: Int64(settings.ttl.chart)),
      build: BuildInfo(
        version: Version.current, branch: Application.environment["GIT_BRANCH"],
        commit: Application.environment["COMMIT_HASH"]),
      components: components,
      history: ComponentHistory(tier: tier, namespace: settings.cache.namespace),
      insideKey: settings.invalidation.apiKey?.value,
      vintage: {
        (try? source.vintage(by: .after(milliseconds: Application.checkMilliseconds))) ?? dataset.file?.info.vintage
      },
      pages: Application.pages(settings, observation),
      root: settings.applicationRoot,
      limits: Limits(
        requestDeadline: settings.requestDeadlineMilliseconds,
        key: settings.invalidation.apiKey?.value, refreshRequiresKey: settings.invalidation.refreshRequiresKey,
        origins: settings.corsOrigins.filter { $0 != "*" },
        building: queue.map { queue in
          Application.building(
            settings, queue, coordination, isCounted: shared != nil || storeDatabase != nil, isStopping: isStopping)
        }),
      readingKeys: ReadingKeys(
        hashes: settings.readingKeys.map(\.value), master: settings.invalidation.apiKey?.value),
      invalidation: Application.invalidation(
        settings, invalidator, store, musicBrainz.database, dataset.file, purging: purger),
      edge: Edge(
        origins: settings.corsOrigins,
        limit: settings.clientRate == 0
          ? nil
          : ClientLimit(rate: settings.clientRate, burst: settings.clientBurst, coordination: coordination),
        isExposed: Application.exposureCheck(storeFile, logger)),
      changesSeconds: Int64(settings.ttl.changes), metrics: Application.metrics(settings, observation, sizes),
      activity: activity,
      logger: logger)
  }

  static func musicBrainz(
    _ settings: Settings, _ options: PostgresOptions, _ webService: MusicBrainzWebService
  ) -> MusicBrainzAccess {
    switch settings.musicBrainz.source {
    case .webService:
      return MusicBrainzAccess(source: webService, database: nil, changes: nil) { _ in state(of: webService) }
    case .database:
      let database = MusicBrainzDatabase(
        options: options, logger: Application.logger(settings, "linernotes.musicbrainz"))
      return MusicBrainzAccess(source: database, database: database, changes: database) {
        state(of: database, settings.musicBrainz, by: $0)
      }
    }
  }
}
