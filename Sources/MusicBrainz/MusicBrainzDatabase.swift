public import Core
public import Logging
public import Metadata
public import Postgres

/// A copy of the MusicBrainz database (schema 31), asked directly. It connects when it is first asked.
///
/// A question is one round trip and one snapshot, and a second one if its answer lacks something. It costs about what
/// its rows cost: statements are prepared once per connection, and those of requests reach large tables through indexes
/// that MusicBrainz ships. What the search index asks for changes, and the count of albums without artists, read whole
/// tables.
public final class MusicBrainzDatabase: MetadataSource {
  /// The version of MusicBrainz's schema that the SQL here was written for.
  public static let knownSchema = 31

  let client: PostgresClient
  private let now: () -> UInt64
  /// Until when it is believed that the newest albums have artists, in monotonic nanoseconds.
  private var creditedUntil: UInt64 = 0

  /// Looking takes two milliseconds.
  private static let creditedNanoseconds: UInt64 = 10_000_000_000

  static let name = "MusicBrainz database"

  public init(
    options: PostgresOptions, logger: Logger, now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds
  ) {
    var options = options
    options.serverSettings = MusicBrainzDatabase.serverSettings
    self.now = now
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
    let asked = Set(ids).count
    let found = try ask([.artists], by: deadline, into: ArtistAssembly()) {
      $0.artists.count == asked
    } about: { _ in
      [.uuids(ids)]
    } add: { assembly, statement, row throws(PostgresFailure) in
      try assembly.add(&row, of: statement)
    }
    return found.artists
  }

  public func discographies(
    _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
  ) throws(SourceError) -> [MBID: Discography] {
    guard !ids.isEmpty else { return [:] }
    let asked = Set(ids).count
    // An album whose credit is not there is on no artist's list, and no list shows that it lacks one.
    let isDue = now() >= creditedUntil
    // Later statements refer to what earlier ones found.
    let statements: [Statement] = [.artists, .releaseStatuses, .artistAlbums]
    let found = try ask(
      (isDue ? [.uncreditedNewest] : []) + statements, by: deadline, into: DiscographyRows()
    ) {
      $0.assembly.isWhole(asked: asked, albumless: albumless)
    } about: { statement in
      switch statement {
      case .uncreditedNewest, .releaseStatuses: []
      case .artistAlbums: [.uuids(ids), .uuids(Array(albumless))]
      default: [.uuids(ids)]
      }
    } add: { rows, statement, row throws(PostgresFailure) in
      try rows.add(&row, of: statement)
    }
    do throws(PostgresFailure) {
      try found.uncredited.check(found.assembly.artists.values)
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
    if isDue, found.uncredited.count == 0 { creditedUntil = now() + MusicBrainzDatabase.creditedNanoseconds }
    return found.assembly.discographies
  }

  public func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
    guard !ids.isEmpty else { return [:] }
    let asked = Set(ids).count
    // Later statements refer to the ids of earlier ones.
    let parts: [Statement] = [
      .albums, .albumReleases, .albumReleaseEvents, .albumLabels, .albumMedia, .albumCredits, .albumTracks,
    ]
    let found = try ask(parts, withCoverArt: .albumCovers, by: deadline, into: AlbumAssembly()) {
      $0.isWhole(asked: asked)
    } about: { _ in
      [.uuids(ids)]
    } add: { assembly, statement, row throws(PostgresFailure) in
      try assembly.add(&row, of: statement)
    }
    do throws(PostgresFailure) {
      return try assembling { () throws(AssemblyFailure) in try found.albums() }
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }

  public func vintage(by deadline: Deadline) throws(SourceError) -> String? {
    try ask(Statement.vintage, by: deadline) { row throws(PostgresFailure) in row.optionalText() }
  }

  /// Makes sure that the database answers, that its import has been finished, and that it has the rows for answers.
  public func ping(by deadline: Deadline) throws(SourceError) {
    try ask([.uncreditedNewest], by: deadline, into: ()) {
      false
    } about: { _ in
      []
    } add: { _, _, row throws(PostgresFailure) in
      try UncreditedAlbums(&row).check()
    }
  }

  /// How many release groups no artist lists, because nobody is credited with them. It takes seconds to find out.
  public func uncreditedAlbums(by deadline: Deadline) throws(SourceError) -> Int {
    try ask(Statement.uncredited, by: deadline) { row throws(PostgresFailure) in try row.int() } ?? 0
  }
}
