public import Cache

extension CacheKey.Kind {
  public static let artist = CacheKey.Kind("artist", dependsOnSettings: true)
  public static let artistAlbums = CacheKey.Kind("artist-albums", dependsOnSettings: true)
  public static let album = CacheKey.Kind("album", dependsOnSettings: true)
  public static let series = CacheKey.Kind("series")
  static let spotifyArtist = CacheKey.Kind("spotify-artist")
  static let spotifyAlbum = CacheKey.Kind("spotify-album")
  static let chart = CacheKey.Kind("chart")
}
