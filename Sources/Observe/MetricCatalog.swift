/// The one table of all metrics. What is counted, `/metrics`, StatsD and `docs/METRICS.md` come from it.
public enum MetricCatalog {
  /// The statuses of answers, as they are counted.
  static let statusClasses = ["2xx", "3xx", "4xx", "5xx"]
  /// Where documents are kept.
  public static let tiers = ["memory", "memcached", "sqlite", "postgresql"]
  static let reportOutcomes = ["sent", "repeated", "sampled", "limited", "dropped", "failed"]

  private static let milliseconds: [Double] = [
    0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 90_000,
  ]
  private static let requestBounds = milliseconds.map { UInt64($0 * 1_000_000) }
  private static let providerBounds = milliseconds.filter { (5...30_000).contains($0) }.map { UInt64($0 * 1_000_000) }

  static let requestDuration = MetricFamily(
    "linernotes_http_request_duration_seconds", .histogram(requestBounds), ["route", "status"],
    series: RequestRoute.allCases.flatMap { route in
      statusClasses.map { status in
        .init(labels: [route.name, status], statsD: ["requests.\(route.name)", "response_time.\(route.name)"])
      }
    },
    "Time from the first byte of a request until the web server has taken the answer.")

  static let lookups = MetricFamily(
    "linernotes_cache_lookups_total", .counter, ["tier", "result"],
    series: tiers.flatMap { tier in
      ["hit", "miss"].map { result in
        // The original's shared cache is a Redis, and boards ask for that.
        .init(
          labels: [tier, result],
          statsD: ["cache.\(result).\(tier)"] + (tier == "memcached" ? ["cache.\(result).redis"] : []))
      }
    },
    "Documents looked for in a tier of the cache.")

  static let documents = MetricFamily(
    "linernotes_documents_total", .counter, ["result"],
    series: ["hit", "miss"].map { .init(labels: [$0], statsD: ["cache.\($0)"]) },
    "Documents looked for in all tiers: found in one of them, or in none, so that they have to be computed.")

  static let providerRequests = provider("requests", "request", "Requests sent to a provider.")
  static let providerErrors = provider("errors", "error", "Requests that a provider did not answer as it should.")
  static let providerTimeouts = provider("timeouts", "timeout", "Requests that a provider did not answer in time.")
  static let providerLimited = provider(
    "limited", "ratelimit", "Requests that were not sent, because the provider is over its limit.")
  static let providerPaused = provider(
    "paused", "unavailable", "Requests that were not sent, because the provider is left alone for a while.")
  static let providerDuration = MetricFamily(
    "linernotes_provider_response_duration_seconds", .histogram(providerBounds), ["provider"],
    series: ProviderName.allCases.map {
      .init(labels: [$0.name], statsD: ["", "provider.\($0.name).response_time"])
    },
    "Time until a provider has answered a request.")

  static let logMessages = MetricFamily(
    "linernotes_log_messages_total", .counter, ["level"],
    series: ["warning", "error", "critical"].map { .init(labels: [$0], statsD: ["log.\($0)"]) },
    "Messages of these levels that were logged.")
  static let logDropped = MetricFamily(
    "linernotes_log_dropped_total", .counter, series: [.init(labels: [], statsD: ["log.dropped"])],
    "Log lines that nobody took in time.")
  static let statsDDropped = MetricFamily(
    "linernotes_statsd_dropped_total", .counter, series: [.init(labels: [])],
    "What should have gone to StatsD and could not be sent: datagrams, and times for which there was no room.")
  static let reports = MetricFamily(
    "linernotes_error_reports_total", .counter, ["outcome"],
    series: reportOutcomes.map { .init(labels: [$0], statsD: ["sentry.\($0)"]) },
    "Errors for the error tracker, and what has become of them.")
  static let memoryBytes = MetricFamily(
    "linernotes_memory_cache_bytes", .gauge, series: [.init(labels: [])],
    "What the processes keep in the caches of their own memory.")

  /// What is found out when somebody asks.
  private static let asked: [MetricFamily] = [
    .init("linernotes_http_requests_total", .counter, ["route", "status"], isKept: false, "Requests answered."),
    .init("linernotes_build_info", .gauge, ["version"], isKept: false, "The version; always 1."),
    .init("linernotes_workers", .gauge, ["state"], isKept: false, "Processes of the pool, by what they are at."),
    .init(
      "linernotes_worker_losses_total", .counter, ["cause"], isKept: false,
      "Workers that died of a signal, ended by themselves, hung, or were replaced because they had served enough."),
    .init("linernotes_cache_items", .gauge, ["tier"], isKept: false, "Values in a tier of the cache."),
    .init("linernotes_cache_size_bytes", .gauge, ["tier"], isKept: false, "Size of a tier of the cache."),
    .init("linernotes_queue_waiting", .gauge, isKept: false, "Builds that wait in the queue."),
    .init(
      "linernotes_queue_seconds_left", .gauge, isKept: false, "How long the queue takes at the rate of late."),
    .init(
      "process_cpu_seconds_total", .counter, isKept: false,
      "Processor time of the pool, user and system, the workers that are gone included."),
    .init(
      "process_resident_memory_bytes", .gauge, isKept: false,
      "Memory of the pool; what processes share is counted once, where the kernel tells."),
    .init("process_virtual_memory_bytes", .gauge, isKept: false, "Address space of all processes of the pool."),
    .init("process_open_fds", .gauge, isKept: false, "Open descriptors of all processes of the pool."),
    .init("process_max_fds", .gauge, isKept: false, "How many descriptors one process may have."),
    .init(
      "process_start_time_seconds", .gauge, isKept: false, "When the master was started, in Unix seconds."),
  ]

  public static let families: [MetricFamily] =
    [
      requestDuration, lookups, documents, providerRequests, providerErrors, providerTimeouts, providerLimited,
      providerPaused, providerDuration, logMessages, logDropped, statsDDropped, reports, memoryBytes,
    ] + asked

  private static func provider(_ name: String, _ statsD: String, _ help: String) -> MetricFamily {
    MetricFamily(
      "linernotes_provider_\(name)_total", .counter, ["provider"],
      series: ProviderName.allCases.map { .init(labels: [$0.name], statsD: ["provider.\($0.name).\(statsD)"]) }, help)
  }
}
