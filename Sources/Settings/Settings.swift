public import Core

/// What the server was told to do: every configured value, typed and checked.
///
/// `Settings.load` is the only way to get one. The values written in these types are placeholders that the loader
/// replaces, one by one, with what ``SettingCatalog`` says; they are not the defaults.
public struct Settings: Sendable, Equatable {
  public var preset = Preset.default
  /// The file that was read beside the environment, if any.
  public var configurationFile: String?

  public var debug = false
  /// What was asked for; nil leaves it to `debug`. See ``logLevel``.
  var requestedLogLevel: LogLevel?
  public var log = Log()
  public var port = 0
  /// A path that all routes also answer under: empty, or with a leading slash and without a trailing one.
  public var applicationRoot = ""
  /// How many processes serve requests, each one at a time.
  public var workers = 0
  /// How long an answer may take to be made.
  public var requestDeadlineMilliseconds = 0
  /// How long a client may wait for what has to be built from the web service.
  public var buildWaitMilliseconds = 0
  /// After how long in one request a process is taken for hung, in seconds; nil: longer than any request may take. 0:
  /// never.
  public var workerTimeoutSeconds: Int?
  /// After how many requests a process is replaced; 0: never.
  public var workerMaximumRequests = 0
  /// With how much memory of its own a process is replaced, in MiB; 0: never.
  public var workerMaximumMegabytes = 0
  /// The sites whose pages may read answers.
  public var corsOrigins: [String] = []
  /// How many requests a client may make each second where no nginx stands in front; 0 for any number.
  public var clientRate = 0
  /// How many requests beyond that a client may make at once.
  public var clientBurst = 0

  /// The hashes of the keys of which one has to be sent to read; empty: everybody may.
  public var readingKeys: [Secret] = []

  /// What a release without a status shows.
  public var releaseStatusDefault = ""
  /// What a release with a status shows that no client can allow; `unchanged`: its own.
  public var releaseStatusWithdrawn = ""
  /// What a medium without a format shows.
  public var mediumFormatDefault = ""
  /// The locales in which artists are named, the preferred one first.
  public var aliasLocales: [String] = []
  /// Whether the id of a release stands for its album.
  public var answersReleases = false
  /// Artists that stand for no artist: they are not found by search and list no albums.
  public var specialPurposeArtists: [MBID] = []

  /// A dataset file to answer from.
  public var dataset: String?

  public var database = Database()
  public var musicBrainz = MusicBrainz()
  public var search = Search()
  public var solr = Solr()
  public var cache = Cache()
  public var ttl = TTL()
  public var rabbitMQ = RabbitMQ()

  public var external = External()
  public var rateLimit = RateLimit()
  public var fanart = Fanart()
  public var theAudioDB = TheAudioDB()
  public var coverArtArchive = CoverArtArchive()
  public var wikipedia = Wikipedia()
  public var spotify = Spotify()
  public var lastFM = LastFM()
  public var charts = Charts()
  /// The host that image URLs are rewritten to; nil leaves them pointing to where the images come from.
  public var imageCacheHost: String?

  public var invalidation = Invalidation()
  public var cloudflare = Cloudflare()
  public var crawler = Crawler()
  /// Who sends it may read the metrics.
  public var metricsKey: Secret?
  public var statsD = StatsD()
  public var sentry = Sentry()

  /// Each key with its value and where that came from, and what the operator should know about them.
  public internal(set) var report = SettingsReport()

  init() {}

  public var logLevel: LogLevel { requestedLogLevel ?? (debug ? .debug : .info) }
}

/// A value that must not show in logs: only `value` gives it away, printing and reflecting do not.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public let value: String

  public init(_ value: String) { self.value = value }

  public var description: String { Masking.mask }
  public var debugDescription: String { Masking.mask }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
