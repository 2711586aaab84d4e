extension Settings {
  /// What the operator should know at the start, a line each: what the report says, and which defaults are gone.
  public var notices: [String] { report.notices + retiredDefaults + observationNotices }

  /// What `linernotes config` prints: the keys with their values, and the notices.
  public var lines: [String] { report.lines + (retiredDefaults + observationNotices).map { "# notice: \($0)" } }

  /// A memcached and a Solr of this machine were once asked by default. Whoever seems to have relied on that is told.
  private var retiredDefaults: [String] {
    var notices: [String] = []
    // What a server that others share is told, and nobody else sets.
    let reliesOnMemcached =
      ["CACHE__NAMESPACE", "DATABASE__HOST", "CACHE__POSTGRES_HOST", "CACHE__POSTGRES_URL"].contains { isGiven($0) }
      || (rateLimit.limiter == .memcached && isGiven("RATE_LIMITER"))
    if cache.isEnabled, reliesOnMemcached, !isGiven("MEMCACHED_SERVERS") {
      notices.append(
        "MEMCACHED_SERVERS is not set, so no memcached is used. It used to be 127.0.0.1:11211, which may be somebody "
          + "else's. If that is yours, set MEMCACHED_SERVERS=127.0.0.1:11211; if there is none, set it to nothing.")
    }
    let reliesOnSolr =
      search.source == .solr || ["SOLR__ARTIST_CORE", "SOLR__ALBUM_CORE", "SOLR__TIMEOUT"].contains { isGiven($0) }
    if reliesOnSolr, !isGiven("SOLR__URL") {
      notices.append(
        "SOLR__URL is not set, so no Solr is asked. It used to be http://localhost:8983/solr, which may be somebody "
          + "else's. If that is yours, set SOLR__URL=http://localhost:8983/solr; if there is none, set it to nothing.")
    }
    return notices
  }

  /// What is asked for and does not happen.
  private var observationNotices: [String] {
    var notices: [String] = []
    if log.target == .file, log.file == nil {
      notices.append("LOG_TO is file, and LOG_FILE names none: the log goes to standard error.")
    }
    if sentry.dsn != nil {
      notices.append(
        "SENTRY_DSN is set: errors are reported. Transactions are not sent (the original's traces_sample_rate).")
    }
    return notices
  }

  /// Whether the key has a value, perhaps an empty one, that is neither the default's nor a preset's.
  private func isGiven(_ key: String) -> Bool {
    guard let entry = report.entries.first(where: { $0.key == key }) else { return false }
    return entry.source != "default" && !entry.source.hasPrefix("preset ")
  }
}
