/// Where each series is in a worker's words.
extension MetricCatalog {
  /// The first word of each family that is kept.
  private static let starts: [Int] = {
    var next = 0
    return families.map { family in
      defer { next += family.series.count * family.wordsPerSeries }
      return next
    }
  }()

  static let words = families.reduce(0) { $0 + $1.series.count * $1.wordsPerSeries }

  /// Changes with the place or the meaning of any word.
  static let description =
    families.filter(\.isKept).map { family in
      var text = "\(family.name) \(family.typeName) \(family.series.map(\.labels))"
      if case .histogram(let bounds) = family.kind { text += " \(bounds)" }
      return text
    }.joined(separator: "\n")

  /// Whether what a dead worker has there still counts.
  static func isSummed(_ index: Int) -> Bool { !gauges.contains(index) }

  private static let gauges: Set<Int> = Set(
    zip(families, starts).flatMap { family, start in
      family.kind == .gauge ? Array(start..<(start + family.series.count * family.wordsPerSeries)) : []
    })

  /// The words of a series, for whoever counts.
  ///
  /// - Returns: nil for what is not in the table.
  static func place(_ name: String, _ dimensions: [(String, String)]) -> (family: MetricFamily, start: Int)? {
    guard let index = families.firstIndex(where: { $0.name == name && $0.isKept }) else { return nil }
    let family = families[index]
    guard family.labels == dimensions.map(\.0),
      let series = family.series.firstIndex(where: { $0.labels == dimensions.map(\.1) })
    else { return nil }
    return (family, starts[index] + series * family.wordsPerSeries)
  }

  /// The series of a family that is kept, each with the place of its first word.
  static func series(of family: MetricFamily) -> [(MetricFamily.Series, Int)] {
    guard let index = families.firstIndex(where: { $0.name == family.name }) else { return [] }
    return family.series.enumerated().map { ($1, starts[index] + $0 * family.wordsPerSeries) }
  }

  /// Runs `body` for each series that is kept, with the place of its first word.
  static func forEachSeries(_ body: (MetricFamily, MetricFamily.Series, Int) -> Void) {
    for (family, start) in zip(families, starts) {
      for (index, series) in family.series.enumerated() { body(family, series, start + index * family.wordsPerSeries) }
    }
  }
}

/// What StatsD is told of a series.
extension MetricCatalog {
  /// How often it has been counted.
  static func count(_ family: MetricFamily, _ start: Int, in words: Words) -> UInt64 {
    guard case .histogram(let bounds) = family.kind else { return words[start] }
    return (0...bounds.count).reduce(0) { $0 &+ words[start + $1] }
  }

  static func count(_ family: MetricFamily, _ sums: [UInt64], _ start: Int) -> UInt64 {
    guard case .histogram(let bounds) = family.kind else { return sums[start] }
    return sums[start...(start + bounds.count)].reduce(0, &+)
  }

  /// A histogram has a counter and a time, all others only counters.
  static func counterNames(_ family: MetricFamily, _ series: MetricFamily.Series) -> [String] {
    if case .histogram = family.kind { return Array(series.statsD.prefix(1)) }
    return series.statsD
  }

  /// - Parameter start: the first word of the series.
  static func timerName(_ start: Int) -> String? { timers[start] }

  private static let timers: [Int: String] = {
    var names: [Int: String] = [:]
    forEachSeries { family, series, start in
      if case .histogram = family.kind, series.statsD.count > 1 { names[start] = series.statsD[1] }
    }
    return names
  }()
}
