public import Core
public import Logging
public import Postgres

/// Search in an index of our own, which ``SearchIndexer`` builds in a PostgreSQL database that may be written to.
///
/// The database only finds candidates, by indexes that stop early at the best known ones. ``NameSearch`` decides what to
/// ask, and ``Ranking`` what the candidates are worth.
public final class DatabaseSearch: SearchSource {
  private let client: PostgresClient
  private let logger: Logger
  private var lastState: (isStale: Bool, at: UInt64)?

  public let name = "database"

  /// An index that has not been refreshed for so long is asked only when nothing else answers. In seconds.
  private static let staleAfter = 14 * 86_400
  private static let sourceName = "search index"

  public init(options: PostgresOptions, logger: Logger) {
    var options = options
    options.serverSettings = DatabaseSearch.serverSettings
    client = PostgresClient(name: DatabaseSearch.sourceName, options: options, logger: logger)
    self.logger = logger
  }

  /// Only bitmap scans read a table from its beginning, where the best known are; every limit relies on that.
  static let serverSettings = [
    "default_transaction_read_only": "on",
    "search_path": "linernotes_search",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "enable_seqscan": "off",
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
    "max_parallel_workers_per_gather": "0",
    "work_mem": "32MB",
  ]

  public func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
    guard !SearchQuery(request.text).isEmpty else { return [] }
    let hits = try NameSearch(self).hits(request, by: deadline)
    // In an index without names nothing is called so, and that is no answer.
    if hits.isEmpty { _ = try age(by: deadline) }
    return hits
  }

  public func isStale(by deadline: Deadline) -> Bool {
    let now = Deadline.monotonicNanoseconds()
    if let lastState, now - lastState.at < 60_000_000_000 { return lastState.isStale }
    var isStale = true
    do throws(SourceError) {
      isStale = try age(by: deadline) > DatabaseSearch.staleAfter
    } catch {
      logger.debug("\(error)")
    }
    lastState = (isStale, now)
    return isStale
  }

  public func check(by deadline: Deadline) throws(SourceError) -> String {
    let hours = try age(by: deadline) / 3600
    return hours == 0 ? "index, fresh" : "index, refreshed \(hours) h ago"
  }

  public func generation(by deadline: Deadline) -> UInt64? {
    var generation: UInt64?
    try? ask([PostgresQuery(IndexStatement.generation.prepared)], by: deadline) { _, row throws(PostgresFailure) in
      generation = FNV.combine(
        FNV.combine(FNV.start, UInt64(bitPattern: Int64(try row.int()))), UInt64(bitPattern: Int64(try row.int())))
    }
    return generation
  }

  /// How long ago the index was brought up to date, in seconds. An index that is not there or empty is an error.
  func age(by deadline: Deadline) throws(SourceError) -> Int {
    var found: (format: Int, age: Int, hasNames: Bool)?
    try ask([PostgresQuery(IndexStatement.state.prepared)], by: deadline) { _, row throws(PostgresFailure) in
      found = (try row.int(), try row.int(), try row.bool())
    }
    guard let found, found.format == IndexFormat.current else {
      throw SourceError(.empty, "\(DatabaseSearch.sourceName): has to be built (linernotes search-index)")
    }
    guard found.hasNames else {
      throw SourceError(
        .empty, "\(DatabaseSearch.sourceName): holds no names and has to be built anew (linernotes search-index)")
    }
    return found.age
  }

  // MARK: - Asking

  private func ask(
    _ queries: [PostgresQuery], by deadline: Deadline,
    _ receive: (Int, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) {
    do throws(PostgresFailure) {
      try client.run({ _ in queries }, into: (), by: deadline) { _, index, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in try receive(index, &row) }
      }
    } catch {
      if IndexFormat.isMissing(error) {
        throw SourceError(.empty, "\(DatabaseSearch.sourceName): has to be built (linernotes search-index)")
      }
      throw error.sourceError(of: DatabaseSearch.sourceName)
    }
  }
}

extension DatabaseSearch: NameTable {
  func ask(
    _ questions: [NameQuestion], by deadline: Deadline, _ receive: (Int, NameAnswer) -> Void
  ) throws(SourceError) {
    try ask(questions.map(DatabaseSearch.query), by: deadline) { index, row throws(PostgresFailure) in
      let id = try row.uuid()
      let artist = try row.int()
      let form = Candidate.Form(rawValue: try row.int()) ?? .alias
      let popularity = Double(try row.int()) / 1000
      let key = try row.text()
      var answer = NameAnswer(
        candidate: Candidate(id: id, artist: artist, form: form, popularity: popularity, key: key, name: try row.text())
      )
      if questions[index].isAboutAlbums { answer.candidate.credit = try row.text() }
      if case .albumsByArtistsCalled = questions[index] { answer.artist = (try row.uuid(), try row.text()) }
      receive(index, answer)
    }
  }

  private static func query(_ question: NameQuestion) -> PostgresQuery {
    func query(_ statement: IndexStatement, _ parameters: PostgresParameter...) -> PostgresQuery {
      var query = PostgresQuery(statement.prepared)
      query.parameters = parameters
      return query
    }
    func numbers(_ numbers: [Int]) -> PostgresParameter { .int8s(numbers.map(Int64.init)) }
    return switch question {
    case .artistsByKey(let keys): query(.artistsByKey, .texts(keys))
    case .artistsByBeginning(let key): query(.artistsByBeginning, .text(key))
    case .artistsByWords(let words): query(.artistsByWords, .texts(words))
    case .artistsByLikeness(let ends):
      query(.artistsByLikeness, numbers(ends.lengths), .text(ends.beginning), .text(ends.reversedEnd))
    case .artistsKnown(let lengths): query(.artistsKnown, numbers(lengths))
    case .albumsByKey(let keys): query(.albumsByKey, .texts(keys))
    case .albumsByBeginning(let key): query(.albumsByBeginning, .text(key))
    case .albumsByWords(let words): query(.albumsByWords, .texts(words))
    case .albumsByLikeness(let ends):
      query(.albumsByLikeness, numbers(ends.lengths), .text(ends.beginning), .text(ends.reversedEnd))
    case .albumsByArtistsCalled(let names, let titles): query(.albumsByArtistAndKey, .texts(names), .texts(titles))
    case .albumsByArtists(let artists): query(.albumsByArtist, numbers(artists))
    case .albumsByArtistsAndKeys(let artists, let keys):
      query(.albumsByArtistsAndKeys, numbers(artists), .texts(keys))
    case .albumsByArtistsAndLikeness(let artists, let ends):
      query(
        .albumsByArtistAndLikeness, numbers(artists), numbers(ends.lengths), .text(ends.beginning),
        .text(ends.reversedEnd))
    }
  }
}

extension [SearchHit] {
  /// The best of them, best first.
  func best(_ limit: Int) -> [SearchHit] { Array(prefix(Swift.max(0, limit))) }
}
