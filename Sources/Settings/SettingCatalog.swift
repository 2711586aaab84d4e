/// The one table of all keys. Loading, checking, `linernotes config` and `docs/SETTINGS.md` all come from it.
public enum SettingCatalog {
  public static let sections: [SettingSection] = [
    server, logs, musicBrainz, cache, ttl, search, outgoing, providers, invalidation, crawler, observation,
  ]

  public static let keys: [SettingKey] = sections.flatMap(\.keys)

  static let presetName = "LIDARR_METADATA_CONFIG"
  static let fileName = "CONFIG_FILE"
  static let commonPrefix = "DEFAULTCONFIG_"

  /// What names of ours begin with, beside what comes before the first `__` of a known one. Such a name that nobody
  /// knows is probably a mistake. Words that other programs also use (`HTTP_`, `LOG_`, `SENTRY_`) are not here.
  static let families = [
    "CORS_", "CRAWLER_", "EXTERNAL_LIMIT_", "FANART_", "INVALIDATE_", "INVALIDATION_", "LASTFM_", "MEMCACHED_",
    "MUSICBRAINZ_",
    "RATE_LIMIT", "SPOTIFY_", "STATSD_", "STORE_", "TADB_", "THEAUDIODB_", "WIKIPEDIA_",
  ]

  /// The kinds of document for which the original configures a cache each.
  static let originalCaches = ["FANART", "TADB", "WIKIPEDIA", "ARTIST", "ALBUM", "SPOTIFY"]

  public static let retired: [RetiredSetting] = [
    RetiredSetting(
      names: [
        "CACHE__REDIS_URL", "REDIS_HOST", "REDIS_PORT", "CACHE_CONFIG__DEFAULT__ENDPOINT",
        "CACHE_CONFIG__DEFAULT__PORT",
        "CACHE_CONFIG__DEFAULT__PASSWORD", "CACHE_CONFIG__DEFAULT__DB",
      ],
      instead: "There is no Redis: MEMCACHED_SERVERS names the shared cache."),
    RetiredSetting(
      names: ["EXTERNAL_LIMIT_REDIS_DB", "EXTERNAL_LIMIT_REDIS_HOST", "EXTERNAL_LIMIT_REDIS_PORT"],
      instead:
        "There is no Redis: RATE_LIMITER=memcached counts in the servers of MEMCACHED_SERVERS, or in the durable cache."
    ),
    RetiredSetting(
      names: ["SENTRY_REDIS_HOST", "SENTRY_REDIS_PORT"],
      instead: "There is no Redis: SENTRY_TTL alone says how often the same error is reported."),
    RetiredSetting(
      names: ["SENTRY_TRACES_SAMPLE_RATE"],
      instead: "Only errors are reported; transactions are not sent. `/metrics` and StatsD tell how long requests take."
    ),
    RetiredSetting(
      names: ["CACHE__MAX_MEMORY"],
      instead:
        "STORE_MAX_BYTES limits the store on disk. memcached has its own limit (its option -m); MEMORY_CACHE_BYTES limits "
        + "the cache of a process without either."),
    RetiredSetting(
      names: ["DATABASE__MIN_POOL_SIZE", "DATABASE__MAX_POOL_SIZE"],
      instead: "Each process has one connection: WORKERS says how many there are."),
    RetiredSetting(
      names: (["DEFAULT"] + originalCaches).flatMap { kind in
        ["CACHE", "SERIALIZER__CLASS"].map { "CACHE_CONFIG__\(kind)__\($0)" }
      },
      instead: "MEMCACHED_SERVERS and CACHE__POSTGRES_URL say where documents are kept, USE_CACHE whether."),
    RetiredSetting(
      names: originalCaches.flatMap { kind in ["DB_TABLE", "TIMEOUT"].map { "CACHE_CONFIG__\(kind)__\($0)" } },
      instead: "The durable cache names its own tables; CACHE__POSTGRES_URL says where it is."),
    RetiredSetting(
      names: ["TESTING"],
      instead: "A server under test behaves like any other. LIDARR_METADATA_CONFIG=test chooses the preset for tests."),
    RetiredSetting(
      names: ["LASTFM_API_SECRET", "LASTFM_SECRET"], instead: "Last.fm's charts need LASTFM_API_KEY alone."),
    RetiredSetting(names: ["PRODUCTION"], instead: "LIDARR_METADATA_CONFIG=production chooses that preset."),
  ]
}
