extension SettingCatalog {
  static let search = SettingSection(
    title: "Search",
    keys: [
      SettingKey(
        "SEARCH_SOURCE", \.search.source, .choice, default: "auto",
        "Who answers searches first: the index that `linernotes search-index` builds (`auto` and `database` mean the same), "
          + "Solr, or MusicBrainz' web service. If the index cannot answer, Solr does; behind Solr stands the index, behind "
          + "the web service both."),
      SettingKey(
        "SOLR__URL", \.solr.url, .text(.web), also: ["PROVIDERS__SOLRSEARCHPROVIDER__1__SEARCH_SERVER"],
        empty: "no Solr",
        "The Solr server, such as `http://localhost:8983/solr`."),
      SettingKey("SOLR__ARTIST_CORE", \.solr.artistCore, .text(.word), default: "artist", "Its core of artists."),
      SettingKey("SOLR__ALBUM_CORE", \.solr.albumCore, .text(.word), default: "release-group", "Its core of albums."),
      SettingKey(
        "SOLR__TIMEOUT", \.solr.timeoutMilliseconds, .seconds(0.001...600), default: "5",
        "How long Solr may take to answer, in seconds."),
      SettingKey(
        "SOLR__ROWS", \.solr.rows, .integer(1...1000), default: "10",
        "How many candidates Solr and the web service are asked for: as many as hits are wanted at least, 100 at most."),
      SettingKey(
        "RABBITMQ__HOST", \.rabbitMQ.host, .text(.host), default: "localhost",
        "The RabbitMQ broker that announces changes."),
      SettingKey("RABBITMQ__PORT", \.rabbitMQ.port, .integer(1...65535), default: "5672", "Its port."),
      SettingKey("RABBITMQ__VHOST", \.rabbitMQ.virtualHost, .text(.line), default: "/", "Its virtual host."),
      SettingKey(
        "RABBITMQ__USER", \.rabbitMQ.user, .text(.line), as: .credential,
        "The user to connect as. Unset, nobody connects."),
      SettingKey("RABBITMQ__PASSWORD", \.rabbitMQ.password, .secret(), as: .secret, "The user's password."),
      SettingKey(
        "RABBITMQ__EXCHANGE", \.rabbitMQ.exchange, .text(.word), default: "search.index", "The exchange of changes."),
      SettingKey(
        "RABBITMQ__ARTIST_QUEUE", \.rabbitMQ.artistQueue, .text(.word), default: "search.index.artist",
        "The queue of changed artists."),
      SettingKey(
        "RABBITMQ__ALBUM_QUEUE", \.rabbitMQ.albumQueue, .text(.word), default: "search.index.album",
        "The queue of changed albums."),
      SettingKey(
        "RABBITMQ__INDEX_EXCHANGE", \.rabbitMQ.indexExchange, .text(.word), default: "search",
        empty: "none is looked for",
        "Where MusicBrainz' triggers announce rows for its search index. If it is there, `linernotes listen` has a copy of "
          + "them put into a queue of its own."),
      SettingKey(
        "RABBITMQ__HEARTBEAT", \.rabbitMQ.heartbeat, .integer(0...3600), default: "20",
        "How often both sides show that they live, in seconds; 0 for never. After two without a sign the connection is "
          + "given up."),
      SettingKey(
        "RABBITMQ__TLS", \.rabbitMQ.isEncrypted, .boolean, default: "false",
        "Whether the connection is encrypted, usually on port 5671. The broker's certificate must be of RABBITMQ__HOST."
      ),
      SettingKey(
        "RABBITMQ__CA_FILE", \.rabbitMQ.authorities, .text(.line), default: "/etc/ssl/certs/ca-certificates.crt",
        "The certificates to trust then."),
    ])

