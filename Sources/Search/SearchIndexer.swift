public import Core
public import Logging
public import Metadata
public import Postgres

/// Builds the index of ``DatabaseSearch``, or brings it up to date.
///
/// A new index is built beside the one in use and takes its place in one transaction, so that search never stops.
public final class SearchIndexer {
  public struct Progress: Sendable {
    public var artists = 0
    public var albums = 0
    /// What is being done, in a few words.
    public var step = ""
  }

  private let source: any NameSource
  private let client: PostgresClient
  private let options: PostgresOptions
  private let logger: Logger
  /// Artists that stand for no artist. They are looked for only as whose an album is.
  private let excluded: Set<MBID>

  private static let page = 20_000
  private static let name = "search index"
  /// One statement: making the largest of the indexes is one.
  private static let stepMilliseconds = 3_600_000

  public init(source: any NameSource, options: PostgresOptions, excluded: Set<MBID>, logger: Logger) {
    self.source = source
    self.excluded = excluded
    var options = options
    options.commandTimeoutMilliseconds = SearchIndexer.stepMilliseconds
    options.serverSettings = ["jit": "off", "lock_timeout": "60s", "synchronous_commit": "off"]
    self.options = options
    self.logger = logger
    client = PostgresClient(name: SearchIndexer.name, options: options, logger: logger)
  }

  /// Builds a new index and puts it in the place of the one in use.
  public func build(_ report: (Progress) -> Void) throws(SourceError) -> Progress {
    var progress = Progress()
    // What changes while the index is built is found by the next refresh.
    let until = try source.latestChange(by: deadline)
    try createDatabaseIfMissing()
    try lock()
    defer { unlock() }
    try run(script: PackageResources.take_over_sql)
    try run(script: PackageResources.create_index_sql)
    try load(.artist, .loadArtists, .loadAlbums, &progress, report)
    try load(.album, .loadArtists, .loadAlbums, &progress, report)
    progress.step = "sorting, making indexes"
    report(progress)
    try run(script: PackageResources.finish_index_sql, until: until)
    try run(script: PackageResources.swap_index_sql)
    progress.step = "done"
    report(progress)
    return progress
  }

  /// Takes over what has changed since the index was built or refreshed.
  public func refresh(_ report: (Progress) -> Void) throws(SourceError) -> Progress {
    var progress = Progress()
    try lock()
    defer { unlock() }
    try run(script: PackageResources.take_over_sql)
    let since = try lastChange()
    progress.step = "looking for changes"
    report(progress)
    let changes = try source.nameChanges(since: since, by: deadline)
    try replace(changes.artists, gone: changes.goneArtists, .artist, &progress, report)
    try replace(changes.albums, gone: changes.goneAlbums, .album, &progress, report)
    try run([query(.keepProgress, [.int8(changes.until.microseconds)])])
    progress.step = "done"
    report(progress)
    return progress
  }

  // MARK: - Steps

  private func load(
    _ kind: EntityID.Kind, _ artists: IndexStatement, _ albums: IndexStatement, _ progress: inout Progress,
    _ report: (Progress) -> Void
  ) throws(SourceError) {
    progress.step = kind == .artist ? "reading artists" : "reading albums"
    var last = 0
    while true {
      let keys = try source.keys(of: kind, after: last, limit: SearchIndexer.page, by: deadline)
      guard let end = keys.last else { return }
      last = end
      try run([try insertion(of: keys, kind, artists, albums)])
      count(keys, kind, &progress)
      report(progress)
    }
  }

  private func replace(
    _ keys: [Int], gone: [MBID], _ kind: EntityID.Kind, _ progress: inout Progress, _ report: (Progress) -> Void
  ) throws(SourceError) {
    progress.step = kind == .artist ? "replacing artists" : "replacing albums"
    let forget = kind == .artist ? IndexStatement.forgetArtists : .forgetAlbums
    var rest = keys[...]
    var gone = gone
    while !rest.isEmpty || !gone.isEmpty {
      let page = Array(rest.prefix(SearchIndexer.page))
      rest = rest.dropFirst(page.count)
      // One transaction: nobody searches between a name's going and its coming back.
      try run([
        query(forget, [.int8s(page.map(Int64.init)), .uuids(gone)]),
        try insertion(of: page, kind, .addArtists, .addAlbums),
      ])
      gone = []
      count(page, kind, &progress)
      report(progress)
    }
  }

