import Core
import Core
import Testing

@testable import Settings

@Suite struct DefaultsAndPresetsTests {
  @Test func `without anything set the defaults are in force`() throws {
    let settings = try load()
    #expect(settings.preset == .default)
    #expect(settings.port == 5001)
    #expect(settings.workers == 8)
    #expect(settings.requestDeadlineMilliseconds == 10_000)
    #expect(settings.database.hosts == ["localhost"])
    #expect(settings.database.ports == [5432])
    #expect(settings.database.name == "musicbrainz_db")
    #expect(settings.database.targetSessionAttributes == .any)
    #expect(settings.database.sslMode == .prefer)
    #expect(settings.database.connectTimeoutMilliseconds == 1000)
    #expect(settings.database.commandTimeoutMilliseconds == 30_000)
    #expect(settings.cache.namespace == "lm3.7")
    #expect(settings.cache.memcachedServers.isEmpty && settings.solr.url == nil)
    #expect(settings.cache.memoryBytes == 32 << 20)
    #expect(settings.cache.queueMaximum == 10_000)
    #expect(settings.ttl.response == 30 * 86400)
    #expect(settings.ttl.standard == 7 * 86400)
    #expect(settings.ttl.notFound == 300)
    #expect(settings.ttl.stale == 30 * 86400)
    #expect(settings.releaseStatusDefault == "Official")
    #expect(settings.mediumFormatDefault == "Unknown")
    #expect(settings.specialPurposeArtists.contains("89ad4ac3-39f7-470e-963a-56509c546377"))
    #expect(settings.specialPurposeArtists.count == 7)
    #expect(settings.wikipedia.languages.count == 32)
    #expect(settings.wikipedia.languages.first == "en")
    #expect(settings.wikipedia.timeoutMilliseconds == 2000)
    #expect(settings.rateLimit.limiter == .none)
    #expect(settings.corsOrigins == ["*"])
    #expect(settings.logLevel == .info)
    #expect(settings.report.notices.isEmpty)
  }

  @Test(arguments: [
    (["DATABASE__HOST": "db"], true), (["CACHE__NAMESPACE": "mine"], true), (["RATE_LIMITER": "redis"], true),
    (["CACHE__POSTGRES_URL": "postgresql://db/cache"], true), (["RATE_LIMITER": "simple"], false), ([:], false),
    (["DATABASE__HOST": "db", "MEMCACHED_SERVERS": ""], false), (["DATABASE__HOST": "db", "USE_CACHE": "no"], false),
    (["DATABASE__HOST": "db", "MEMCACHED_SERVERS": "mc"], false), (["LIDARR_METADATA_CONFIG": "production"], false),
  ])
  func `who seems to have relied on a memcached of this machine is told that there is none`(
    environment: [String: String], isTold: Bool
  ) throws {
    let settings = try load(environment)
    #expect(settings.notices.contains { $0.contains("MEMCACHED_SERVERS=127.0.0.1:11211") } == isTold)
    #expect(settings.lines.contains { $0.contains("MEMCACHED_SERVERS=127.0.0.1:11211") } == isTold)
  }

  @Test(arguments: [
    (["SEARCH_SOURCE": "solr"], true), (["SOLR__ARTIST_CORE": "artists"], true), (["SEARCH_SOURCE": "auto"], false),
    (["SEARCH_SOURCE": "solr", "SOLR__URL": ""], false), (["SEARCH_SOURCE": "solr", "SOLR__URL": "http://s"], false),
  ])
  func `who seems to have relied on a Solr of this machine is told that there is none`(
    environment: [String: String], isTold: Bool
  ) throws {
    let settings = try load(environment)
    #expect(settings.notices.contains { $0.contains("SOLR__URL=http://localhost:8983/solr") } == isTold)
  }

  @Test func `no credential is sent unless it is set`() throws {
    let settings = try load()
    #expect(settings.database.user == nil)
    #expect(settings.database.password == nil)
    #expect(settings.rabbitMQ.user == nil)
    #expect(settings.rabbitMQ.password == nil)
    #expect(settings.theAudioDB.apiKey == nil)
    #expect(settings.invalidation.apiKey == nil)
    #expect(settings.spotify.clientID == nil)
  }

  @Test(arguments: [
    ("production", Preset.production), ("PRODUCTION", .production), ("ProductionConfig", .production),
    ("lidarrmetadata.config.ProductionConfig", .production), ("TEST", .test),
    ("lidarrmetadata.config.TestConfig", .test),
    ("DevelopmentConfig", .development), ("DEFAULT", .default), ("DefaultConfig", .default), ("", .default),
  ])
  func `a preset is chosen by its name or by its class`(name: String, preset: Preset) throws {
    #expect(try load(["LIDARR_METADATA_CONFIG": name]).preset == preset)
  }

  @Test(arguments: ["staging", "Config", "lidarrmetadata.config.", "production config"])
  func `an unknown preset is an error that lists those there are`(name: String) throws {
    #expect(
      try problems(["LIDARR_METADATA_CONFIG": name]) == [
        "LIDARR_METADATA_CONFIG: \"\(name)\" is not allowed; it must be one of default, development, test, production"
      ])
  }

  @Test func `development says more and believes less`() throws {
    let settings = try load(["LIDARR_METADATA_CONFIG": "development"])
    #expect(settings.debug)
    #expect(settings.logLevel == .debug)
    #expect(settings.ttl.standard == 300)
    #expect(settings.rateLimit.limiter == .none)
  }

  @Test func `test keeps its documents in memory and out of the way`() throws {
    let settings = try load(["LIDARR_METADATA_CONFIG": "test"])
    #expect(!settings.debug)
    #expect(settings.cache.namespace == "test")
    #expect(settings.cache.durable.url?.value == "sqlite:///:memory:")
    #expect(settings.ttl.standard == 60)
    #expect(settings.fanart.apiKey == nil)
  }

  @Test func `production limits its requests and believes longer`() throws {
    let settings = try load(["LIDARR_METADATA_CONFIG": "production"])
    #expect(settings.rateLimit.limiter == .memcached)
    #expect(settings.ttl.standard == 30 * 86400)
    #expect(settings.sentry.environment == "production")
    #expect(!settings.debug)
  }

  @Test func `what is set wins over the preset, and the preset over the default`() throws {
    let settings = try load(["LIDARR_METADATA_CONFIG": "test", "CACHE__NAMESPACE": "mine"])
    #expect(settings.cache.namespace == "mine")
    #expect(settings.line("CACHE__NAMESPACE") == "CACHE__NAMESPACE = mine  # env CACHE__NAMESPACE")
    #expect(settings.line("CACHE__DEFAULT_TTL") == "CACHE__DEFAULT_TTL = 60  # preset test")
    #expect(settings.line("PORT") == "PORT = 5001  # default")
  }

  @Test func `one batch size serves artists and albums that have none of their own`() throws {
    #expect(try load().crawler.artistBatchSize == 100)
    let crawler = try load(["CRAWLER_BATCH_SIZE": "20", "CRAWLER_BATCH_SIZE__album": "30"]).crawler
    #expect(crawler.artistBatchSize == 20)
    #expect(crawler.albumBatchSize == 30)
    #expect(crawler.fanartBatchSize == 500)
  }

  @Test func `LOG_LEVEL wins over what DEBUG asks for`() throws {
    #expect(try load(["DEBUG": "yes"]).logLevel == .debug)
    #expect(try load(["DEBUG": "yes", "LOG_LEVEL": "Error"]).logLevel == .error)
  }
}
