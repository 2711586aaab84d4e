public import Core
public import Logging
public import Postgres

/// Search in an index of our own, which ``SearchIndexer`` builds in a PostgreSQL database that may be written to.
///
/// The database only finds candidates, by indexes that stop early at the best known ones; what they are worth is decided
/// here (``Ranking``). One round trip answers when a name is typed as somebody is called; a second looks for mistakes.
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
    let query = SearchQuery(request.text)
    guard !query.isEmpty else { return [] }
    let hits = try hits(query, request, by: deadline)
    // In an index without names nothing is called so, and that is no answer.
    if hits.isEmpty { _ = try age(by: deadline) }
    return hits
  }

  private func hits(
    _ query: SearchQuery, _ request: SearchRequest, by deadline: Deadline
  ) throws(SourceError) -> [SearchHit] {
    if request.scope == .albums, let artist = request.artist.map({ SearchQuery($0) }), !artist.isEmpty {
      return try albums(query, by: artist, deadline).best(request.limit)
    }
    var finds = try namedSo(query, request.scope, by: deadline)
    try addMistyped(query, request.scope, to: &finds, by: deadline)
    return finds.hits(request.scope).best(request.limit)
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

  // MARK: - Names as they were typed

  private func namedSo(
    _ query: SearchQuery, _ scope: SearchRequest.Scope, isOneOfSeveral: Bool = false, by deadline: Deadline
  ) throws(SourceError) -> Finds {
    let keys = query.keys + query.otherKeys
    let words = Array(Set(query.folding.words))
    let parts = Array(Set(query.splits.flatMap { [$0.left, $0.right] }))
    var finds = Finds(query)
    // An artist may stand between brackets and dashes.
    let places = scope != .artists && Phrase(query.text).hasCuts ? finds.placeArtists() : []
    let isLongEnough = finds.ranking.isLongEnoughForBeginning

    var steps: [(query: PostgresQuery, found: Found)] = []
    if scope != .albums {
      steps.append((PostgresQuery(IndexStatement.artistsByKey.prepared, .texts(keys)), .artists))
      if isLongEnough {
        steps.append((PostgresQuery(IndexStatement.artistsByBeginning.prepared, .text(query.folding.key)), .artists))
      }
      if !words.isEmpty {
        steps.append((PostgresQuery(IndexStatement.artistsByWords.prepared, .texts(words)), .artistsByWords))
      }
    }
    if scope != .artists {
      steps.append((PostgresQuery(IndexStatement.albumsByKey.prepared, .texts(keys)), .albums))
      if isLongEnough {
        steps.append((PostgresQuery(IndexStatement.albumsByBeginning.prepared, .text(query.folding.key)), .albums))
      }
      if !words.isEmpty {
        steps.append((PostgresQuery(IndexStatement.albumsByWords.prepared, .texts(words)), .albumsByWords))
      }
    }
    if !parts.isEmpty {
      steps.append(
        (PostgresQuery(IndexStatement.albumsByArtistAndKey.prepared, .texts(parts), .texts(parts)), .pairs))
      steps.append(
        (PostgresQuery(IndexStatement.artistsByKey.prepared, .texts(Array(Set(parts + places)))), .partArtists))
    }
    if isOneOfSeveral {
      finds.relaxArtist()
      let names = Array(finds.namedArtists.keys)
      if !names.isEmpty {
        steps.append((PostgresQuery(IndexStatement.artistsByKey.prepared, .texts(names)), .namedArtists))
      }
    }
    try run(steps, into: &finds, by: deadline)
    return finds
  }

  // MARK: - Mistakes

  private func addMistyped(
    _ query: SearchQuery, _ scope: SearchRequest.Scope, isCertain: Bool = true, to finds: inout Finds,
    by deadline: Deadline
  ) throws(SourceError) {
    guard finds.isUncertain || !isCertain else { return }
    var steps = likenesses(query, mistakes: 1, scope)
    if let first = finds.firstArtist {
      steps += likenesses(first, mistakes: 1, .artists).map { ($0.query, .firstArtist) }
    }
    if scope != .artists { steps += relaxations(to: &finds) }
    if !query.splits.isEmpty {
      // One part is an artist's name: the other may be the beginning of an album of theirs, or one with a mistake in it.
      let artists = finds.partArtistKeys(8)
      if !artists.isEmpty {
        steps.append(
          (PostgresQuery(IndexStatement.albumsByArtist.prepared, .int8s(artists.map(Int64.init))), .albumsOfParts))
      }
      // One part is an album's title: the other may be its artist with a mistake in it.
      let titles = Array(Set(query.splits.flatMap { [$0.left, $0.right] }.filter { $0.unicodeScalars.count >= 4 }))
      if !titles.isEmpty {
        steps.append((PostgresQuery(IndexStatement.albumsByKey.prepared, .texts(titles)), .albumsWithParts))
      }
    }
    if !steps.isEmpty { try run(steps, into: &finds, by: deadline) }
    guard finds.isHopeless else { return }

    steps = likenesses(query, mistakes: 2, scope)
    if scope != .albums {
      // Mistakes that leave neither end as it is: only those who are known are few enough to look at each.
      let lengths = query.lengthsOfKnown
      if !lengths.isEmpty {
        steps.append((PostgresQuery(IndexStatement.artistsKnown.prepared, .int8s(lengths.map(Int64.init))), .artists))
      }
    }
    for anchor in query.anchors {
      if scope != .albums {
        steps.append((PostgresQuery(IndexStatement.artistsByWords.prepared, .texts([anchor])), .artists))
      }
      if scope != .artists {
        steps.append((PostgresQuery(IndexStatement.albumsByWords.prepared, .texts([anchor])), .albums))
      }
    }
    if !steps.isEmpty { try run(steps, into: &finds, by: deadline) }
    finds.addNamedByPart()
  }

  /// Albums of the artists that a part of the query names, and albums of whose title the query says more than enough.
  private func relaxations(to finds: inout Finds) -> [(query: PostgresQuery, found: Found)] {
    var steps: [(query: PostgresQuery, found: Found)] = []
    let (artists, titles) = finds.titlesBesideParts()
    if !artists.isEmpty, !titles.isEmpty {
      steps.append(
        (
          PostgresQuery(
            IndexStatement.albumsByArtistsAndKeys.prepared, .int8s(artists.map(Int64.init)), .texts(titles)),
          .albumsOfParts
        ))
    }
    let others = finds.relaxation.map { Array($0.distinctiveTitles.keys) } ?? []
    if !others.isEmpty {
      steps.append((PostgresQuery(IndexStatement.albumsByKey.prepared, .texts(others)), .albumsOfTitles))
    }
    return steps
  }

  private func likenesses(
    _ query: SearchQuery, mistakes: Int, _ scope: SearchRequest.Scope
  ) -> [(query: PostgresQuery, found: Found)] {
    var steps: [(query: PostgresQuery, found: Found)] = []
    for ends in query.intactEnds(mistakes: mistakes) {
      for (statement, found) in [(IndexStatement.artistsByLikeness, Found.artists), (.albumsByLikeness, .albums)] {
        if found == .artists ? scope == .albums : scope == .artists { continue }
        steps.append(
          (
            PostgresQuery(
              statement.prepared, .int8s(ends.lengths.map(Int64.init)), .text(ends.beginning), .text(ends.reversedEnd)),
            found
          ))
      }
    }
    return steps
  }

  // MARK: - Albums of an artist

  private func albums(
    _ query: SearchQuery, by artist: SearchQuery, _ deadline: Deadline
  ) throws(SourceError) -> [SearchHit] {
    var artists = try namedSo(artist, .artists, isOneOfSeveral: true, by: deadline)
    if artists.hasArtist, !artists.namedArtists.isEmpty {
      let finds = try albums(query, by: artists, of: artist, deadline)
      if !finds.isHopeless { return finds.hits(.albums) }
    }
    // Not even an artist of several names is sure to be meant if no album fits: "Simon & Garfunkle".
    try addMistyped(artist, .artists, isCertain: artists.namedArtists.isEmpty, to: &artists, by: deadline)
    return try albums(query, by: artists, of: artist, deadline).hits(.albums)
  }

  private func albums(
    _ query: SearchQuery, by artists: Finds, of artist: SearchQuery, _ deadline: Deadline
  ) throws(SourceError) -> Finds {
    let scores = artists.artistScores(best: 40)

    var finds = Finds(query)
    finds.artistScores = scores
    finds.relax()
    var steps: [(query: PostgresQuery, found: Found)] = []
    if !scores.isEmpty {
      let keys = scores.keys.map(Int64.init)
      let best = artists.artistScores(best: 20).keys.map(Int64.init)
      steps.append((PostgresQuery(IndexStatement.albumsByArtist.prepared, .int8s(best)), .albumsOfArtists))
      // Of who has thousands, and of who is not among the best, only what is called so.
      let titles = Array(Set(query.keys + query.otherKeys + (finds.relaxation.map { Array($0.titles.keys) } ?? [])))
      steps.append(
        (PostgresQuery(IndexStatement.albumsByArtistsAndKeys.prepared, .int8s(keys), .texts(titles)), .albumsOfArtists))
      for nobody in artists.nobodyKeys {
        for ends in query.intactEnds(mistakes: 1) {
          steps.append(
            (
              PostgresQuery(
                IndexStatement.albumsByArtistAndLikeness.prepared, .int8s([Int64(nobody)]),
                .int8s(ends.lengths.map(Int64.init)), .text(ends.beginning), .text(ends.reversedEnd)), .albumsOfArtists
            ))
        }
      }
    }
    // An album of several artists is found by the names of any of them.
    let words = Array(Set(query.folding.words + artist.folding.words))
    if !query.folding.words.isEmpty, !artist.folding.words.isEmpty {
      steps.append((PostgresQuery(IndexStatement.albumsByWords.prepared, .texts(words)), .albumsByWords))
    }
    if !steps.isEmpty { try run(steps, into: &finds, by: deadline) }
    finds.addRelaxedWithMistakes()
    return finds
  }

  // MARK: - Asking

  private func run(
    _ steps: [(query: PostgresQuery, found: Found)], into finds: inout Finds, by deadline: Deadline
  ) throws(SourceError) {
    try ask(steps.map(\.query), by: deadline) { index, row throws(PostgresFailure) in
      let found = steps[index].found
      let id = try row.uuid()
      let artist = try row.int()
      let form = Candidate.Form(rawValue: try row.int()) ?? .alias
      let popularity = Double(try row.int()) / 1000
      var candidate = Candidate(
        id: id, artist: artist, form: form, popularity: popularity, key: try row.text(), name: try row.text())
      if found.isAlbum { candidate.credit = try row.text() }
      if found == .pairs {
        finds.add(pair: candidate, artist: try row.uuid(), calledAs: try row.text())
      } else {
        finds.add(candidate, found)
      }
    }
  }

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

extension [SearchHit] {
  /// The best of them, best first.
  func best(_ limit: Int) -> [SearchHit] { Array(prefix(Swift.max(0, limit))) }
}
