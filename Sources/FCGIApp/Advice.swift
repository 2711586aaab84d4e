internal import Core

/// What whoever runs the server can do about each kind of trouble, a line each: where to look, and which setting.
enum Advice {
  static let replication =
    "Look at what replicates the database (its log, its timer). REPLICATION_MAX_AGE says from when on this is told."
  static let invalidation =
    "See whether `linernotes listen` or its timer runs, and its log. INVALIDATION_MAX_LAG says from when on this is told."
  static let gap = "Nothing, if the sweep runs (`linernotes crawl`): what is stored is compared with MusicBrainz."
  static let library = "Install the library that is named."
  static let memcached = "See whether memcached runs, and whether MEMCACHED_SERVERS names it."
  static let memcachedInPart =
    "See which of MEMCACHED_SERVERS is down. Take one that stays away out of the setting."
  static let provider =
    "Nothing, if it passes. If it does not: its key, its limit (RATE_LIMIT_REQUESTS__…), the network."
  static let uncredited =
    "Import the table artist_credit anew: what is not listed would be deleted by clients."
  static let dataset = "Write the file anew with `linernotes export`, or unset DATASET."
  static let contact = "Set MUSICBRAINZ__CONTACT to a URL or mail address of yours."

  static func musicBrainz(_ code: SourceError.Code) -> String {
    switch code {
    case .unavailable: "See whether PostgreSQL runs, and DATABASE__HOST, DATABASE__PORT and the network to it."
    case .timedOut, .crowded: "PostgreSQL is there and does not answer: look at its load, locks and disks."
    case .empty: "Wait for the import to end, or run it again; see DATABASE__DATABASE."
    case .failed, .notSetUp:
      "See DATABASE__USER, DATABASE__PASSWORD and DATABASE__DATABASE, and the user's permission to read."
    }
  }

  static let webService = "See whether this machine reaches MUSICBRAINZ__BASE_URL; it is asked again by itself."

  static func postgresStore(_ code: SourceError.Code) -> String {
    switch code {
    case .unavailable: "See whether PostgreSQL runs, and CACHE__POSTGRES_URL (or …_HOST and …_PORT)."
    case .timedOut, .crowded, .empty:
      "PostgreSQL is there and does not answer: look at its load, locks and disks."
    case .failed, .notSetUp:
      "See the user, password and database in CACHE__POSTGRES_URL, and that the user may create tables."
    }
  }

  static let sqliteStore =
    "See who owns the file and its directory, whether the disk is full, and `linernotes store check`."
  static let sqliteNotice = "Give the disk room, or set STORE_MAX_BYTES lower."

  static func search(_ code: SourceError.Code, _ name: String) -> String {
    switch code {
    case .empty: "Run `linernotes search-index`."
    case .unavailable where name == "solr", .timedOut where name == "solr":
      "See whether Solr runs, and SOLR__URL."
    case .unavailable, .timedOut, .crowded:
      "See the database that holds the index: that of CACHE__POSTGRES_URL, or MusicBrainz' own."
    case .failed, .notSetUp: "Read the reason; `linernotes search-index` builds the index anew."
    }
  }
}
