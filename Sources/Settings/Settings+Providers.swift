extension Settings {
  /// What applies to every request to an outside service.
  public struct External: Sendable, Equatable {
    public var timeoutMilliseconds = 0
    public var userAgent = ""
  }

  /// How many requests are sent to each provider in `windowMilliseconds`.
  public struct RateLimit: Sendable, Equatable {
    public var limiter = RateLimiter.none
    public var requests = 0
    public var windowMilliseconds = 0
    /// For single providers; nil leaves it to `requests`.
    public var fanart: Int?
    public var theAudioDB: Int?
    public var wikipedia: Int?
    public var commons: Int?
    public var coverArtArchive: Int?
    public var spotify: Int?
    public var lastFM: Int?
  }

  public struct Fanart: Sendable, Equatable {
    /// Nil: fanart.tv is not asked. So it is with every provider's key.
    public var apiKey: Secret?
    /// A user's own key, for which changes appear sooner.
    public var personalKey: Secret?
    public var baseURL = ""
    /// How long fanart.tv holds a picture back from our kind of key, in seconds; nil for what is usual.
    public var publicationDelay: Int?
  }

  public struct TheAudioDB: Sendable, Equatable {
    public var apiKey: Secret?
    public var baseURL = ""
    /// How many connections a process opens at once.
    public var connections = 0
  }

  public struct CoverArtArchive: Sendable, Equatable {
    /// Where clients are sent for pictures.
    public var baseURL = ""
    /// Where this server asks what images there are; nil: nowhere.
    public var apiURL: String?
  }

  public struct Wikipedia: Sendable, Equatable {
    public var timeoutMilliseconds = 0
    public var maximumConnectionsPerHost = 0
    /// The languages an overview is taken from, the preferred one first.
    public var languages: [String] = []
    /// `{language}` stands for one of `languages`.
    public var baseURL = ""
    public var wikidataURL = ""
    public var commonsURL = ""
  }

  public struct Spotify: Sendable, Equatable {
    public var clientID: String?
    public var clientSecret: Secret?
    public var redirectURL: String?
    public var baseURL = ""
    public var tokenURL = ""
    /// Hosts, beside those of private networks, that users may be sent back to with their tokens; `*` stands for all.
    public var stateHosts: [String] = []
    /// How alike two titles, and two artists' names, must be to count as the same, from 0 to 1.
    public var minimumMatchRatio = 0.0
  }

  public struct LastFM: Sendable, Equatable {
    public var apiKey: Secret?
    public var baseURL = ""
  }

  public struct Charts: Sendable, Equatable {
    public var appleURL = ""
    public var billboardURL = ""
  }
}
