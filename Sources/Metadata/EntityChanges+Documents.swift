public import Cache
internal import Core

extension EntityChanges {
  /// The documents that show what changed. Searches and charts hear of it by what they refer to.
  ///
  /// - Parameter isDecorated: whether pictures and overviews are documents of their own, as beside a dataset file.
  public func documents(isDecorated: Bool) -> [CacheKey] {
    var keys: [CacheKey] = []
    func add(_ ids: some Sequence<MBID>, _ kinds: CacheKey.Kind...) {
      for id in ids { keys += kinds.map { CacheKey($0, id) } }
    }
    add(artists, .artist, .sourceArtist)
    add(discographies, .artistAlbums, .sourceAlbums)
    add(albums, .album, .sourceAlbum)
    add(series, .series)
    if isDecorated {
      add(artists, .artistDecoration)
      add(albums, .albumDecoration)
    }
    keys += spotifyArtists.compactMap { SpotifyID($0).map { EntityID.Kind.artist.key(ofSpotify: $0) } }
    keys += spotifyAlbums.compactMap { SpotifyID($0).map { EntityID.Kind.album.key(ofSpotify: $0) } }
    return keys
  }

  /// The paths under which clients ask for what changed, each once, in the order of their names: `/artist/…`.
  public var paths: [String] {
    var paths = artists.union(discographies).map { "/artist/\($0)" }
    paths += albums.map { "/album/\($0)" } + series.map { "/series/\($0)" }
    // What is no id of Spotify's is no path either.
    paths += spotifyArtists.compactMap { SpotifyID($0).map { "/spotify/artist/\($0)" } }
    paths += spotifyAlbums.compactMap { SpotifyID($0).map { "/spotify/album/\($0)" } }
    return paths.sorted()
  }

  /// How many ``paths`` there are, more or less.
  public var count: Int {
    artists.union(discographies).count + albums.count + series.count + spotifyArtists.count + spotifyAlbums.count
  }
}
