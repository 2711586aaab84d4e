extension SettingCatalog {
  static let invalidation = SettingSection(
    title: "Invalidation",
    keys: [
      SettingKey(
        "INVALIDATE_APIKEY", \.invalidation.apiKey, .secret(), as: .secret,
        "The key that `/invalidate` asks for, and the refresh routes with REFRESH_REQUIRES_KEY. It is sent as `X-Api-Key`, or "
          + "as `Authorization`, with or without `Bearer`. Without a key nobody may."),
      SettingKey(
        "REFRESH_REQUIRES_KEY", \.invalidation.refreshRequiresKey, .boolean, default: "false",
        "Whether the refresh routes ask for that key. If there is none, nobody may refresh then."),
      SettingKey(
        "INVALIDATE_LEASE", \.invalidation.lease, .integer(1...86400), default: "30",
        "How long a run of invalidation keeps out others after it has been killed, in seconds. One that works renews that."
      ),
      SettingKey(
        "INVALIDATION_MAX_LAG", \.invalidation.maximumLag, .integer(0...315_360_000), default: "86400",
        "How far invalidation may be behind, in seconds; 0 for any time. Farther, `/health` says `degraded` and `/recent/*` "
          + "`limited`. Where nothing has ever been invalidated, it is not behind."),
      SettingKey(
        "CLOUDFLARE_ZONE_ID", \.cloudflare.zoneID, .text(.word), empty: "no Cloudflare",
        "Cloudflare's zone. With it, CLOUDFLARE_URL_BASE and a token, what has changed is purged there."),
      SettingKey(
        "CLOUDFLARE_API_TOKEN", \.cloudflare.apiToken, .secret(.word), as: .secret, "A token that may purge the zone."),
      SettingKey(
        "CLOUDFLARE_AUTH_EMAIL", \.cloudflare.authEmail, .text(.word), empty: "none",
        "The account, where there is no token."),
      SettingKey(
        "CLOUDFLARE_AUTH_KEY", \.cloudflare.authKey, .secret(.word), as: .secret,
        "The account's key, where there is no token."),
      SettingKey(
        "CLOUDFLARE_URL_BASE", \.cloudflare.urlBase, .text(.web), empty: "none",
        "What the URLs of answers begin with, as Cloudflare knows them, such as `https://api.example.org`. They are purged "
          + "under it, and below it under `/api/v0.4` and APPLICATION_ROOT; if one of these is at its end, beside it."),
      SettingKey(
        "CLOUDFLARE_API_URL", \.cloudflare.apiURL, .text(.web), default: "https://api.cloudflare.com/client/v4",
        "Cloudflare's API."),
      SettingKey(
        "CLOUDFLARE_BATCH_SIZE", \.cloudflare.batchSize, .integer(1...500), default: "30",
        "How many URLs are purged with one request. Every plan takes 30, and lately 100."),
      SettingKey(
        "CLOUDFLARE_PURGE", \.cloudflare.method, .choice, default: "auto",
        "How: by `prefix`, which covers every query; by `url`, which covers what Lidarr asks for and no other query; or "
          + "`auto`: by prefix, and for an hour by URL when the zone does not take prefixes."),
      SettingKey(
        "CLOUDFLARE_PREFIX_REQUESTS", \.cloudflare.prefixRequests, .integer(1...3000), default: "5",
        "How many requests by prefix are made a minute, of 100 prefixes each: 5 on free plans, 300 on Pro."),
    ])

  static let crawler = SettingSection(
    title: "Crawler",
    keys: [
      SettingKey(
        "CRAWLER_INTERVAL", \.crawler.interval, .integer(1...31_536_000), default: "3600",
        "How long it waits between two invalidations, in seconds."),
      SettingKey(
        "CRAWLER_INVALIDATE_ONLY", \.crawler.invalidateOnly, .boolean, default: "false",
        "Whether it only invalidates and refreshes nothing."),
      batch("CRAWLER_BATCH_SIZE", \.crawler.batchSize, "100", "documents"),
      SettingKey(
        "CRAWLER_BATCH_SIZE__ARTIST", \.crawler.requestedArtistBatchSize, .integer(1...100_000),
        empty: "as CRAWLER_BATCH_SIZE", "How many artists are refreshed together."),
      SettingKey(
        "CRAWLER_BATCH_SIZE__ALBUM", \.crawler.requestedAlbumBatchSize, .integer(1...100_000),
        empty: "as CRAWLER_BATCH_SIZE", "How many albums are refreshed together."),
      batch("CRAWLER_BATCH_SIZE__FANART", \.crawler.fanartBatchSize, "500", "answers of fanart.tv"),
      batch("CRAWLER_BATCH_SIZE__TADB", \.crawler.theAudioDBBatchSize, "500", "answers of TheAudioDB"),
      batch("CRAWLER_BATCH_SIZE__WIKIPEDIA", \.crawler.wikipediaBatchSize, "50", "answers of Wikipedia"),
      SettingKey(
        "SWEEP_DAYS", \.crawler.sweepDays, .integer(0...365), default: "7",
        "In how many days `linernotes crawl` compares all that is kept of MusicBrainz with what it says now. 0: only "
          + "after changes were missed."),
    ])

  private static func batch(
    _ name: String, _ path: SettingPath<Int>, _ defaultText: String, _ things: String
  ) -> SettingKey {
    SettingKey(
      name, path, .integer(1...100_000), default: defaultText, "How many \(things) are refreshed together.")
  }
}
