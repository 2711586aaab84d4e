import Testing

@testable import Settings

@Suite struct FileTests {
  @Test(arguments: [
    "database:\n  host: db\n  port: 5433\n", "DATABASE:\n  HOST: db\n  PORT: 5433\n",
    "DATABASE__HOST: db\nDATABASE__PORT: 5433\n", "database__host: db\nDatabase: {Port: 5433}\n",
    "DEFAULTCONFIG_DATABASE__HOST: db\ndefaultconfig_database: {port: 5433}\n",
    "providers:\n  musicbrainzdbprovider:\n    1: {db_host: db, db_port: 5433}\n",
    "{\"database\": {\"host\": \"db\", \"port\": 5433}}",
  ])
  func `a file has the same names, nested or not, in any case`(content: String) throws {
    try withFile(content) { path in
      let settings = try load(file: path)
      #expect(settings.database.hosts == ["db"])
      #expect(settings.database.ports == [5433])
      #expect(settings.line("DATABASE__HOST") == "DATABASE__HOST = db  # file \(path)")
      #expect(settings.line("CONFIG_FILE") == "CONFIG_FILE = \(path)  # argument")
      #expect(settings.report.notices.isEmpty)
    }
  }

  @Test func `JSON says the same as YAML`() throws {
    let json = """
      {"database": {"host": ["a", "b"], "port": [1, 2]}, "USE_CACHE": false, "debug": true, "workers": 3,
       "spotify_match_min_ratio": 0.5, "SOLR__TIMEOUT": 1.5, "memcached_servers": [], "rate_limiter": null}
      """
    let yaml = """
      database: {host: [a, b], port: [1, 2]}
      USE_CACHE: no
      debug: Yes
      workers: 3
      spotify_match_min_ratio: 0.5
      SOLR__TIMEOUT: 1.5
      memcached_servers: []
      rate_limiter: null
      """
    var fromJSON = try withFile(json, named: "settings.json") { try load(file: $0) }
    let fromYAML = try withFile(yaml) { try load(file: $0) }
    #expect(fromJSON.database.hosts == ["a", "b"])
    #expect(fromJSON.database.ports == [1, 2])
    #expect(!fromJSON.cache.isEnabled)
    #expect(fromJSON.debug)
    #expect(fromJSON.workers == 3)
    #expect(fromJSON.spotify.minimumMatchRatio == 0.5)
    #expect(fromJSON.solr.timeoutMilliseconds == 1500)
    #expect(fromJSON.cache.memcachedServers.isEmpty)
    fromJSON.report = fromYAML.report
    fromJSON.configurationFile = fromYAML.configurationFile
    #expect(fromJSON == fromYAML)
  }

  @Test func `the environment wins over the file, and the file over the preset`() throws {
    try withFile("port: 1\nworkers: 2\nlidarr_metadata_config: production\nrate_limiter: simple\n") { path in
      let settings = try load(["CONFIG_FILE": path, "HTTP_PORT": "3"])
      #expect(settings.port == 3)
      #expect(settings.workers == 2)
      #expect(settings.preset == .production)
      #expect(settings.rateLimit.limiter == .simple)
      #expect(settings.sentry.environment == "production")
      #expect(settings.line("CONFIG_FILE") == "CONFIG_FILE = \(path)  # env CONFIG_FILE")
      #expect(settings.report.notices.isEmpty)
    }
  }