  static let outgoing = SettingSection(
    title: "Requests to providers",
    keys: [
      SettingKey(
        "EXTERNAL_TIMEOUT", \.external.timeoutMilliseconds, .integer(1...600_000), default: "250",
        "How long a client waits for pictures and overviews, of all providers together, in milliseconds. A request to "
          + "Spotify or for a chart may take 5 seconds."),
      SettingKey(
        "WIKIPEDIA__USER_AGENT", \.external.userAgent, .text(.line), default: "Linernotes/1.0 (music metadata server)",
        also: ["USER_AGENT"],
        "How the server introduces itself to everybody it asks but MusicBrainz. Wikipedia wants to know how to reach you: "
          + "if this is not given, MUSICBRAINZ__CONTACT goes into the default."),
      SettingKey(
        "RATE_LIMITER", \.rateLimit.limiter, .choice, default: "null",
        presets: [.development: "null", .production: "memcached"],
        also: ["EXTERNAL_LIMIT_CLASS"],
        "Who counts the requests to each provider: nobody, each process for itself, or all of them together: in "
          + "memcached, else in the durable cache. Where there is neither, `memcached` also counts in each process. `redis` "
          + "and the original's class names are understood. Searches in Solr and the web service do not count."),
      SettingKey(
        "RATE_LIMIT_REQUESTS", \.rateLimit.requests, .integer(1...1_000_000), default: "100",
        also: ["EXTERNAL_LIMIT_QUEUE_SIZE"], "How many requests are sent to a provider in RATE_LIMIT_WINDOW."),
      SettingKey(
        "RATE_LIMIT_WINDOW", \.rateLimit.windowMilliseconds, .seconds(0.001...86400), default: "60",
        also: [.milliseconds("EXTERNAL_LIMIT_TIME_DELTA")],
        "The time over which they are counted, in seconds. `simple` counts over a window that slides, `memcached` in "
          + "windows that follow each other."),
      limit("FANART", \.rateLimit.fanart, "fanart.tv"), limit("TADB", \.rateLimit.theAudioDB, "TheAudioDB"),
      limit("WIKIPEDIA", \.rateLimit.wikipedia, "Wikipedia and Wikidata for overviews"),
      limit("COMMONS", \.rateLimit.commons, "Wikimedia Commons and Wikidata for pictures"),
      limit("CAA", \.rateLimit.coverArtArchive, "the Cover Art Archive"),
      limit("SPOTIFY", \.rateLimit.spotify, "Spotify"), limit("LASTFM", \.rateLimit.lastFM, "Last.fm"),
    ])

  private static func limit(_ name: String, _ path: SettingPath<Int?>, _ provider: String) -> SettingKey {
    SettingKey(
      "RATE_LIMIT_REQUESTS__\(name)", path, .integer(1...1_000_000), empty: "as RATE_LIMIT_REQUESTS",
      "How many of them are sent to \(provider).")
  }

