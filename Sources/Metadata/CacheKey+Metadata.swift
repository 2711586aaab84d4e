public import Cache

extension CacheKey.Kind {
  /// What the API says about an artist, without the albums.
  public static let artist = CacheKey.Kind("artist", parts: 1...1).with { $0.isEntity = true }
  public static let artistAlbums = CacheKey.Kind("artist-albums")
  /// What the API says about an album: see ``AlbumDocument``.
  public static let album = CacheKey.Kind("album", parts: 3...3).with { $0.isEntity = true }

  /// The pictures and the overview that documents of a snapshot are shown with, as JSON.
  public static let artistDecoration = CacheKey.Kind("artist-decoration", parts: 2...2)
  public static let albumDecoration = CacheKey.Kind("album-decoration", parts: 2...2)

  /// What MusicBrainz said, in a form that no setting and no other version of the program changes. The documents above are
  /// made from it and from what providers said.
  public static let sourceArtist = CacheKey.Kind("mb-artist", parts: 1...1).with {
    $0.isSource = true; $0.isHot = false
  }
  public static let sourceAlbums = CacheKey.Kind("mb-artist-albums", parts: 1...1).with {
    $0.isSource = true; $0.isHot = false
  }
  public static let sourceAlbum = CacheKey.Kind("mb-album", parts: 1...1).with {
    $0.isSource = true; $0.isHot = false
  }

  /// The albums of a series, as the API says them.
  public static let series = CacheKey.Kind("series", parts: 1...1).with {
    $0.origin = Catalog.origin
    $0.followsReferences = true
  }
  public static let chart = CacheKey.Kind("chart", parts: 1...1).with { $0.followsReferences = true }
  /// What Spotify's ids stand for.
  public static let spotifyArtist = CacheKey.Kind("spotify-artist", parts: 1...1).with { $0.followsReferences = true }
  public static let spotifyAlbum = CacheKey.Kind("spotify-album", parts: 1...1).with { $0.followsReferences = true }
}

extension Catalog {
  /// What lists of MusicBrainz are made from, for ``DocumentStore/watch(_:_:)``: all that was replicated so far.
  public static let origin = "musicbrainz"
}