  @Test func `the argument wins over CONFIG_FILE, and both are told`() throws {
    try withFile("port: 1") { path in
      let settings = try load(["CONFIG_FILE": "/nonexistent.yaml"], file: path)
      #expect(settings.port == 1)
      #expect(settings.configurationFile == path)
      #expect(
        settings.report.notices == [
          "CONFIG_FILE: the argument (\"\(path)\") is used, not CONFIG_FILE (\"/nonexistent.yaml\")."
        ])
    }
  }

  @Test func `a file cannot name another`() throws {
    try withFile("config_file: /nonexistent.yaml") { path in
      let settings = try load(file: path)
      #expect(settings.configurationFile == path)
      #expect(
        settings.report.notices == [
          "config_file in \(path) has no effect: a configuration file cannot name another."
        ])
    }
  }

  @Test func `a file that is not there is an error that names it, beside the other errors`() throws {
    #expect(
      try problems(["CONFIG_FILE": "/nonexistent.yaml", "DEBUG": "x"]) == [
        "/nonexistent.yaml: cannot read this configuration file: No such file or directory",
        "DEBUG: \"x\" is not allowed; it must be true, 1 or yes, or false, 0 or no",
      ])
    #expect(try problems([:], file: "/") == ["/: cannot read this configuration file: Is a directory"])
  }

  @Test(arguments: [
    ("settings.yaml", "database:\n  password: hunter2\n :x: [\n"), ("settings.yaml", "- a\n- b\n"),
    ("settings.yaml", "just hunter2"), ("settings.yaml", "port: 1\nport: 2\n"), ("settings.yaml", "a: [{b: hunter2}]"),
    ("settings.yaml", "password: \"hunter2"), ("settings.json", "{\"password\": \"hunter2\",,}"),
    ("settings.json", "[\"hunter2\"]"), ("settings.json", "port: 1"), ("settings.json", ""),
    ("settings.json", "{\"fanart_api_key\": \"hunter2\" \"a\": 1}"),
  ])
  func `a broken file is an error that names it and does not quote it`(name: String, content: String) throws {
    try withFile(content, named: name) { path in
      let problems = try problems([:], file: path)
      #expect(problems.count == 1)
      let problem = try #require(problems.first)
      #expect(problem.hasPrefix("\(path): this configuration file is broken: "))
      #expect(problem.count > path.count + 40)
      #expect(!problem.contains("hunter2") && !problem.contains("\n"))
    }
  }

  @Test(arguments: ["", "\n", "# port: 1\n  # all commented out\n", "---\n"])
  func `a file without content sets nothing`(content: String) throws {
    try withFile(content) { path in
      let settings = try load(file: path)
      #expect(settings.port == 5001)
    }
  }

  @Test(arguments: ["workers:\n", "workers: ~\n", "workers: null\n"])
  func `null in a file says nothing`(content: String) throws {
    try withFile(content) { path in
      let settings = try load(file: path)
      #expect(settings.line("WORKERS") == "WORKERS = 8  # default")
    }
  }

  @Test func `a bad value in a file names the file`() throws {
    try withFile("cache_ttl:\n  fanart: long\n") { path in
      let problems = try problems([:], file: path)
      #expect(
        problems == [
          "cache_ttl.fanart in \(path) (CACHE_TTL__FANART): \"long\" is not allowed; "
            + "it must be a whole number from 0 to 315360000"
        ])
    }
  }

  @Test func `any name in a file that is not known is told, with the nearest`() throws {
    try withFile("databse:\n  host: db\nsolar: {url: x}\n") { path in
      let notices = try load(file: path).report.notices
      #expect(
        notices == [
          "databse.host in \(path) is not known; the nearest key is DATABASE__HOST.",
          "solar.url in \(path) is not known; the nearest key is SOLR__URL.",
        ])
    }
  }

  @Test func `a secret in a file may be a file's path, too`() throws {
    try withFile("hunter2\n", named: "secret") { secret in
      try withFile("fanart_api_key_file: \(secret)\n") { path in
        let settings = try load(file: path)
        #expect(settings.fanart.apiKey?.value == "hunter2")
      }
    }
  }

  @Test func `two names in one file that disagree are told`() throws {
    try withFile("port: 1\nhttp_port: 2\nPORT: 3\n") { path in
      let settings = try load(file: path)
      #expect(settings.port == 3)
      #expect(settings.report.notices.count == 2)
    }
  }
}