  static let providers = SettingSection(
    title: "Providers",
    keys: [
      SettingKey(
        "FANART_API_KEY", \.fanart.apiKey, .secret(.word), also: ["FANART_KEY", "PROVIDERS__FANARTTVPROVIDER__0__0"],
        as: .secret, "fanart.tv's key. Unset, it is not asked."),
      SettingKey(
        "FANART_PERSONAL_KEY", \.fanart.personalKey, .secret(.word), also: ["FANART_CLIENT_KEY"], as: .secret,
        "A personal key, sent beside the other: with it, new pictures appear sooner."),
      base("FANART_BASE_URL", \.fanart.baseURL, "https://webservice.fanart.tv/v3/music", "fanart.tv."),
      SettingKey(
        "FANART_API_DELAY_SECONDS", \.fanart.publicationDelay, .integer(0...31_536_000),
        empty: "691200, and 172800 with FANART_PERSONAL_KEY",
        "How long fanart.tv holds new pictures back from our kind of key, in seconds. Artists that its feed tells of are "
          + "asked for anew after that time."),
      SettingKey(
        "THEAUDIODB_API_KEY", \.theAudioDB.apiKey, .secret(.word),
        also: ["TADB_KEY", "PROVIDERS__THEAUDIODBPROVIDER__0__0"], as: .secret,
        "TheAudioDB's key. Unset, it is not asked. Its public test key is no default."),
      base("THEAUDIODB_BASE_URL", \.theAudioDB.baseURL, "https://www.theaudiodb.com/api/v1/json", "TheAudioDB."),
      SettingKey(
        "THEAUDIODB_CONNECTIONS", \.theAudioDB.connections, .integer(1...1000), default: "5",
        also: ["TADB_CONNECTIONS"],
        "How many connections a process opens to TheAudioDB."),
      base(
        "COVER_ART_ARCHIVE_BASE_URL", \.coverArtArchive.baseURL, "https://coverartarchive.org",
        "The Cover Art Archive, where clients are sent for its pictures, by https."),
      SettingKey(
        "COVER_ART_ARCHIVE_API_URL", \.coverArtArchive.apiURL, .text(.web), default: "https://coverartarchive.org",
        empty: "it is not asked",
        "The Cover Art Archive, which is asked what images there are of an album that MusicBrainz' web service has "
          + "answered. The database knows that itself."),
      SettingKey(
        "IMAGE_CACHE_HOST", \.imageCacheHost, .text(.webHost), empty: "the images' own hosts",
        "The image cache that the addresses of pictures are rewritten to: those of the Cover Art Archive, fanart.tv, "
          + "TheAudioDB and Wikimedia Commons. Without a scheme it is asked by https. The nginx of `deploy/nginx` is one with "
          + "NGINX_IMAGES=on."),
      SettingKey(
        "WIKIPEDIA__TIMEOUT", \.wikipedia.timeoutMilliseconds, .seconds(0.001...600), default: "2",
        "How long Wikipedia, Wikidata and Wikimedia Commons may take to answer when no client waits, in seconds."),
      SettingKey(
        "WIKIPEDIA__MAX_CONNECTIONS_PER_HOST", \.wikipedia.maximumConnectionsPerHost, .integer(1...1000), default: "1",
        "How many connections a process opens to each Wikipedia, to Wikidata and to Wikimedia Commons."),
      SettingKey(
        "WIKIPEDIA__LANGUAGES", \.wikipedia.languages, .languages,
        default: "en,fr,de,es,it,ja,zh,ru,pt,nl,sv,fi,no,da,pl,cs,hu,ro,tr,el,he,ar,fa,hi,th,ko,vi,id,ms,tl,bn,ta",
        "The languages of overviews, the preferred one first. Wikipedia is asked for the first 50."),
      base(
        "WIKIPEDIA__BASE_URL", \.wikipedia.baseURL, "https://{language}.wikipedia.org",
        "Wikipedia; `{language}` stands for a language."),
      base("WIKIDATA_BASE_URL", \.wikipedia.wikidataURL, "https://www.wikidata.org", "Wikidata."),
      base("COMMONS_BASE_URL", \.wikipedia.commonsURL, "https://commons.wikimedia.org", "Wikimedia Commons."),
      SettingKey(
        "SPOTIFY_CLIENT_ID", \.spotify.clientID, .text(.word),
        also: ["SPOTIFY_ID"] + spotify("CLIENT_ID"), as: .credential,
        "Spotify's name for this server. Unset, it is not asked."),
      SettingKey(
        "SPOTIFY_CLIENT_SECRET", \.spotify.clientSecret, .secret(.word),
        also: ["SPOTIFY_SECRET"] + spotify("CLIENT_SECRET"), as: .secret, "The secret that goes with it."),
      SettingKey(
        "SPOTIFY_REDIRECT_URL", \.spotify.redirectURL, .text(.web),
        also: ["PROVIDERS__SPOTIFYAUTHPROVIDER__1__REDIRECT_URI"], empty: "no sign-in",
        "Where Spotify sends users back to after they signed in."),
      SettingKey(
        "SPOTIFY_STATE_HOSTS", \.spotify.stateHosts, .list(.host), empty: "none but those of private networks",
        "The hosts, separated by commas, that users may be sent back to with their tokens after they signed in, besides "
          + "those of private networks. `*` stands for all."),
      SettingKey(
        "SPOTIFY_MATCH_MIN_RATIO", \.spotify.minimumMatchRatio, .number(0...1), default: "0.8",
        "How alike two titles, and two artists' names, must be to count as the same."),
      base("SPOTIFY_BASE_URL", \.spotify.baseURL, "https://api.spotify.com/v1", "Spotify."),
      base("SPOTIFY_TOKEN_URL", \.spotify.tokenURL, "https://accounts.spotify.com/api/token", "Where it gives tokens."),
      SettingKey(
        "LASTFM_API_KEY", \.lastFM.apiKey, .secret(.word), also: ["LASTFM_KEY"], as: .secret,
        "Last.fm's key. Unset, it is not asked."),
      base("LASTFM_BASE_URL", \.lastFM.baseURL, "https://ws.audioscrobbler.com/2.0", "Last.fm."),
      base("APPLE_CHARTS_BASE_URL", \.charts.appleURL, "https://rss.applemarketingtools.com/api/v2", "Apple's charts."),
      base("BILLBOARD_BASE_URL", \.charts.billboardURL, "https://www.billboard.com/charts", "Billboard's charts."),
    ])

  private static func base(
    _ name: String, _ path: SettingPath<String>, _ defaultText: String, _ summary: String
  ) -> SettingKey {
    SettingKey(name, path, .text(.web), default: defaultText, summary)
  }

  private static func spotify(_ parameter: String) -> [SettingKey.Spelling] {
    ["SPOTIFYPROVIDER", "SPOTIFYAUTHPROVIDER"].map {
      SettingKey.Spelling(stringLiteral: "PROVIDERS__\($0)__1__\(parameter)")
    }
  }
}
