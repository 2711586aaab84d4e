public import Core

/// Where a search index gets its names from: everything that people may call an artist or an album, a page at a time.
///
/// The integers are keys of the source, which only it can read.
public protocol NameSource: AnyObject {
  /// The next `limit` artists or albums behind a key, in ascending order; none at the end. The first page begins at 0.
  func keys(of kind: EntityID.Kind, after key: Int, limit: Int, by deadline: Deadline) throws(SourceError) -> [Int]

  func artistNames(_ keys: [Int], by deadline: Deadline) throws(SourceError) -> [ArtistNames]

  func albumNames(_ keys: [Int], by deadline: Deadline) throws(SourceError) -> [AlbumNames]

  /// What has changed since a time, and what time it is there now.
  func nameChanges(since time: ChangeTime, by deadline: Deadline) throws(SourceError) -> NameChanges

  /// The latest change there is; where an index that is built now has to go on from.
  func latestChange(by deadline: Deadline) throws(SourceError) -> ChangeTime
}

public struct ArtistNames: Equatable, Sendable {
  public var key: Int
  public var id: MBID
  public var name: String
  public var sortName: String
  public var aliases: [String]
  /// Other spellings on releases.
  public var credits: [String]
  /// How well known it is: how often it is credited, and how often it was rated.
  public var references: Int
  public var ratings: Int

  public init(
    key: Int, id: MBID, name: String, sortName: String, aliases: [String] = [], credits: [String] = [],
    references: Int = 0, ratings: Int = 0
  ) {
    self.key = key
    self.id = id
    self.name = name
    self.sortName = sortName
    self.aliases = aliases
    self.credits = credits
    self.references = references
    self.ratings = ratings
  }
}

public struct AlbumNames: Equatable, Sendable {
  public var key: Int
  public var id: MBID
  public var title: String
  /// Aliases, and titles of releases that differ.
  public var aliases: [String]
  /// The artists as they are printed.
  public var credit: String
  /// The first credited artist.
  public var artistKey: Int
  public var type: String?
  /// Whether it is a compilation, live recording, remix, …
  public var isSecondary: Bool
  public var releases: Int
  public var ratings: Int

  public init(
    key: Int, id: MBID, title: String, aliases: [String] = [], credit: String, artistKey: Int, type: String? = nil,
    isSecondary: Bool = false, releases: Int = 0, ratings: Int = 0
  ) {
    self.key = key
    self.id = id
    self.title = title
    self.aliases = aliases
    self.credit = credit
    self.artistKey = artistKey
    self.type = type
    self.isSecondary = isSecondary
    self.releases = releases
    self.ratings = ratings
  }
}

/// A moment in the source's history, in microseconds since 1970.
public struct ChangeTime: Equatable, Sendable {
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }
}

public struct NameChanges: Equatable, Sendable {
  public var artists: [Int]
  public var albums: [Int]
  /// Ids that were merged into others.
  public var goneArtists: [MBID]
  public var goneAlbums: [MBID]
  public var until: ChangeTime

  public init(artists: [Int], albums: [Int], goneArtists: [MBID], goneAlbums: [MBID], until: ChangeTime) {
    self.artists = artists
    self.albums = albums
    self.goneArtists = goneArtists
    self.goneAlbums = goneAlbums
    self.until = until
  }
}
