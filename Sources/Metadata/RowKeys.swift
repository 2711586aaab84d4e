public import Core

/// Rows of MusicBrainz' tables, by the numbers that they have there, and entities that are known by their MBIDs alone:
/// what somebody says has changed, and what a database has to be asked about.
public struct RowKeys: Equatable, Sendable {
  public var artists: Set<Int64> = []
  public var albums: Set<Int64> = []
  public var releases: Set<Int64> = []
  public var media: Set<Int64> = []
  public var tracks: Set<Int64> = []
  public var recordings: Set<Int64> = []
  public var urls: Set<Int64> = []
  public var series: Set<Int64> = []
  /// Whose artists' lists show them.
  public var albumIDs: Set<MBID> = []
  public var releaseIDs: Set<MBID> = []

  public init() {}

  public var isEmpty: Bool {
    artists.isEmpty && albums.isEmpty && releases.isEmpty && media.isEmpty && tracks.isEmpty && recordings.isEmpty
      && urls.isEmpty && series.isEmpty && albumIDs.isEmpty && releaseIDs.isEmpty
  }

  public mutating func add(_ other: RowKeys) {
    artists.formUnion(other.artists)
    albums.formUnion(other.albums)
    releases.formUnion(other.releases)
    media.formUnion(other.media)
    tracks.formUnion(other.tracks)
    recordings.formUnion(other.recordings)
    urls.formUnion(other.urls)
    series.formUnion(other.series)
    albumIDs.formUnion(other.albumIDs)
    releaseIDs.formUnion(other.releaseIDs)
  }
}

/// Tells which documents show rows.
public protocol RowSource: AnyObject {
  /// Rows that are not there, because they have been deleted, are shown by nothing.
  func changes(of rows: RowKeys, by deadline: Deadline) throws(SourceError) -> EntityChanges
}
