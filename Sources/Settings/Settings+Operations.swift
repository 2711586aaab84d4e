extension Settings {
  public struct Invalidation: Sendable, Equatable {
    /// Nil: nobody may invalidate.
    public var apiKey: Secret?
    /// Whether the refresh routes ask for the key, too.
    public var refreshRequiresKey = false
    /// How long a run that has been killed keeps out others, in seconds.
    public var lease = 0
    /// How far invalidation may be behind, in seconds; 0 for any time.
    public var maximumLag = 0
  }

  /// The shared cache in front of the server, which is told of every change.
  public struct Cloudflare: Sendable, Equatable {
    public var zoneID: String?
    public var apiToken: Secret?
    public var authEmail: String?
    public var authKey: Secret?
    /// What the server's own URLs begin with, as Cloudflare knows them.
    public var urlBase: String?
    public var apiURL = ""
    /// How many URLs are purged with one request.
    public var batchSize = 0
    public var method = CloudflarePurge.automatic
    /// How many requests by prefix are made a minute.
    public var prefixRequests = 0
  }

  public struct Crawler: Sendable, Equatable {
    /// Seconds between two invalidations.
    public var interval = 0
    public var invalidateOnly = false
    /// How many documents are refreshed together, where their kind has no number of its own.
    public var batchSize = 0
    /// Nil leaves it to `batchSize`. See ``artistBatchSize``.
    var requestedArtistBatchSize: Int?
    var requestedAlbumBatchSize: Int?
    public var fanartBatchSize = 0
    public var theAudioDBBatchSize = 0
    public var wikipediaBatchSize = 0
    /// How many days a comparison of all that is kept with MusicBrainz takes.
    public var sweepDays = 0

    public var artistBatchSize: Int { requestedArtistBatchSize ?? batchSize }
    public var albumBatchSize: Int { requestedAlbumBatchSize ?? batchSize }
  }

  public struct StatsD: Sendable, Equatable {
    public var isEnabled = false
    /// Nil: no statistics are sent.
    public var host: String?
    public var port = 0
    public var prefix = ""
  }

  public struct Sentry: Sendable, Equatable {
    /// Nil: nothing is reported.
    public var dsn: Secret?
    public var environment = ""
    /// The same error is reported once in so many seconds.
    public var minimumInterval = 0
    /// How many of all errors are reported, from 0 to 1.
    public var sampleRate = 0.0
  }

  public struct Log: Sendable, Equatable {
    public var format = LogFormat.text
    public var target = LogTarget.standardError
    /// Where `target` is the file.
    public var file: String?
    public var systemSocket = ""
    /// Of single modules, each with those below it.
    public var levels: [LogModuleLevel] = []
    /// A request that takes so long is logged; 0: none.
    public var slowMilliseconds = 0
  }
}
