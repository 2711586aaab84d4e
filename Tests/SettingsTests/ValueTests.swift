import Core
import Testing

@testable import Settings

@Suite struct ValueTests {
  @Test(arguments: ["true", "1", "yes", "TRUE", "Yes", " true "])
  func `these words are true`(word: String) throws {
    #expect(try load(["REFRESH_REQUIRES_KEY": word]).invalidation.refreshRequiresKey)
  }

  @Test(arguments: ["false", "0", "no", "FALSE", "No"])
  func `these words are false`(word: String) throws {
    #expect(try !load(["USE_CACHE": word]).cache.isEnabled)
  }

  @Test(arguments: ["on", "off", "2", "ja", "t", "-", "truefalse"])
  func `any other word is no boolean`(word: String) throws {
    #expect(
      try problems(["DEFAULTCONFIG_DEBUG": word]) == [
        "DEFAULTCONFIG_DEBUG (DEBUG): \"\(word)\" is not allowed; it must be true, 1 or yes, or false, 0 or no"
      ])
  }

  @Test(arguments: [
    ("PORT", "5001x", "a whole number from 1 to 65535"), ("PORT", "0", "a whole number from 1 to 65535"),
    ("PORT", "65536", "a whole number from 1 to 65535"), ("PORT", "3.5", "a whole number from 1 to 65535"),
    ("WORKERS", "0", "a whole number from 1 to 1024"), ("WORKERS", "1025", "a whole number from 1 to 1024"),
    ("WORKERS", "99999999999999999999", "a whole number from 1 to 1024"),
    ("SPOTIFY_MATCH_MIN_RATIO", "1.1", "a number from 0 to 1"),
    ("SPOTIFY_MATCH_MIN_RATIO", "nan", "a number from 0 to 1"),
    ("DATABASE__COMMAND_TIMEOUT", "0", "a number of seconds from 0.001 to 3600"),
    ("DATABASE__SSLMODE", "maybe", "one of disable, allow, prefer, require, verify-ca, verify-full"),
    (
      "DATABASE__TARGET_SESSION_ATTRS", "rw", "one of any, read-write, read-only, primary, standby, prefer-standby"
    ),
    ("DATABASE__HOST", "db one", "host names, addresses or socket directories (beginning with /), separated by commas"),
    ("DATABASE__HOST", "a,,b", "host names, addresses or socket directories (beginning with /), separated by commas"),
    ("DATABASE__PORT", "5432,x", "a port from 1 to 65535, or one for each host, separated by commas"),
    ("DATABASE__PORT", "0", "a port from 1 to 65535, or one for each host, separated by commas"),
    ("RATE_LIMITER", "none", "one of null, simple, memcached"),
    ("LOG_LEVEL", "loud", "one of trace, debug, info, notice, warning, error, critical"),
    ("RELEASE_STATUS_DEFAULT", "Expired", "one of Official, Promotion, Bootleg, Pseudo-Release"),
    ("RELEASE_STATUS_DEFAULT", "Withdrawn", "one of Official, Promotion, Bootleg, Pseudo-Release"),
    ("RELEASE_STATUS_DEFAULT", "Cancelled", "one of Official, Promotion, Bootleg, Pseudo-Release"),
    ("RELEASE_STATUS_WITHDRAWN", "Expunged", "one of Official, Promotion, Bootleg, Pseudo-Release, unchanged"),
    ("ALIAS_LOCALES", "ja,,en", "MusicBrainz locales such as ja or en_GB, separated by commas"),
    ("ALIAS_LOCALES", "日本語", "MusicBrainz locales such as ja or en_GB, separated by commas"),
    ("MEMCACHED_SERVERS", "localhost:", "a list of /path.sock or host:port, separated by commas"),
    ("MEMCACHED_SERVERS", "a:1,,b:2", "a list of /path.sock or host:port, separated by commas"),
    ("MEMCACHED_SERVERS", "a:0", "a list of /path.sock or host:port, separated by commas"),
    ("BLACKLISTED_ARTISTS", "Bach", "MusicBrainz ids (UUIDs), separated by commas or colons"),
    ("SOLR__URL", "solr:8983", "a URL that begins with http:// or https://"),
    ("SOLR__URL", "http://", "a URL that begins with http:// or https://"),
    ("CORS_ORIGINS", "https://a.example/path", "* or origins such as https://example.org, separated by commas"),
    (
      "IMAGE_CACHE_HOST", "https://images.example/",
      "a host name with or without a port, and with or without http:// or "
        + "https:// before it"
    ),
    (
      "IMAGE_CACHE_HOST", "ftp://images.example",
      "a host name with or without a port, and with or without http:// or "
        + "https:// before it"
    ),
    ("STATSD_HOST", "telegraf:8125", "a host name or address, without scheme, port or path"),
    ("APPLICATION_ROOT", "/api?x", "a path such as /api/v0.4"),
    ("APPLICATION_ROOT", "/api%\u{301}x", "a path such as /api/v0.4"),
    (
      "CACHE__POSTGRES_URL", "mysql://db",
      "a URL that begins with postgresql:// or postgres://, with no other parameter than sslmode, or sqlite:///path or "
        + "sqlite:///:memory:"
    ),
  ])
  func `a bad value names key, value and what is allowed`(key: String, text: String, allowed: String) throws {
    #expect(try problems([key: text]) == ["\(key): \"\(text)\" is not allowed; it must be \(allowed)"])
  }

  @Test func `one of several words may be in any case`() throws {
    #expect(try load(["RELEASE_STATUS_DEFAULT": "pseudo-release"]).releaseStatusDefault == "Pseudo-Release")
    #expect(try load(["DATABASE__SSLMODE": "Verify-Full"]).database.sslMode == .verifyFull)
  }

  @Test func `a bad value is named as it was spelled, with the canonical name`() throws {
    #expect(
      try problems(["PROVIDERS__MUSICBRAINZDBPROVIDER__1__DB_PORT": "abc"]) == [
        "PROVIDERS__MUSICBRAINZDBPROVIDER__1__DB_PORT (DATABASE__PORT): \"abc\" is not allowed; "
          + "it must be a port from 1 to 65535, or one for each host, separated by commas"
      ])
  }

  @Test func `all bad values are told at once, in the order of their names`() throws {
    let problems = try problems(["WORKERS": "many", "PORT": "x", "DEBUG": "perhaps", "LIDARR_METADATA_CONFIG": "y"])
    #expect(problems.map { $0.prefix { $0 != ":" } } == ["DEBUG", "LIDARR_METADATA_CONFIG", "PORT", "WORKERS"])
    #expect(SettingsError(problems).description.split(separator: "\n").count == 4)
  }

  @Test func `a bad value is an error even if a better name wins`() throws {
    #expect(try problems(["PORT": "8080", "HTTP_PORT": "x"]).count == 1)
  }

  @Test func `a bad value stays on one line`() throws {
    let problem = try #require(try problems(["PORT": "1\n2\u{2028}3\u{1b}[2J"]).first)
    #expect(problem.hasPrefix(#"PORT: "1\u{a}2\u{2028}3\u{1b}[2J" is not allowed"#))
  }

  @Test(arguments: ["PORT", "DEBUG", "DATABASE__HOST", "RATE_LIMITER", "FANART_API_KEY", "MEDIUM_FORMAT_DEFAULT"])
  func `an empty value counts as none`(key: String) throws {
    let settings = try load([key: ""])
    #expect(settings.line(key)?.hasSuffix("  # default") == true)
    #expect(settings.report == (try load().report))
  }

  @Test func `an empty value means none where the table says so`() throws {
    let settings = try load([
      "MEMCACHED_SERVERS": "", "SOLR__URL": " ", "CACHE__POSTGRES_URL": "", "BLACKLISTED_ARTISTS": "",
    ])
    #expect(settings.cache.memcachedServers.isEmpty)
    #expect(settings.solr.url == nil)
    #expect(settings.cache.durable.url == nil)
    #expect(settings.specialPurposeArtists.isEmpty)
    #expect(settings.line("MEMCACHED_SERVERS") == "MEMCACHED_SERVERS = (unset)  # env MEMCACHED_SERVERS")
  }

  @Test func `memcached servers are sockets, names and addresses`() throws {
    let servers = try load(["MEMCACHED_SERVERS": "/run/memcached.sock, mc1:11211,[::1]:11212"]).cache.memcachedServers
    #expect(
      servers == [.socket(path: "/run/memcached.sock"), .host("mc1", port: 11211), .host("::1", port: 11212)])
  }

  @Test func `database hosts may be several, addresses, or a socket's directory`() throws {
    let several = try load(["DATABASE__HOST": "db1, db2,::1", "DATABASE__PORT": "5432,5433,5434"]).database
    #expect(several.hosts == ["db1", "db2", "::1"])
    #expect(several.ports == [5432, 5433, 5434])
    #expect(try load(["DATABASE__HOST": "/var/run/postgresql"]).database.hosts == ["/var/run/postgresql"])
  }

  @Test func `one port serves all hosts, but two ports do not serve three`() throws {
    #expect(try load(["DATABASE__HOST": "a,b,c"]).database.ports == [5432])
    #expect(
      try problems(["DATABASE__HOST": "a,b,c", "DATABASE__PORT": "1,2"]) == [
        "DATABASE__PORT: there are 2 ports for 3 hosts; it must be one port for all hosts of DATABASE__HOST, or one for each"
      ])
  }

  @Test(arguments: [("/", ""), ("", ""), ("/api/v0.4", "/api/v0.4"), ("api/v0.4/", "/api/v0.4"), ("//a//b/", "/a/b")])
  func `the root path takes one form`(text: String, root: String) throws {
    #expect(try load(["ROOT_PATH": text]).applicationRoot == root)
  }

  @Test(arguments: [",", ":", ", "])
  func `artists are separated by commas or, as in the original, by colons`(separator: String) throws {
    let ids = ["89ad4ac3-39f7-470e-963a-56509c546377", "125ec42a-7229-4250-afc5-e057484327fe"]
    let settings = try load(["BLACKLISTED_ARTISTS": ids.joined(separator: separator)])
    #expect(settings.specialPurposeArtists.map(\.description) == ids)
  }

  @Test(arguments: [
    "theaudiodb.com", "www.theaudiodb.com", "r2.TheAudioDB.com:443", "coverartarchive.org", "assets.fanart.tv",
    "upload.wikimedia.org", "archive.org.", "https://assets.fanart.tv:443",
  ])
  func `a provider's own host is no image cache: a notice says so, and images keep their addresses`(
    host: String
  ) throws {
    let settings = try load(["IMAGE_CACHE_HOST": host])
    #expect(settings.imageCacheHost == nil)
    #expect(settings.report.notices.count == 1)
    #expect(settings.report.notices.first?.hasPrefix("IMAGE_CACHE_HOST: \(host) is a provider's own host") == true)
  }

  @Test(arguments: [
    "images.example", "imagecache.example.org:8080", "mytheaudiodb.com", "fanart.tv.example", "http://127.0.0.1:5001",
    "https://images.example",
  ])
  func `any other host is one`(host: String) throws {
    let settings = try load(["IMAGE_CACHE_HOST": host])
    #expect(settings.imageCacheHost == host)
    #expect(settings.report.notices.isEmpty)
  }

  @Test func `locales and what withdrawn releases show are read, and off by default`() throws {
    let plain = try load()
    #expect(plain.aliasLocales.isEmpty)
    #expect(!plain.answersReleases)
    #expect(plain.releaseStatusWithdrawn == "Official")
    let settings = try load([
      "ALIAS_LOCALES": "ja, en_GB,zh_Hans", "ALBUM_BY_RELEASE": "true", "RELEASE_STATUS_WITHDRAWN": "Unchanged",
    ])
    #expect(settings.aliasLocales == ["ja", "en_GB", "zh_Hans"])
    #expect(settings.answersReleases)
    #expect(settings.releaseStatusWithdrawn == "unchanged")
  }
}
