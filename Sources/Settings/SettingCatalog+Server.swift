extension SettingCatalog {
  static let server = SettingSection(
    title: "Server",
    keys: [
      SettingKey(
        presetName, \.preset, .preset, default: "default",
        "The preset. It may be written as the original's class: `lidarrmetadata.config.ProductionConfig`."),
      SettingKey(
        fileName, \.configurationFile, .text(.line),
        "A YAML or JSON file with further settings. `--config` on the command line wins over it."),
      SettingKey(
        "APPLICATION_ROOT", \.applicationRoot, .rootPath, default: "/", also: ["ROOT_PATH"],
        "A path under which all routes answer, besides none and `/api/v0.4`."),
      SettingKey(
        "PORT", \.port, .integer(1...65535), default: "5001", also: ["HTTP_PORT"],
        "Where the nginx of `make run` listens, if the environment has it under this very name. The pool itself listens on "
          + "a unix socket."),
      SettingKey(
        "WORKERS", \.workers, .integer(1...1024), default: "8",
        "How many processes serve requests, each one at a time. If it is not given, `make run` and `deploy/spawn/start` "
          + "start 4, the systemd unit 16."),
      SettingKey(
        "REQUEST_DEADLINE_MS", \.requestDeadlineMilliseconds, .integer(1...600_000), default: "10000",
        "How long an answer may take to be made, in milliseconds. `/`, `/health`, `/recent/*` and `…/refresh` have limits "
          + "of their own."),
      SettingKey(
        "BUILD_WAIT", \.buildWaitMilliseconds, .seconds(1...89), default: "80",
        "How long a client may wait for what has to be built from MusicBrainz' web service, in seconds; less than the 90 "
          + "after which nginx gives up. At most a third of WORKERS wait at a time. Everybody else gets 503 with a place "
          + "in the queue at once."),
      SettingKey(
        "WORKER_TIMEOUT", \.workerTimeoutSeconds, .integer(0...86_400),
        empty: "30 s longer than any request may take",
        "A process of the pool that has been at one request for so long, in seconds, hangs: the master ends it and logs "
          + "where it was. The same for one that works for nobody and shows no progress. 0: never."),
      SettingKey(
        "WORKER_MAX_REQUESTS", \.workerMaximumRequests, .integer(0...1_000_000_000), default: "0",
        "After so many requests a process of the pool is replaced, between requests and one at a time. 0: never."),
      SettingKey(
        "WORKER_MAX_MEMORY", \.workerMaximumMegabytes, .integer(0...1_000_000), default: "0",
        "The same for one that has more memory of its own than so many MiB. 0: never."),
      SettingKey(
        "DEBUG", \.debug, .boolean, default: "false", presets: [.development: "true"],
        "Logs more, unless LOG_LEVEL is set."),
      SettingKey(
        "CORS_ORIGINS", \.corsOrigins, .list(.origin), default: "*", empty: "no other site",
        "The sites whose pages may read answers. Behind the nginx of `deploy/nginx` it is nginx that tells browsers, so "
          + "give it to `deploy/nginx/render` as well."),
      SettingKey(
        "CLIENT_RATE", \.clientRate, .integer(0...10_000), default: "20",
        "How many requests a second a client may make where no nginx of `deploy/nginx` stands in front (that one has "
          + "NGINX_RATE). A client is an IPv4 address or an IPv6 /64. 0: any number."),
      SettingKey(
        "CLIENT_BURST", \.clientBurst, .integer(1...1_000_000), default: "100",
        "How many requests beyond CLIENT_RATE it may make at once. Further ones wait for up to a second, or are 429."),
      SettingKey(
        "READ_API_KEYS", \.readingKeys, .hashes, as: .secret,
        "The SHA-256 of each key that lets a client read, as `linernotes key` prints it. If there are none, everybody may "
          + "read. The key is sent as `X-Api-Key`, as `Authorization: Bearer KEY`, or in the path: `/k/KEY/artist/…`. Behind "
          + "the nginx of `deploy/nginx`, render that with NGINX_KEYS=on."),
    ])

  static let musicBrainz = SettingSection(
    title: "MusicBrainz",
    keys: [
      SettingKey(
        "DATABASE__HOST", \.database.hosts, .list(.databaseHost), default: "localhost", also: database("DB_HOST"),
        "Where the MusicBrainz database is; several are tried in order."),
      SettingKey(
        "DATABASE__PORT", \.database.ports, .ports, default: "5432", also: database("DB_PORT"),
        "Its port, or one for each host."),
      SettingKey(
        "DATABASE__DATABASE", \.database.name, .text(.line), default: "musicbrainz_db", also: database("DB_NAME"),
        "Its name."),
      SettingKey(
        "DATABASE__USER", \.database.user, .text(.line), also: database("DB_USER"), as: .credential,
        "The user to connect as. Unset, none is sent, and libpq takes the operating system's."),
      SettingKey(
        "DATABASE__PASSWORD", \.database.password, .secret(), also: database("DB_PASSWORD"), as: .secret,
        "The user's password. Unset, none is sent."),
      SettingKey(
        "DATABASE__TARGET_SESSION_ATTRS", \.database.targetSessionAttributes, .choice, default: "any",
        "Which of several hosts will do, as libpq has it."),
      SettingKey(
        "DATABASE__SSLMODE", \.database.sslMode, .choice, default: "prefer", "Whether TLS is used, as libpq has it."),
      SettingKey(
        "DATABASE__CONNECT_TIMEOUT_MS", \.database.connectTimeoutMilliseconds, .integer(1...600_000), default: "1000",
        "How long a connection to one host may take to open, in milliseconds."),
      SettingKey(
        "DATABASE__COMMAND_TIMEOUT", \.database.commandTimeoutMilliseconds, .seconds(0.001...3600), default: "30",
        "How long a query may take, in seconds, if REQUEST_DEADLINE_MS does not end it sooner. One of `search-index` may "
          + "take an hour."),
      SettingKey(
        "MUSICBRAINZ__SOURCE", \.musicBrainz.source, .choice, default: "database",
        "Where core data comes from: a MusicBrainz database, or MusicBrainz' web service. With `webservice` the database "
          + "is not connected to."),
      SettingKey(
        "MUSICBRAINZ__BASE_URL", \.musicBrainz.baseURL, .text(.web), default: "https://musicbrainz.org/ws/2",
        "The web service. A mirror of one's own has one, too."),
      SettingKey(
        "MUSICBRAINZ__CONTACT", \.musicBrainz.contact, .text(.contact), empty: "musicbrainz.org is asked for nothing",
        "Whom MusicBrainz can reach about this server's requests. It wants to know, and is sent this with each of them. "
          + "Other hosts than musicbrainz.org are asked without it as well."),
      SettingKey(
        "MUSICBRAINZ__INTERVAL", \.musicBrainz.intervalMilliseconds, .seconds(0...60), default: "1",
        "The least time between two requests to the web service, of all processes together, in seconds. musicbrainz.org "
          + "blocks whoever asks more often than once a second, so less is for other hosts only."),
      SettingKey(
        "MUSICBRAINZ__EXPORT_URL", \.musicBrainz.exportURL, .text(.web),
        default: "https://data.metabrainz.org/pub/musicbrainz/data/fullexport",
        "Where `linernotes dataset fetch` finds MusicBrainz' exports."),
      SettingKey(
        "MUSICBRAINZ__KEYRING", \.musicBrainz.keyring, .text(.line), empty: "signatures are not looked at",
        "A file with the keys of those who may sign exports, as gpgv reads it."),
      SettingKey(
        "DATASET", \.dataset, .text(.line), empty: "no file",
        "A dataset file, of `linernotes export` or `linernotes dataset build`, to answer from. What is newer in the durable cache wins; for what "
          + "neither has, MusicBrainz is asked. `serve --dataset` wins over this."),
      SettingKey(
        "REPLICATION_MAX_AGE", \.musicBrainz.replicationMaximumAge, .integer(0...315_360_000), default: "604800",
        "How old the last change from MusicBrainz may be before `/health` says degraded, in seconds. 0: any age will do. "
          + "A database that never had one is not judged."),
      SettingKey(
        "RELEASE_STATUS_DEFAULT", \.releaseStatusDefault,
        .oneOf("Official", "Promotion", "Bootleg", "Pseudo-Release"), default: "Official",
        "What a release without a status shows. Clients hide an album if no release of it shows a status that they allow."
      ),
      SettingKey(
        "RELEASE_STATUS_WITHDRAWN", \.releaseStatusWithdrawn,
        .oneOf("Official", "Promotion", "Bootleg", "Pseudo-Release", "unchanged"), default: "Official",
        "What a release shows if no client can allow its status: Withdrawn, Cancelled, Expunged. `unchanged`: its own, and "
          + "clients hide an album that has no other release."),
      SettingKey(
        "MEDIUM_FORMAT_DEFAULT", \.mediumFormatDefault, .text(.line), default: "Unknown",
        "What a medium without a format shows."),
      SettingKey(
        "ALIAS_LOCALES", \.aliasLocales, .list(.locale), empty: "artists' own names",
        "The locales in which artists are named, the preferred one first. An artist gets the primary alias of the first "
          + "locale that has one. `en` includes `en_GB`."),
      SettingKey(
        "ALBUM_BY_RELEASE", \.answersReleases, .boolean, default: "false",
        "Whether `/album/` with the id of a release answers with its album. If not, it answers 404."),
      SettingKey(
        "BLACKLISTED_ARTISTS", \.specialPurposeArtists, .mbids,
        default: """
          f731ccc4-e22a-43af-a747-64213329e088,33cf029c-63b0-41a0-9855-be2a3665fb3b,\
          314e1c25-dde7-4e4d-b2f4-0a7b9f7c56dc,eec63d3c-3b81-4ad4-b1e4-7c147d4d2b61,\
          9be7f096-97ec-4615-8957-8d40b5dcbc41,125ec42a-7229-4250-afc5-e057484327fe,\
          89ad4ac3-39f7-470e-963a-56509c546377
          """, empty: "none",
        "Artists that stand for no artist (the default: [anonymous], [data], [dialogue], [no artist], [traditional], "
          + "[unknown], Various Artists). They list no albums, and the search index does not find them; build it anew after "
          + "a change."),
    ])

  private static func database(_ parameter: String) -> [SettingKey.Spelling] {
    [SettingKey.Spelling(stringLiteral: "PROVIDERS__MUSICBRAINZDBPROVIDER__1__\(parameter)")]
  }
}
