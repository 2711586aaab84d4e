public import Core
public import Logging
public import Metadata
public import Postgres

/// A copy of the MusicBrainz database (schema 31), asked directly. It connects when it is first asked.
///
/// Whatever is asked is one round trip and one snapshot, and costs about what its rows cost: statements are prepared
/// once a connection, and every table is reached through an index that MusicBrainz ships.
public final class MusicBrainzDatabase: MetadataSource {
  /// The version of MusicBrainz's schema that the SQL here was written for.
  public static let knownSchema = 31

  let client: PostgresClient

  static let name = "MusicBrainz database"

  public init(
    options: PostgresOptions, logger: Logger, now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds
  ) {
    var options = options
    options.serverSettings = MusicBrainzDatabase.serverSettings
    // Without one snapshot for all statements of a pipeline, a document could mix two states of the database.
    client = PostgresClient(
      name: MusicBrainzDatabase.name, options: options,
      greeting: .init(
        Statement.session.prepared,
        refusal: "the settings in the connection's options are not in force (a pooler's doing?)"),
      logger: logger, now: now)
  }

  /// Repeatable read gives all statements of a pipeline one snapshot. Every statement is planned once and for any
  /// number of ids: planning costs several times what finding one entity does. Nothing here is worth compiling.
  private static let serverSettings = [
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
    "search_path": "musicbrainz,public",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
  ]

  public func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
    guard !ids.isEmpty else { return [:] }
    let found = try find(
      ids, by: deadline, into: ArtistAssembly(), [.artists]
    ) { assembly, statement, row throws(PostgresFailure) in
      try assembly.add(&row, of: statement)
    }
    let artists = found.answer.artists
    try makeSure(found.population.hasArtists, if: artists.count < Set(ids).count)
    return artists
  }

  public func discographies(
    _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
  ) throws(SourceError) -> [MBID: Discography] {
    guard !ids.isEmpty else { return [:] }
    // Later statements refer to what earlier ones found.
    let found = try find(
      ids, by: deadline, into: ArtistAssembly(), [.artists, .releaseStatuses, .artistAlbums],
      albumless: albumless
    ) { assembly, statement, row throws(PostgresFailure) in
      try assembly.add(&row, of: statement)
    }
    let discographies = found.answer.discographies
    try makeSure(found.population.hasArtists, if: discographies.count < Set(ids).count)
    return discographies
  }

  public func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
    guard !ids.isEmpty else { return [:] }
    // Later statements refer to the ids of earlier ones.
    let parts: [Statement] = [
      .albums, .albumReleases, .albumReleaseEvents, .albumLabels, .albumMedia, .albumCredits, .albumTracks,
    ]
    let found = try find(
      ids, by: deadline, into: AlbumAssembly(), parts, withCoverArt: .albumCovers
    ) { assembly, statement, row throws(PostgresFailure) in
      try assembly.add(&row, of: statement)
    }
    let albums: [MBID: Album]
    do throws(PostgresFailure) {
      albums = try found.answer.albums()
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
    try makeSure(found.population.hasAlbums, if: albums.count < Set(ids).count)
    return albums
  }

  public func vintage(by deadline: Deadline) throws(SourceError) -> String? {
    try ask(Statement.vintage, by: deadline) { row throws(PostgresFailure) in row.optionalText() }
  }

  /// The version of the database schema; nil when the database does not say.
  public func schemaVersion(by deadline: Deadline) throws(SourceError) -> Int? {
    try ask(Statement.schemaVersion, by: deadline) { row throws(PostgresFailure) in try row.optionalInt() }
  }

  /// Makes sure that the database answers and that its import has been finished.
  public func ping(by deadline: Deadline) throws(SourceError) {
    _ = try find([], by: deadline, into: (), []) { _, _, _ in }
  }

  /// What is there to be found.
  private struct Population {
    var hasArtists = false
    var hasAlbums = false
  }

  /// Runs the statements for `ids` in one snapshot.
  private func find<Answer>(
    _ ids: [MBID], by deadline: Deadline, into initial: Answer, _ statements: [Statement],
    withCoverArt coverArt: Statement? = nil, albumless: Set<MBID> = [],
    _ add: (inout Answer, Statement, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> (answer: Answer, population: Population) {
    var all: [Statement] = []
    do throws(PostgresFailure) {
      return try client.run(
        { facts in
          all = [.populated] + statements + (facts.first == true ? [coverArt].compactMap { $0 } : [])
          return all.map { statement in
            var query = PostgresQuery(statement.prepared)
            switch statement {
            case .populated, .releaseStatuses: break
            case .artistAlbums: query.parameters = [.uuids(ids), .uuids(Array(albumless))]
            default: query.parameters = [.uuids(ids)]
            }
            query.isStreamed = statement.mayFindThousands
            return query
          }
        }, into: (initial, Population()), by: deadline
      ) { found, index, rows throws(PostgresFailure) in
        let statement = all[index]
        try rows.forEach { row throws(PostgresFailure) in
          guard statement == .populated else { return try add(&found.0, statement, &row) }
          guard try row.bool() else {
            throw PostgresFailure(.empty, "the import of schema musicbrainz has not been finished")
          }
          found.1 = Population(hasArtists: try row.bool(), hasAlbums: try row.bool())
        }
      }
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }

  /// That an id is not in the answer means that it does not exist, but only where there are others.
  private func makeSure(_ isPopulated: Bool, if isMissing: Bool) throws(SourceError) {
    guard !isMissing || isPopulated else {
      throw SourceError(.empty, "\(MusicBrainzDatabase.name): schema musicbrainz holds no data")
    }
  }

  /// The answer of a statement without parameters; nil when it has no row.
  private func ask<Value>(
    _ statement: Statement, by deadline: Deadline,
    _ read: (inout PostgresRow) throws(PostgresFailure) -> Value?
  ) throws(SourceError) -> Value? {
    do throws(PostgresFailure) {
      return try client.run({ _ in [PostgresQuery(statement.prepared)] }, into: nil, by: deadline) {
        (answer: inout Value?, _, rows) throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in answer = try read(&row) }
      }
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }
}
