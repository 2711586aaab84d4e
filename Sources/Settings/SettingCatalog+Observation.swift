extension SettingCatalog {
  static let logs = SettingSection(
    title: "Logs",
    keys: [
      SettingKey(
        "LOG_LEVEL", \.requestedLogLevel, .logLevel, empty: "`debug` with DEBUG, else `info`",
        "The least serious message that is logged."),
      SettingKey(
        "LOG_LEVELS", \.log.levels, .logLevels, empty: "LOG_LEVEL for all",
        "Levels of single modules and what is below them: `linernotes.cache=debug,linernotes.providers=error`."),
      SettingKey(
        "LOG_FORMAT", \.log.format, .choice, default: "text",
        "`text`: lines as the original writes them. `json`: an object on each line."),
      SettingKey(
        "LOG_TO", \.log.target, .choice, default: "stderr",
        "Where lines go: standard error, the file of LOG_FILE, or the system's log."),
      SettingKey(
        "LOG_FILE", \.log.file, .text(.absolutePath), empty: "none",
        "The file for LOG_TO=file. It is opened anew when the master gets USR1."),
      SettingKey(
        "SYSLOG_SOCKET", \.log.systemSocket, .text(.absolutePath), default: "/dev/log",
        "The socket of the system's log, for LOG_TO=syslog."),
      SettingKey(
        "SLOW_REQUEST_MS", \.log.slowMilliseconds, .integer(0...600_000), default: "0",
        "A request that takes as long, in milliseconds, is logged with what it waited for. 0: none is."),
    ])

  static let observation = SettingSection(
    title: "Statistics and errors",
    keys: [
      SettingKey(
        "METRICS_KEY", \.metricsKey, .secret(.word), as: .secret,
        "A key for `/metrics` (`X-Api-Key`, or `Authorization: Bearer`). Without it only the networks of nginx's "
          + "NGINX_INTERNAL may read them."),
      SettingKey(
        "ENABLE_STATS", \.statsD.isEnabled, .boolean, default: "true",
        "Whether statistics are sent, where STATSD_HOST says to whom."),
      SettingKey(
        "STATSD_HOST", \.statsD.host, .text(.host), also: ["STATS_HOST"], empty: "no statistics",
        "The StatsD (or Telegraf) server."),
      SettingKey(
        "STATSD_PORT", \.statsD.port, .integer(1...65535), default: "8125", also: ["STATS_PORT"], "Its UDP port."),
      SettingKey(
        "STATSD_PREFIX", \.statsD.prefix, .text(.word), default: "lidarr.metadata",
        "What the metrics' names begin with."),
      SettingKey(
        "SENTRY_DSN", \.sentry.dsn, .secret(.sentryDSN), as: .secret,
        "Where errors are reported: Sentry, or what speaks its envelope protocol. Unset, nowhere."),
      SettingKey(
        "SENTRY_ENVIRONMENT", \.sentry.environment, .text(.sentryName), default: "development",
        presets: [.production: "production"],
        "The environment that reports name."),
      SettingKey(
        "SENTRY_TTL", \.sentry.minimumInterval, .integer(0...86400), default: "3600",
        "The same error is reported once in so many seconds, by the whole pool."),
      SettingKey(
        "SENTRY_SAMPLE_RATE", \.sentry.sampleRate, .number(0...1), default: "1",
        "How many of all errors are reported at all, from 0 to 1."),
    ])
}
