public import Core
public import Logging
public import Metadata

/// A copy of the MusicBrainz database (schema 31), asked directly. It connects when it is first asked.
///
/// Whatever is asked is one round trip and one snapshot, and costs about what its rows cost: statements are prepared
/// once a connection, and every table is reached through an index that MusicBrainz ships.
public final class MusicBrainzDatabase: MetadataSource {
  /// The version of MusicBrainz's schema that the SQL here was written for.
  public static let knownSchema = 31

  let client: PostgresClient

  public convenience init(options: PostgresOptions, logger: Logger) {
    self.init(client: PostgresClient(options: options, logger: logger))
  }

  init(client: PostgresClient) { self.client = client }

  public func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
    guard !ids.isEmpty else { return [:] }
    let found = try find(
      ids, by: deadline, into: ArtistAssembly(), [.artists]
    ) { assembly, statement, row throws(PostgresFailure) in
      try assembly.add(&row, of: statement)
    }
    return found.artists
  }

  public func discographies(
    _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
  ) throws(SourceError) -> [MBID: Discography] {
    guard !ids.isEmpty else { return [:] }
    let found = try find(
      ids, by: deadline, into: ArtistAssembly(), [.artists, .artistAlbums, .artistAlbumStatuses],
      albumless: albumless
    ) { assembly, statement, row throws(PostgresFailure) in
      try assembly.add(&row, of: statement)
    }
    return found.discographies()
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
    do throws(PostgresFailure) {
      return try found.albums()
    } catch {
      throw error.sourceError
    }
  }

  public func vintage(by deadline: Deadline) throws(SourceError) -> String? {
    try client.run({ _ in [PostgresQuery(Statement.vintage.prepared)] }, into: nil, by: deadline) {
      (answer: inout String?, _, rows) throws(PostgresFailure) in
      try rows.forEach { row throws(PostgresFailure) in answer = row.optionalText() }
    }
  }

  /// The version of the database schema; nil when the database does not say.
  public func schemaVersion(by deadline: Deadline) throws(SourceError) -> Int? {
    try client.run({ _ in [PostgresQuery(Statement.schemaVersion.prepared)] }, into: nil, by: deadline) {
      (answer: inout Int?, _, rows) throws(PostgresFailure) in
      try rows.forEach { row throws(PostgresFailure) in answer = try row.optionalInt() }
    }
  }

  /// Makes sure that the database answers and holds MusicBrainz data.
  public func ping(by deadline: Deadline) throws(SourceError) {
    _ = try find([], by: deadline, into: (), []) { _, _, _ in }
  }

  /// Runs the statements for `ids` and, in the same snapshot, makes sure that what is not found does not exist.
  private func find<Answer>(
    _ ids: [MBID], by deadline: Deadline, into initial: Answer, _ statements: [Statement],
    withCoverArt coverArt: Statement? = nil, albumless: Set<MBID> = [],
    _ add: (inout Answer, Statement, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Answer {
    var all: [Statement] = []
    return try client.run(
      { hasCoverArt in
        all = [.populated] + statements + (hasCoverArt ? [coverArt].compactMap { $0 } : [])
        return all.map { statement in
          switch statement {
          case .populated: PostgresQuery(statement.prepared)
          case .artistAlbums, .artistAlbumStatuses:
            PostgresQuery(statement.prepared, .uuids(ids), .uuids(Array(albumless)))
          default: PostgresQuery(statement.prepared, .uuids(ids))
          }
        }
      }, into: initial, by: deadline
    ) { answer, index, rows throws(PostgresFailure) in
      let statement = all[index]
      try rows.forEach { row throws(PostgresFailure) in
        if statement != .populated {
          try add(&answer, statement, &row)
        } else if try !row.bool() {
          throw PostgresFailure(.empty, "schema musicbrainz holds no data")
        }
      }
    }
  }
}
