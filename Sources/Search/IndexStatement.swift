internal import Postgres

/// What is asked of the index. The SQL is in the files named so.
enum IndexStatement: String, CaseIterable {
  case state, generation
  case artistsByKey, artistsByBeginning, artistsByWords, artistsByLikeness, artistsKnown
  case albumsByKey, albumsByBeginning, albumsByWords, albumsByLikeness
  case albumsByArtistAndKey, albumsByArtist, albumsByArtistsAndKeys, albumsByArtistAndLikeness
  case matchAlbums, matchArtists

  case lock
  case progress
  case loadArtists, loadAlbums
  case forgetArtists, forgetAlbums
  case addArtists, addAlbums
  case keepProgress

  var prepared: PostgresStatement { IndexStatement.all[self] ?? PostgresStatement(rawValue, sql) }

  private static let all = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, PostgresStatement("search_\($0.rawValue)", $0.sql)) })

  private var sql: [UInt8] {
    switch self {
    case .state: PackageResources.state_sql
    case .generation: PackageResources.generation_sql
    case .artistsByKey: PackageResources.artists_by_key_sql
    case .artistsByBeginning: PackageResources.artists_by_beginning_sql
    case .artistsByWords: PackageResources.artists_by_words_sql
    case .artistsByLikeness: PackageResources.artists_by_likeness_sql
    case .artistsKnown: PackageResources.artists_known_sql
    case .albumsByKey: PackageResources.albums_by_key_sql
    case .albumsByBeginning: PackageResources.albums_by_beginning_sql
    case .albumsByWords: PackageResources.albums_by_words_sql
    case .albumsByLikeness: PackageResources.albums_by_likeness_sql
    case .albumsByArtistAndKey: PackageResources.albums_by_artist_and_key_sql
    case .albumsByArtist: PackageResources.albums_by_artist_sql
    case .albumsByArtistsAndKeys: PackageResources.albums_by_artists_and_keys_sql
    case .albumsByArtistAndLikeness: PackageResources.albums_by_artist_and_likeness_sql
    case .matchAlbums: PackageResources.match_albums_sql
    case .matchArtists: PackageResources.match_artists_sql
    case .lock: PackageResources.lock_sql
    case .progress: PackageResources.progress_sql
    case .loadArtists: PackageResources.load_artists_sql
    case .loadAlbums: PackageResources.load_albums_sql
    case .forgetArtists: PackageResources.forget_artists_sql
    case .forgetAlbums: PackageResources.forget_albums_sql
    case .addArtists: PackageResources.add_artists_sql
    case .addAlbums: PackageResources.add_albums_sql
    case .keepProgress: PackageResources.keep_progress_sql
    }
  }
}

/// The layout of the index. One of another layout is not there.
enum IndexFormat {
  static let current = 2

  /// The comment on a schema of ours. One without it is somebody else's.
  static let marker = "Search index of Linernotes"

  /// The state of the error that says so.
  static let foreign = "LN001"

  /// Whether a failure means that it has never been built: there is no such database, schema or table.
  static func isMissing(_ failure: PostgresFailure) -> Bool {
    ["3D000", "3F000", "42P01"].contains(failure.sqlState)
  }
}
