internal import Cache
@preconcurrency internal import Glibc
internal import Logging
internal import Metadata
internal import Observe
internal import Postgres
internal import Search
internal import Settings

/// What the settings mean for the parts of the server.
extension Application {
  /// Whether the durable cache is in PostgreSQL.
  static func hasDurableDatabase(_ settings: Settings) -> Bool { PostgresOptions(settings.cache) != nil }

  /// Where the search index is: in the durable cache, or where that is not in PostgreSQL, beside MusicBrainz.
  static func searchIndexOptions(_ settings: Settings) -> PostgresOptions {
    PostgresOptions(settings.cache) ?? PostgresOptions(settings.database)
  }

  /// The MusicBrainz database for commands that take their time.
  static func longOptions(_ settings: Settings) -> PostgresOptions {
    var options = PostgresOptions(settings.database)
    options.commandTimeoutMilliseconds = 3_600_000
    return options
  }

  static func loadSettings(_ options: CommonOptions) throws -> Settings {
    try loadSettings(file: options.configurationFile)
  }

  static func loadSettings(file: String? = nil) throws -> Settings {
    do {
      return try Settings.load(environment: environment, file: file)
    } catch {
      throw CommandFailure(error.description)
    }
  }

  static func logger(_ settings: Settings, _ name: String) -> Logger { log(settings).logger(name) }

  static var environment: [String: String] {
    var values: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text)
      if let equals = pair.firstIndex(of: "=") {
        values[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
      }
      entry += 1
    }
    return values
  }
}

extension SearchCatalog.Options {
  init(_ settings: Settings) {
    self.init()
    seconds = Int64(settings.ttl.standard)
    emptySeconds = min(seconds, emptySeconds)
  }
}

extension Catalog.Options {
  init(_ settings: Settings) {
    self.init()
    documentSeconds = Int64(settings.ttl.response)
    notFoundSeconds = Int64(settings.ttl.notFound)
    incompleteSeconds = Int64(settings.ttl.providerError)
    let withdrawn = settings.releaseStatusWithdrawn
    vocabulary = Vocabulary(
      missingStatus: settings.releaseStatusDefault, otherStatus: withdrawn == "unchanged" ? nil : withdrawn,
      missingFormat: settings.mediumFormatDefault)
    aliasLocales = settings.aliasLocales
    answersReleases = settings.answersReleases
    listSeconds = Int64(settings.ttl.standard)
    emptyListSeconds = min(listSeconds, emptyListSeconds)
    imageCacheHost = settings.imageCacheHost
    imageArchive = settings.coverArtArchive.baseURL
    albumlessArtists = Set(settings.specialPurposeArtists)
  }
}

extension PostgresOptions {
  /// Where the durable tier is; nil when there is none.
  init?(_ cache: Settings.Cache) {
    let durable = cache.durable
    guard cache.isEnabled, durable.url != nil || durable.host != nil else { return nil }
    guard var options = PostgresOptions(url: durable.url?.value ?? "postgresql:///lm_cache_db") else { return nil }
    if let host = durable.host { options.hosts = [host] }
    if let port = durable.port { options.ports = [port] }
    if let name = durable.name { options.database = name }
    if let user = durable.user { options.user = user }
    if let password = durable.password { options.password = password.value }
    options.connectTimeoutMilliseconds = 500
    self = options
  }

  init(_ database: Settings.Database) {
    self.init(
      hosts: database.hosts, ports: database.ports, database: database.name, user: database.user,
      password: database.password?.value, targetSessionAttributes: database.targetSessionAttributes.rawValue,
      sslMode: database.sslMode.rawValue, connectTimeoutMilliseconds: database.connectTimeoutMilliseconds,
      commandTimeoutMilliseconds: database.commandTimeoutMilliseconds)
  }
}
