public import Core

/// Finds artists and albums of MusicBrainz by the names that others have for them.
public protocol Matcher: AnyObject {
  /// The best match for each title and artist, in their order; nil where nothing fits.
  func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?]

  /// The best match for each artist, in their order; nil where nothing fits.
  func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?]
}

public struct AlbumName: Hashable, Sendable {
  public var title: String
  public var artist: String

  public init(title: String, artist: String) {
    self.title = title
    self.artist = artist
  }
}

public struct AlbumMatch: Equatable, Sendable {
  public var id: MBID
  public var title: String
  public var artistID: MBID
  public var artist: String
  public var date: PartialDate

  public init(id: MBID, title: String, artistID: MBID, artist: String, date: PartialDate) {
    self.id = id
    self.title = title
    self.artistID = artistID
    self.artist = artist
    self.date = date
  }
}

public struct ArtistMatch: Equatable, Sendable {
  public var id: MBID
  public var name: String

  public init(id: MBID, name: String) {
    self.id = id
    self.name = name
  }
}

/// What MusicBrainz's links say.
public protocol LinkSource: AnyObject {
  /// The artists and release groups that have a link to the Spotify ids, themselves or through a release; one question
  /// for all.
  func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink]

  /// Those of them that can be told without asking anybody.
  func knownLinks(toSpotify ids: [SpotifyID]) -> [SpotifyLink]

  /// The release groups of releases, and those that exist of release groups, keyed by the id asked for.
  func albums(ofReleasesOrGroups ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: AlbumMatch]
}

extension LinkSource {
  /// A source that has to ask.
  public func knownLinks(toSpotify ids: [SpotifyID]) -> [SpotifyLink] { [] }
}

public struct SpotifyLink: Equatable, Sendable {
  public var id: SpotifyID
  public var kind: EntityID.Kind
  public var target: MBID

  public init(id: SpotifyID, kind: EntityID.Kind, target: MBID) {
    self.id = id
    self.kind = kind
    self.target = target
  }
}