  private func insertion(
    of keys: [Int], _ kind: EntityID.Kind, _ artists: IndexStatement, _ albums: IndexStatement
  ) throws(SourceError) -> PostgresQuery {
    switch kind {
    case .artist:
      var rows = ArtistRows()
      for artist in try source.artistNames(keys, by: deadline) {
        rows.add(artist, isNobody: excluded.contains(artist.id))
      }
      return query(artists, rows.parameters)
    case .album:
      var rows = AlbumRows()
      for album in try source.albumNames(keys, by: deadline) { rows.add(album) }
      return query(albums, rows.parameters)
    }
  }

  private func count(_ keys: [Int], _ kind: EntityID.Kind, _ progress: inout Progress) {
    if kind == .artist { progress.artists += keys.count } else { progress.albums += keys.count }
  }

  private func lastChange() throws(SourceError) -> ChangeTime {
    let found: (format: Int, until: Int)?
    do throws(PostgresFailure) {
      found = try client.run(
        { _ in [query(.progress, [])] }, into: nil, by: deadline
      ) { answer, _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in answer = (try row.int(), try row.int()) }
      }
    } catch {
      guard IndexFormat.isMissing(error) else { throw error.sourceError(of: SearchIndexer.name) }
      throw SourceError(.empty, "\(SearchIndexer.name): has to be built before it can be refreshed")
    }
    guard let found, found.format == IndexFormat.current else {
      throw SourceError(.empty, "\(SearchIndexer.name): is of another version and has to be built anew")
    }
    return ChangeTime(microseconds: Int64(found.until))
  }

  // MARK: - One at a time

  private func lock() throws(SourceError) {
    var isOurs = false
    do throws(PostgresFailure) {
      isOurs = try client.run({ _ in [query(.lock, [])] }, into: false, by: deadline) {
        answer, _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in answer = try row.bool() }
      }
    } catch {
      guard error.sqlState == "3D000" else { throw error.sourceError(of: SearchIndexer.name) }
      throw SourceError(.empty, "\(SearchIndexer.name): has to be built before it can be refreshed")
    }
    guard isOurs else {
      throw SourceError(.failed, "\(SearchIndexer.name): another search-index is at work")
    }
  }

  /// The lock goes with the connection in any case.
  private func unlock() { try? client.run(script: "SELECT pg_advisory_unlock_all()", by: deadline) }

  // MARK: - Asking

  private var deadline: Deadline { .after(milliseconds: SearchIndexer.stepMilliseconds) }

  private func query(_ statement: IndexStatement, _ parameters: [PostgresParameter]) -> PostgresQuery {
    var query = PostgresQuery(statement.prepared)
    query.parameters = parameters
    return query
  }

  private func run(_ queries: [PostgresQuery]) throws(SourceError) {
    do throws(PostgresFailure) {
      try client.run({ _ in queries }, into: (), by: deadline) { _, _, _ in }
    } catch {
      throw error.sourceError(of: SearchIndexer.name)
    }
  }

  /// Creates the database where the server has none of that name: it may be the first to need it.
  private func createDatabaseIfMissing() throws(SourceError) {
    do throws(PostgresFailure) {
      do throws(PostgresFailure) {
        return try client.run(script: "SELECT 1", by: deadline)
      } catch {
        guard error.sqlState == "3D000" else { throw error }
      }
      var maintenance = options
      maintenance.database = "postgres"
      do throws(PostgresFailure) {
        try PostgresClient(name: SearchIndexer.name, options: maintenance, logger: logger)
          .run(script: "CREATE DATABASE \"\(options.database.replacing("\"", with: "\"\""))\"", by: deadline)
      } catch {
        // 42P04, 23505: another process was faster.
        guard error.sqlState == "42P04" || error.sqlState == "23505" else { throw error }
      }
      client.forgetFailure()
    } catch {
      throw error.sourceError(of: SearchIndexer.name)
    }
  }

  private func run(script: [UInt8], until: ChangeTime? = nil) throws(SourceError) {
    let script = String(decoding: script, as: UTF8.self)
      .replacing("$format", with: String(IndexFormat.current))
      .replacing("$until", with: String(until?.microseconds ?? 0))
      .replacing("$marker", with: IndexFormat.marker)
      .replacing("$foreign", with: IndexFormat.foreign)
    do throws(PostgresFailure) {
      try client.run(script: script, by: deadline)
    } catch {
      if error.sqlState == IndexFormat.foreign {
        throw SourceError(
          .failed,
          "\(SearchIndexer.name): a schema linernotes_search or linernotes_search_new that linernotes has not made is in "
            + "the database; it is left alone, and has to be renamed")
      }
      throw error.sourceError(of: SearchIndexer.name)
    }
  }
}
