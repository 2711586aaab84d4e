/// The page about metrics.
public enum MetricsReference {
  public static var markdown: String {
    var page = introduction
    for family in MetricCatalog.families {
      let labels = family.labels.isEmpty ? "" : family.labels.map { "`\($0)`" }.joined(separator: ", ")
      page += "| `\(family.name)` | \(family.typeName) | \(labels) | \(family.help) |\n"
    }
    page += statsD
    var seen: Set<String> = []
    MetricCatalog.forEachSeries { family, series, start in
      for name in MetricCatalog.counterNames(family, series) where !name.isEmpty && seen.insert(name).inserted {
        if family.kind != .gauge { page += "| `\(name)` | counter | `\(family.name)` |\n" }
      }
      if let name = MetricCatalog.timerName(start), seen.insert(name).inserted {
        page += "| `\(name)` | time in milliseconds | `\(family.name)` |\n"
      }
    }
    page += "| `cache.size.memcached`, `cache.size.redis` | gauge | values in memcached; once a minute |\n"
    page += "| `cache.size.sqlite` | gauge | bytes of the store; once a minute |\n"
    return page
  }

  private static let introduction = """
    # Metrics

    <!-- Made from the table in Sources/Observe (MetricsReference.markdown); a test keeps the two equal. -->

    `GET /metrics` answers in Prometheus' text format 0.0.4. Every worker counts in memory that the pool shares, and \
    whichever answers sums what all have counted, those that are gone included. So it does not matter which worker is \
    asked, and no counter falls before the master is restarted. [OPERATIONS](OPERATIONS.md#metrics) tells who may read it.

    The labels `route`, `tier` and `provider` have only values of the program's own. A histogram shows only series that \
    have counted something. Sizes and the queue are asked for when somebody reads the metrics; what does not answer then is \
    missing.

    | Metric | Type | Labels | Meaning |
    |---|---|---|---|

    """

  private static let statsD = """

    ## StatsD

    With `STATSD_HOST` each worker also sends these by UDP, with `STATSD_PREFIX` and a dot before them: counters as \
    differences, each time by itself. It sends when it is idle, when a second is over, or when it has 256 times to tell.

    | Name | Type | The same as |
    |---|---|---|

    """
}
