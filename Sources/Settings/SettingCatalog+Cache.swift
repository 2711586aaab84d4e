extension SettingCatalog {
  static let cache = SettingSection(
    title: "Cache",
    keys: [
      SettingKey(
        "USE_CACHE", \.cache.isEnabled, .boolean, default: "true",
        "Whether documents are kept: in memcached, in memory and in the durable cache."),
      SettingKey(
        "CACHE__NAMESPACE", \.cache.namespace, .text(.word), default: "lm3.7", presets: [.test: "test"],
        also: ["CACHE_CONFIG__DEFAULT__NAMESPACE"], "What every key in the shared cache begins with."),
      SettingKey(
        "MEMCACHED_SERVERS", \.cache.memcachedServers, .servers, empty: "no memcached",
        "The memcached servers that all processes share. None is asked unless it is named here: what listens on a port of "
          + "this machine may be somebody else's."),
      SettingKey(
        "MEMORY_CACHE_BYTES", \.cache.memoryBytes, .integer(0...(1 << 40)), default: "33554432",
        "How much a process may keep in its own memory, in bytes. It does so without memcached, and while memcached is "
          + "away."),
      SettingKey(
        "QUEUE_MAX", \.cache.queueMaximum, .integer(1...1_000_000), default: "10000",
        "How many artists and albums may wait to be built. What nobody asked for leaves a tenth of it to people; one "
          + "client address may have a tenth. Only MusicBrainz' web service takes so long that anything has to wait."),
      SettingKey(
        "QUEUE_MAX_AGE", \.cache.queueMaximumAge, .integer(0...315_360_000), default: "0",
        "How long something may have waited to be built, in seconds, before `/health` says `degraded`; 0 for any time."),
      SettingKey(
        "QUEUE_DETACH", \.cache.detachesBuilder, .boolean, default: "false",
        "Whether a CGI request that had to be queued leaves a process behind that works the queue, for up to 300 seconds "
          + "and only one at a time. Set it where the host allows that; elsewhere run `linernotes crawl --queue`."),
      SettingKey(
        "CACHE__POSTGRES_URL", \.cache.durable.url, .secret(.durableCache),
        presets: [.test: "sqlite:///:memory:"], empty: "a SQLite file, unless CACHE__POSTGRES_HOST is set",
        "The cache that survives a restart. In PostgreSQL (the original's is postgresql://localhost/lm_cache_db) it is "
          + "created where it is missing, the following keys replace parts of the URL, and it may end in `?sslmode=`, as "
          + "DATABASE__SSLMODE. `sqlite:////path/to/file.db` keeps it in a SQLite file, `sqlite:///file.db` in one of that "
          + "name in the directory for state: the first of $STATE_DIRECTORY, $XDG_STATE_HOME/linernotes and "
          + "~/.local/state/linernotes. Without any, the file there is named linernotes.db. `sqlite:///:memory:` keeps "
          + "nothing. Without memcached, processes also agree in it on limits and pauses."),
      SettingKey(
        "STORE_MAX_BYTES", \.cache.storeBytes, .integer((8 << 20)...(1 << 46)), default: "2147483648",
        "How large the SQLite file may grow, in bytes. What was used least recently goes first. Up to 2 GiB are mapped "
          + "into memory, which all processes share."),
      SettingKey(
        "CACHE__POSTGRES_HOST", \.cache.durable.host, .text(.databaseHost),
        also: ["POSTGRES_CACHE_HOST"] + caches("ENDPOINT"), empty: "the URL's", "Its host, only one."),
      SettingKey(
        "CACHE__POSTGRES_PORT", \.cache.durable.port, .integer(1...65535),
        also: ["POSTGRES_CACHE_PORT"] + caches("PORT"), empty: "the URL's", "Its port."),
      SettingKey(
        "CACHE__POSTGRES_DATABASE", \.cache.durable.name, .text(.line), also: caches("DB_NAME"), empty: "the URL's",
        "Its name."),
      SettingKey(
        "CACHE__POSTGRES_USER", \.cache.durable.user, .text(.line), also: caches("USER"), as: .credential,
        "The user to connect as."),
      SettingKey(
        "CACHE__POSTGRES_PASSWORD", \.cache.durable.password, .secret(), also: caches("PASSWORD"), as: .secret,
        "The user's password."),
    ])

  static let ttl = SettingSection(
    title: "How long things are believed",
    keys: [
      time(
        "CACHE_TTL__CLOUDFLARE", \.ttl.response, "2592000",
        "A complete artist or album, what MusicBrainz said of it, and what a Spotify id stands for. A document also goes "
          + "stale with the first of the providers' answers in it, and up to a tenth of its time earlier, at random."),
      time(
        "CACHE__DEFAULT_TTL", \.ttl.standard, "604800",
        presets: [.development: "300", .test: "60", .production: "2592000"],
        also: ["CACHE_TTL__REDIS"], "Search results, series, and the album of a release. Empty lists: an hour at most."),
      time(
        "CACHE_TTL__CHANGES", \.ttl.changes, "60",
        "`/recent/album` in shared caches. `/recent/artist` is never kept."),
      time("CACHE_TTL__CHART", \.ttl.chart, "86400", "A chart."),
      time(
        "CACHE_TTL__PROVIDER_ERROR", \.ttl.providerError, "1800",
        "What was made while a provider or MusicBrainz was unavailable."),
      time("CACHE_TTL__FANART", \.ttl.fanart, "2592000", "An answer of fanart.tv."),
      time("CACHE_TTL__TADB", \.ttl.theAudioDB, "2592000", "An answer of TheAudioDB."),
      time(
        "CACHE_TTL__WIKIPEDIA", \.ttl.wikipedia, "604800", "An answer of Wikipedia, Wikidata or Wikimedia Commons."),
      time("CACHE_TTL__CAA", \.ttl.coverArtArchive, "604800", "An answer of the Cover Art Archive."),
      time(
        "SPOTIFY_NOT_FOUND_TTL", \.ttl.spotifyNotFound, "2592000",
        "That a Spotify id has no counterpart. Without credentials for Spotify NOT_FOUND_TTL counts instead."),
      time("NOT_FOUND_TTL", \.ttl.notFound, "300", "That an artist or album does not exist (404)."),
      time("STALE_TTL", \.ttl.stale, "2592000", "How long a stale document may still be served."),
    ])

  private static func time(
    _ name: String, _ path: SettingPath<Int>, _ defaultText: String,
    presets: [Preset: String] = [:], also others: [SettingKey.Spelling] = [], _ summary: String
  ) -> SettingKey {
    SettingKey(
      name, path, .integer(0...315_360_000), default: defaultText, presets: presets, also: others, summary + " Seconds."
    )
  }

  /// The original's name for a parameter of the durable cache, which it has once for each kind of document.
  private static func caches(_ parameter: String) -> [SettingKey.Spelling] {
    originalCaches.map { SettingKey.Spelling(stringLiteral: "CACHE_CONFIG__\($0)__\(parameter)") }
  }
}
