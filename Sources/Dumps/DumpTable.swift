/// A table of MusicBrainz' database as it is in a dump: rows without names of columns.
struct DumpTable: Sendable {
  let name: String
  /// The file name of the archive that holds it.
  let archive: String
  let columns: Int
}

/// The archives of an export that are read.
enum DumpArchive: String, CaseIterable, Sendable {
  case core = "mbdump.tar.bz2"
  case derived = "mbdump-derived.tar.bz2"
  case coverArt = "mbdump-cover-art-archive.tar.bz2"

  var tables: [DumpTableName] { DumpTableName.allCases.filter { $0.archive == self } }
}

/// The tables that are read, by the names that they have in the archives.
enum DumpTableName: String, CaseIterable, Sendable {
  case area
  case artist
  case artistAlias = "artist_alias"
  case artistAliasType = "artist_alias_type"
  case artistCredit = "artist_credit"
  case artistCreditName = "artist_credit_name"
  case artistRedirect = "artist_gid_redirect"
  case artistType = "artist_type"
  case genre
  case artistURL = "l_artist_url"
  case groupSeries = "l_release_group_series"
  case groupURL = "l_release_group_url"
  case releaseURL = "l_release_url"
  case label
  case link
  case linkText = "link_attribute_text_value"
  case linkType = "link_type"
  case medium
  case mediumFormat = "medium_format"
  case recording
  case recordingRedirect = "recording_gid_redirect"
  case release
  case releaseCountry = "release_country"
  case releaseRedirect = "release_gid_redirect"
  case group = "release_group"
  case groupAlias = "release_group_alias"
  case groupAliasType = "release_group_alias_type"
  case groupRedirect = "release_group_gid_redirect"
  case primaryType = "release_group_primary_type"
  case secondaryType = "release_group_secondary_type"
  case secondaryTypeJoin = "release_group_secondary_type_join"
  case releaseLabel = "release_label"
  case releaseStatus = "release_status"
  case releaseUnknownCountry = "release_unknown_country"
  case replicationControl = "replication_control"
  case series
  case seriesRedirect = "series_gid_redirect"
  case track
  case trackRedirect = "track_gid_redirect"
  case url

  case artistMeta = "artist_meta"
  case artistTag = "artist_tag"
  case groupMeta = "release_group_meta"
  case groupTag = "release_group_tag"
  case releaseMeta = "release_meta"
  case tag

  case artType = "cover_art_archive.art_type"
  case coverArt = "cover_art_archive.cover_art"
  case coverArtType = "cover_art_archive.cover_art_type"
  case groupCoverArt = "cover_art_archive.release_group_cover_art"

  /// The version of MusicBrainz' schema that the numbers of columns, and their order, are of.
  static let schema = 31

  var archive: DumpArchive {
    switch self {
    case .artistMeta, .artistTag, .groupMeta, .groupTag, .releaseMeta, .tag: .derived
    case .artType, .coverArt, .coverArtType, .groupCoverArt: .coverArt
    default: .core
    }
  }

  private var columns: Int {
    switch self {
    case .coverArtType, .groupCoverArt: 2
    case .artistRedirect, .linkText, .recordingRedirect, .releaseRedirect, .groupRedirect, .secondaryTypeJoin,
      .seriesRedirect, .trackRedirect, .artistMeta, .tag:
      3
    case .releaseUnknownCountry, .replicationControl, .artistTag, .groupTag: 4
    case .artistCreditName, .releaseCountry, .releaseLabel, .url, .releaseMeta: 5
    case .artistAliasType, .artistType, .genre, .groupAliasType, .primaryType, .secondaryType, .releaseStatus, .artType:
      6
    case .artistCredit, .groupMeta: 7
    case .mediumFormat, .group, .series: 8
    case .artistURL, .groupSeries, .groupURL, .releaseURL, .medium, .recording: 9
    case .link: 11
    case .track, .coverArt: 12
    case .area, .release: 14
    case .artistAlias, .label, .linkType, .groupAlias: 16
    case .artist: 19
    }
  }

  var table: DumpTable { DumpTable(name: rawValue, archive: archive.rawValue, columns: columns) }

  /// Whether MusicBrainz cannot be without rows of it.
  var isFilled: Bool {
    switch self {
    case .artist, .artistCredit, .artistCreditName, .group, .release, .medium, .track, .recording, .replicationControl:
      true
    default: false
    }
  }

  /// What has to be read before it: its rows refer to those.
  var needed: [DumpTableName] {
    switch self {
    case .artistCreditName: [.artist, .artistCredit]
    case .link, .linkText: [.groupSeries]
    case .track: [.medium, .recording, .release, .artistCreditName]
    case .release: [.medium]
    case .releaseCountry, .releaseLabel, .releaseUnknownCountry, .releaseRedirect: [.release]
    case .group: [.artistCreditName]
    case .url: [.artistURL, .groupURL, .releaseURL]
    case .recordingRedirect: [.recording]
    case .releaseMeta: [.release]
    case .coverArtType: [.artType, .coverArt]
    default: []
    }
  }
}
