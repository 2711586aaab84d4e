public import Core

/// What changed in MusicBrainz, by the documents that show it.
public struct EntityChanges: Equatable, Sendable {
  /// Whose row, aliases, genres, links or rating changed.
  public var artists: Set<MBID> = []
  /// Artists whose list of albums changed.
  public var discographies: Set<MBID> = []
  public var albums: Set<MBID> = []
  public var series: Set<MBID> = []
  /// Ids of Spotify that were linked to another entity, or to one no longer.
  public var spotifyArtists: Set<String> = []
  public var spotifyAlbums: Set<String> = []

  public init() {}

  public var isEmpty: Bool {
    artists.isEmpty && discographies.isEmpty && albums.isEmpty && series.isEmpty && spotifyArtists.isEmpty
      && spotifyAlbums.isEmpty
  }

  public mutating func add(_ other: EntityChanges) {
    artists.formUnion(other.artists)
    discographies.formUnion(other.discographies)
    albums.formUnion(other.albums)
    series.formUnion(other.series)
    spotifyArtists.formUnion(other.spotifyArtists)
    spotifyAlbums.formUnion(other.spotifyAlbums)
  }
}

/// Changes, and where to go on behind them.
public struct ChangeBatch: Sendable {
  public var changes: EntityChanges
  /// Where the next batch begins. Only the source can read it. Whoever makes the changes take effect keeps it, and only
  /// then.
  public var position: String
  /// Whether there was nothing behind these when they were read.
  public var isLast: Bool
  /// How many rows they come from.
  public var rows: Int
  /// When the oldest of them was made, as far as the source knows.
  public var oldest: UnixTime?
  /// Whether changes before these cannot be told any more, such as after a database was imported again: whatever is
  /// stored has to be compared.
  public var hasGap: Bool
  /// The tables that were read from end to end, because no index leads to what changed in them.
  public var scanned: [String]

  public init(
    changes: EntityChanges, position: String, isLast: Bool, rows: Int, oldest: UnixTime? = nil, hasGap: Bool = false,
    scanned: [String] = []
  ) {
    self.changes = changes
    self.position = position
    self.isLast = isLast
    self.rows = rows
    self.oldest = oldest
    self.hasGap = hasGap
    self.scanned = scanned
  }
}

/// How a source learns of changes.
public enum ChangeFeed: String, Sendable {
  /// From each packet of replication: sees everything.
  case packets
  /// From triggers on the rows: sees everything.
  case rows
  /// From the times in the rows: what leaves no time is found by comparing what is stored.
  case times
}

/// Tells what changed in MusicBrainz. Any number of consumers may ask, each with a position of its own.
public protocol ChangeSource: AnyObject {
  /// How it learns of changes now. What is best here may change while it runs, such as when somebody installs triggers.
  func feed(by deadline: Deadline) throws(SourceError) -> ChangeFeed

  /// What changed behind a position, the oldest first, from about `limit` rows. It never tells of a change that a look-up
  /// would not see yet.
  ///
  /// - Parameter position: that of the batch before; nil for the first time, when all that is told is where to begin. A
  ///   position of another feed, or of a database that has been replaced, is understood as well as can be.
  func changes(after position: String?, limit: Int, by deadline: Deadline) throws(SourceError) -> ChangeBatch

  /// What changed since a moment, as a position for ``changes(after:limit:by:)``. Nothing is missed; something earlier may
  /// be told as well.
  func position(since time: UnixTime, by deadline: Deadline) throws(SourceError) -> String
}
