public import Core

/// Keeps what artists and albums are called, so that they are found by it.
public protocol NameKeeper: AnyObject {
  func keep(_ artist: Artist) throws(SourceError)
  func keep(_ album: Album) throws(SourceError)
}

extension ArtistNames {
  /// The names of an artist that MusicBrainz has described. How often it is credited is not known.
  public init(_ artist: Artist) {
    self.init(
      key: ArtistNames.key(of: artist.id), id: artist.id, name: artist.name, sortName: artist.sortName,
      aliases: artist.aliases, ratings: artist.rating.count)
  }

  /// A key where no source has given one. MBIDs are random; 63 bits of one are enough to tell them apart.
  static func key(of id: MBID) -> Int { Int(id.low >> 1) }
}

extension AlbumNames {
  /// The names of an album that MusicBrainz has described.
  ///
  /// - Parameter credit: what its artist is called. How that is printed on the album is not known.
  public init(_ album: Album, credit: String) {
    self.init(
      key: ArtistNames.key(of: album.id), id: album.id, title: album.title, aliases: album.aliases, credit: credit,
      artistKey: ArtistNames.key(of: album.artistID), type: album.primaryType,
      isSecondary: !album.secondaryTypes.isEmpty, releases: album.releases.count, ratings: album.rating.count)
  }
}
