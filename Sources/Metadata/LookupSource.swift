public import Core

/// Finds artists and albums by something other than their own id or name.
public protocol LookupSource: AnyObject {
  /// What an id stands for, whatever kind of entity it names, also where it was merged into another.
  func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID]

  /// What a web page is about, by the relationships of MusicBrainz; the spellings of its address in order of preference.
  func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID]

  /// Up to five albums with a release that holds these recordings, the best match first.
  func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID]

  /// The albums that these releases belong to, by the id that was asked for; what is no release is left out.
  func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID]

  /// Whether there is such a series; true where finding out takes long.
  func hasSeries(_ id: MBID, by deadline: Deadline) throws(SourceError) -> Bool

  /// Those of them that can be told without asking anybody.
  func knownAlbums(ofReleases ids: [MBID]) -> [MBID: MBID]

  /// The albums in a series, in its order; none when there is no such series.
  func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry]
}

extension LookupSource {
  /// A source that would have to ask for long.
  public func hasSeries(_ id: MBID, by deadline: Deadline) throws(SourceError) -> Bool { true }

  /// A source that knows no releases.
  public func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID] { [:] }

  /// A source that has to ask.
  public func knownAlbums(ofReleases ids: [MBID]) -> [MBID: MBID] { [:] }
}

public struct SeriesEntry: Equatable, Sendable {
  public var album: MBID
  public var title: String
  /// The first credited artist.
  public var artist: MBID
  public var artistName: String
  public var date: PartialDate

  public init(album: MBID, title: String, artist: MBID, artistName: String = "", date: PartialDate) {
    self.album = album
    self.title = title
    self.artist = artist
    self.artistName = artistName
    self.date = date
  }
}
