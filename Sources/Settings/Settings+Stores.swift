public import Core

extension Settings {
  /// The MusicBrainz database.
  public struct Database: Sendable, Equatable {
    /// Host names, addresses, or directories that hold a unix socket, in the order in which they are tried.
    public var hosts: [String] = []
    /// One port for all hosts, or one for each.
    public var ports: [Int] = []
    public var name = ""
    /// Nil is not sent: libpq then takes the operating system's user.
    public var user: String?
    public var password: Secret?
    public var sslMode = SSLMode.prefer
    public var targetSessionAttributes = TargetSessionAttributes.any
    public var connectTimeoutMilliseconds = 0
    public var commandTimeoutMilliseconds = 0
  }

  public struct MusicBrainz: Sendable, Equatable {
    public var source = MusicBrainzSource.database
    /// The web service's base URL.
    public var baseURL = ""
    /// A URL or mail address; nil: musicbrainz.org is asked for nothing.
    public var contact: String?
    /// The least time between two requests to the web service, of all processes together.
    public var intervalMilliseconds = 0
    /// Where its exports are.
    public var exportURL = ""
    /// The keys of those who may sign exports; nil: signatures are not looked at.
    public var keyring: String?
    /// From which age on the database's data is too old, in seconds; 0: from none.
    public var replicationMaximumAge = 0
  }

  public struct Search: Sendable, Equatable {
    public var source = SearchSource.automatic
  }

  public struct Solr: Sendable, Equatable {
    /// Nil: there is no Solr.
    public var url: String?
    public var artistCore = ""
    public var albumCore = ""
    public var timeoutMilliseconds = 0
    /// How many hits are asked for.
    public var rows = 0
  }

  public struct Cache: Sendable, Equatable {
    public var isEnabled = false
    /// The prefix of every key in a shared cache.
    public var namespace = ""
    /// Empty: no memcached.
    public var memcachedServers: [MemcachedAddress] = []
    /// The size of the cache that a process keeps to itself without memcached, and while memcached is away.
    public var memoryBytes = 0
    /// How many builds may wait.
    public var queueMaximum = 0
    /// How long something may have waited to be built, in seconds; 0 for any time.
    public var queueMaximumAge = 0
    /// Whether CGI requests leave a process behind that builds.
    public var detachesBuilder = false
    /// How large the store in a SQLite file may grow.
    public var storeBytes = 0
    public var durable = DurableCache()
  }

  /// The cache that survives a restart. Its parts, where given, replace those of the URL.
  public struct DurableCache: Sendable, Equatable {
    /// `postgresql://…`, `sqlite:///path` or `sqlite:///:memory:`; nil: a SQLite file, unless there is a host. It may
    /// hold a password.
    public var url: Secret?
    public var host: String?
    public var port: Int?
    public var name: String?
    public var user: String?
    public var password: Secret?
  }

  /// How long things are believed, in seconds.
  public struct TTL: Sendable, Equatable {
    /// An artist or album document that is complete, and what MusicBrainz said of it.
    public var response = 0
    /// Search results, series, and the album of a release.
    public var standard = 0
    public var changes = 0
    public var chart = 0
    /// What was made while a provider or MusicBrainz was unavailable.
    public var providerError = 0
    public var fanart = 0
    public var theAudioDB = 0
    public var wikipedia = 0
    public var coverArtArchive = 0
    public var spotifyNotFound = 0
    public var notFound = 0
    /// How long a document may still be served after it went stale.
    public var stale = 0
  }

  /// The broker that announces changes.
  public struct RabbitMQ: Sendable, Equatable {
    public var host = ""
    public var port = 0
    public var virtualHost = ""
    /// Nil: nobody connects.
    public var user: String?
    public var password: Secret?
    public var exchange = ""
    public var artistQueue = ""
    public var albumQueue = ""
    /// Where MusicBrainz' triggers announce rows for its search index; nil: it is not looked for.
    public var indexExchange: String?
    /// In seconds; 0 for none.
    public var heartbeat = 0
    public var isEncrypted = false
    /// A file of certificates to trust.
    public var authorities = ""
  }
}
