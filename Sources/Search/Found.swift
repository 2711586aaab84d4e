/// In which way a row was found.
enum Found {
  case artists, artistsByWords
  /// Artists that are called as one of several names, or nearly as the first of them.
  case namedArtists, firstArtist
  case albums, albumsByWords
  /// An album together with its artist, each named by a part of the query.
  case pairs
  /// Artists named by a part of the query.
  case partArtists
  /// All albums of those.
  case albumsOfParts
  /// Albums named by a part of the query.
  case albumsWithParts
  /// All albums of the artists that were asked for beside the query.
  case albumsOfArtists
  /// Albums named by a part of the query that tells enough without an artist.
  case albumsOfTitles
}
