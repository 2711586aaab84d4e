internal import Core
internal import Metadata

/// What is read from the archives: rows of artists and release groups, in partitions, and what they refer to.
struct DumpRows {
  var keys = DumpKeys()
  let groups: Partitions
  let artists: Partitions
  let links: LinkRows
  var series = SeriesRows()
  /// When the export was made.
  var created = UnixTime(seconds: 0)
  /// The last change that is in it, ISO 8601.
  var vintage: String?
  /// Rows that refer to what is not there, where the database's answers leave them out as well.
  var skipped = 0
}

/// What a record of a release group is.
enum GroupRecord {
  static let group: UInt8 = 1
  static let meta: UInt8 = 2
  static let alias: UInt8 = 3
  static let secondaryType: UInt8 = 4
  static let link: UInt8 = 5
  static let tag: UInt8 = 6
  static let release: UInt8 = 7
  static let event: UInt8 = 8
  static let label: UInt8 = 9
  static let medium: UInt8 = 10
  static let track: UInt8 = 11
  static let merged: UInt8 = 12
  static let mergedRelease: UInt8 = 13
  static let image: UInt8 = 14
  /// A release whose cover editors chose, or one whose images are not to be shown.
  static let chosenCover: UInt8 = 15
  static let darkened: UInt8 = 16
}

/// What a record of an artist is.
enum ArtistRecord {
  static let artist: UInt8 = 1
  static let meta: UInt8 = 2
  static let alias: UInt8 = 3
  static let link: UInt8 = 4
  static let tag: UInt8 = 5
  static let credit: UInt8 = 6
  /// One of the artist's albums, as its list of albums shows it.
  static let album: UInt8 = 7
  static let merged: UInt8 = 8
}
