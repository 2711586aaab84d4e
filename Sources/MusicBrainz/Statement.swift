internal import Postgres

/// What is asked of the database. The SQL is in the files named so; they say which columns a row has.
enum Statement: String, CaseIterable {
  case session
  case populated
  case filled
  case uncredited
  case uncreditedNewest
  case vintage

  case artists
  case releaseStatuses
  case artistAlbums

  case albums
  case albumReleases
  case albumReleaseEvents
  case albumLabels
  case albumMedia
  case albumCredits
  case albumTracks
  case albumCovers

  case artistIDs
  case albumIDs
  case artistKeys
  case albumKeys
  case artistNames
  case albumNames
  case latestChange
  case changedNames

  case identifiedID
  case identifiedURL
  case albumsByRecordings
  case groupsOfReleases
  case series
  case seriesIDs
  case spotifyLinks
  case spotifyPages
  case lastURL
  case matchingArtists
  case matchingAlbums
  case albumsOfReleases
  case rowArtists
  case rowAlbums
  case rowSeries

  var prepared: PostgresStatement { Statement.all[self] ?? PostgresStatement(rawValue, sql) }

  /// Whether one entity may have thousands of its rows: they are read while the server looks for the next.
  var mayFindThousands: Bool { self == .artistAlbums || self == .albumTracks }

  private static let all = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, PostgresStatement($0.rawValue, $0.sql)) })

  private var sql: [UInt8] {
    switch self {
    case .session: PackageResources.session_sql
    case .populated: PackageResources.populated_sql
    case .filled: PackageResources.filled_sql
    case .uncredited: PackageResources.uncredited_sql
    case .uncreditedNewest: PackageResources.uncredited_newest_sql
    case .vintage: PackageResources.vintage_sql
    case .artists: PackageResources.artists_sql
    case .releaseStatuses: PackageResources.release_statuses_sql
    case .artistAlbums: PackageResources.artist_albums_sql
    case .albums: PackageResources.albums_sql
    case .albumReleases: PackageResources.album_releases_sql
    case .albumReleaseEvents: PackageResources.album_release_events_sql
    case .albumLabels: PackageResources.album_labels_sql
    case .albumMedia: PackageResources.album_media_sql
    case .albumCredits: PackageResources.album_credits_sql
    case .albumTracks: PackageResources.album_tracks_sql
    case .albumCovers: PackageResources.album_covers_sql
    case .artistIDs: PackageResources.artist_ids_sql
    case .albumIDs: PackageResources.album_ids_sql
    case .artistKeys: PackageResources.artist_keys_sql
    case .albumKeys: PackageResources.album_keys_sql
    case .artistNames: PackageResources.artist_names_sql
    case .albumNames: PackageResources.album_names_sql
    case .latestChange: PackageResources.latest_change_sql
    case .changedNames: PackageResources.changed_names_sql
    case .identifiedID: PackageResources.identified_id_sql
    case .identifiedURL: PackageResources.identified_url_sql
    case .albumsByRecordings: PackageResources.albums_by_recordings_sql
    case .groupsOfReleases: PackageResources.groups_of_releases_sql
    case .series: PackageResources.series_sql
    case .seriesIDs: PackageResources.series_ids_sql
    case .spotifyLinks: PackageResources.spotify_links_sql
    case .spotifyPages: PackageResources.spotify_pages_sql
    case .lastURL: PackageResources.last_url_sql
    case .matchingArtists: PackageResources.matching_artists_sql
    case .matchingAlbums: PackageResources.matching_albums_sql
    case .albumsOfReleases: PackageResources.albums_of_releases_sql
    case .rowArtists: PackageResources.row_artists_sql
    case .rowAlbums: PackageResources.row_albums_sql
    case .rowSeries: PackageResources.row_series_sql
    }
  }
}
