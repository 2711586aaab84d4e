public import Core

/// Where artists and albums come from. What MusicBrainz does not answer cannot be made up, so every call throws.
///
/// Every question is a batch. An answer is keyed by the id that was asked for; the entity in it may carry another,
/// surviving id when MusicBrainz has merged the one asked for. **An id that is missing from an answer does not exist
/// in MusicBrainz**: the client deletes what it is told is gone, so anything less certain must throw instead.
public protocol MetadataSource: AnyObject {
  /// The artists, without their albums.
  func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist]

  /// The artists, each with the release groups whose artist credit begins with it, from one and the same snapshot.
  ///
  /// - Parameter albumless: artists whose albums are left out, also where an id asked for is merged into one of them.
  ///   Various Artists has hundreds of thousands.
  func discographies(
    _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
  ) throws(SourceError) -> [MBID: Discography]

  /// The release groups with their releases, media and tracks, from one and the same snapshot.
  func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album]

  /// How current the data is: the time of the last replicated change, ISO 8601, nil when it is not replicated.
  func vintage(by deadline: Deadline) throws(SourceError) -> String?

  /// Has an artist or album asked for anew the next time, where a source remembers what it was told.
  func forget(_ entity: EntityID)
}

extension MetadataSource {
  /// A source that remembers nothing.
  public func forget(_ entity: EntityID) {}
}

public struct Discography: Equatable, Sendable {
  public var artist: Artist
  public var albums: [AlbumSummary]

  public init(artist: Artist, albums: [AlbumSummary]) {
    self.artist = artist
    self.albums = albums
  }
}
