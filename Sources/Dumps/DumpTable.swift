/// A table of MusicBrainz' database as it is in a dump: rows without names of columns.
struct DumpTable: Sendable {
  let name: String
  /// The file name of the archive that holds it.
  let archive: String
  /// What the columns hold.
  let form: [Form]

  var columns: Int { form.count }

  /// What a column may hold, unless it is null.
  enum Form: Character, Sendable {
    case int = "i"
    case long = "l"
    case id = "u"
    case bool = "b"
    case time = "d"
    case text = "x"
    /// Whether there is cover art.
    case presence = "p"
  }
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

  /// By columns, as `DumpTable.Form` has them.
  private var form: String {
    switch self {
    case .groupCoverArt: "ii"
    case .coverArtType: "li"
    case .secondaryTypeJoin: "iid"
    case .artistMeta: "iii"
    case .linkText: "iix"
    case .tag: "ixi"
    case .artistRedirect, .recordingRedirect, .releaseRedirect, .groupRedirect, .seriesRedirect, .trackRedirect: "uid"
    case .replicationControl, .artistTag, .groupTag: "iiid"
    case .releaseUnknownCountry: "iiii"
    case .releaseMeta: "idxxp"
    case .releaseCountry: "iiiii"
    case .releaseLabel: "iiixd"
    case .artistCreditName: "iiixx"
    case .url: "iuxid"
    case .genre: "iuxxid"
    case .artistAliasType, .artistType, .groupAliasType, .primaryType, .secondaryType, .releaseStatus, .artType:
      "ixiixu"
    case .groupMeta: "iiiiiii"
    case .artistCredit: "ixiidiu"
    case .group: "iuxiixid"
    case .series: "iuxxiiid"
    case .mediumFormat: "ixiiibxu"
    case .artistURL, .groupSeries, .groupURL, .releaseURL: "iiiiidixx"
    case .medium: "iiiixidiu"
    case .recording: "iuxiixidb"
    case .link: "iiiiiiiiidb"
    case .track: "iuiiixxiiidb"
    case .coverArt: "lixiidixiiii"
    case .area: "iuxiidiiiiiibx"
    case .release: "iuxiiiiiixxiid"
    case .linkType: "iiiuxxxxxxxdbbii"
    case .artistAlias, .groupAlias: "iixxidixiiiiiibb"
    case .label: "iuxiiiiiiiiixidb"
    case .artist: "iuxxiiiiiiiiixidbii"
    }
  }

  var table: DumpTable {
    DumpTable(name: rawValue, archive: archive.rawValue, form: form.compactMap { DumpTable.Form(rawValue: $0) })
  }

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
