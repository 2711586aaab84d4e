import Testing

@testable import Settings

@Suite struct NameTests {
  @Test(arguments: [
    "DATABASE__HOST", "DEFAULTCONFIG_DATABASE__HOST", "DEFAULTCONFIG_DATABASE__host", "DATABASE__host",
    "PRODUCTIONCONFIG_DATABASE__HOST", "PROVIDERS__MUSICBRAINZDBPROVIDER__1__DB_HOST",
    "DEFAULTCONFIG_PROVIDERS__MUSICBRAINZDBPROVIDER__1__DB_HOST",
  ])
  func `a key may have any of its names in the environment`(name: String) throws {
    let settings = try load(["LIDARR_METADATA_CONFIG": "production", name: "musicbrainz-db"])
    #expect(settings.database.hosts == ["musicbrainz-db"])
    #expect(settings.line("DATABASE__HOST") == "DATABASE__HOST = musicbrainz-db  # env \(name)")
    #expect(settings.report.notices.isEmpty)
  }

  /// The more specific first.
  static let ranked = [
    "PRODUCTIONCONFIG_PORT", "PRODUCTIONCONFIG_HTTP_PORT", "DEFAULTCONFIG_PORT", "DEFAULTCONFIG_HTTP_PORT", "PORT",
    "HTTP_PORT",
  ]

  @Test(arguments: zip(ranked, ranked.dropFirst()))
  func `of two names that disagree the more specific wins, and both are told`(winner: String, loser: String) throws {
    let settings = try load(["LIDARR_METADATA_CONFIG": "production", winner: "8080", loser: "9000"])
    #expect(settings.port == 8080)
    #expect(settings.report.notices == ["PORT: \(winner) (\"8080\") is used, not \(loser) (\"9000\")."])
  }

  @Test func `two names that agree are nothing to tell`() throws {
    #expect(try load(["PORT": "8080", "HTTP_PORT": " 8080"]).report.notices.isEmpty)
  }

  @Test func `secrets that disagree are told without being shown`() throws {
    let settings = try load(["FANART_API_KEY": "hunter2", "FANART_KEY": "hunter3"])
    #expect(settings.fanart.apiKey?.value == "hunter2")
    #expect(
      settings.report.notices == ["FANART_API_KEY: FANART_API_KEY (********) is used, not FANART_KEY (********)."])
  }

  @Test func `a name for another preset has no effect and is told`() throws {
    let settings = try load(["LIDARR_METADATA_CONFIG": "production", "TESTCONFIG_PORT": "8080"])
    #expect(settings.port == 5001)
    #expect(
      settings.report.notices == ["TESTCONFIG_PORT has no effect: it is for the preset test, this is production."])
  }

  @Test func `a name in lower case is somebody else's`() throws {
    let settings = try load(["workers": "nonsense", "port": "nonsense"])
    #expect(settings.workers == 8)
    #expect(settings.report.notices.isEmpty)
  }

  @Test(arguments: [
    ("DEFAULTCONFIG_PROT", "PORT"), ("DATABASE__HOTS", "DATABASE__HOST"), ("PRODUCTIONCONFIG_WORKER", "WORKERS"),
    ("CACHE_TTL__fanarts", "CACHE_TTL__FANART"), ("SPOTIFY_CLIENT_IDENT", "SPOTIFY_CLIENT_ID"),
    ("DATABASE__HOST_FILE", "DATABASE__HOST"),
  ])
  func `a name that looks like ours and is not known is told, with the nearest`(name: String, nearest: String) throws {
    #expect(try load([name: "x"]).report.notices == ["\(name) is not known; the nearest key is \(nearest)."])
  }

  @Test(arguments: ["PATH", "HOME", "HTTP_PROXY", "SENTRY_AUTH_TOKEN", "LOG_STYLE", "GATEWAY_INTERFACE"])
  func `other programs' names are none of our business`(name: String) throws {
    #expect(try load([name: "x"]).report.notices.isEmpty)
  }

  @Test func `as CGI, a client's headers set nothing`() throws {
    #expect(try load(["GATEWAY_INTERFACE": "CGI/1.1", "HTTP_PORT": "1"]).port == 5001)
    #expect(try load(["GATEWAY_INTERFACE": "CGI/1.1", "PORT": "2"]).port == 2)
  }

  @Test(arguments: [
    ("CACHE__REDIS_URL", "MEMCACHED_SERVERS"), ("REDIS_HOST", "MEMCACHED_SERVERS"), ("REDIS_PORT", "MEMCACHED_SERVERS"),
    ("CACHE_CONFIG__default__endpoint", "MEMCACHED_SERVERS"), ("CACHE_CONFIG__DEFAULT__PORT", "MEMCACHED_SERVERS"),
    ("EXTERNAL_LIMIT_REDIS_HOST", "MEMCACHED_SERVERS"), ("SENTRY_REDIS_HOST", "SENTRY_TTL"),
    ("CACHE__MAX_MEMORY", "STORE_MAX_BYTES"), ("DEFAULTCONFIG_CACHE__REDIS_URL", "MEMCACHED_SERVERS"),
    ("DATABASE__MAX_POOL_SIZE", "WORKERS"), ("CACHE_CONFIG__fanart__db_table", "CACHE__POSTGRES_URL"),
  ])
  func `a name without effect is answered with what replaces it, not with its value`(name: String, instead: String)
    throws
  {
    let notices = try load([name: "redis://user:hunter2@redis:6379/0"]).report.notices
    #expect(notices.count == 1)
    #expect(notices.first?.hasPrefix("\(name) has no effect. ") == true)
    #expect(notices.first?.contains(instead) == true)
    #expect(notices.first?.contains("hunter2") == false)
  }

  @Test(arguments: ["RATE_LIMITER", "EXTERNAL_LIMIT_CLASS"], ["redis", "RedisRateLimiter"])
  func `a limiter in Redis is one in memcached`(name: String, text: String) throws {
    let settings = try load([name: text])
    #expect(settings.rateLimit.limiter == .memcached)
    #expect(settings.report.notices.count == 1)
    #expect(settings.report.notices.first?.hasSuffix("\"\(text)\" is read as memcached.") == true)
  }

  @Test func `the original's milliseconds become the key's seconds`() throws {
    #expect(try load(["EXTERNAL_LIMIT_TIME_DELTA": "1500"]).rateLimit.windowMilliseconds == 1500)
    #expect(try load(["RATE_LIMIT_WINDOW": "1.5"]).rateLimit.windowMilliseconds == 1500)
    let problems = try problems(["EXTERNAL_LIMIT_TIME_DELTA": "0"])
    #expect(
      problems == [
        "EXTERNAL_LIMIT_TIME_DELTA (RATE_LIMIT_WINDOW): \"0\" is not allowed; "
          + "it must be, in milliseconds, a number of seconds from 0.001 to 86400"
      ])
  }
}
