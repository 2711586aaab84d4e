internal import Cache
internal import Core
internal import Metadata

extension CacheKey.Kind {
  /// What is purged: an artist wherever it shows, an artist's list of albums, an album, a series.
  static let purged: [CacheKey.Kind] = [.artist, .artistAlbums, .album, .series]
}

/// The routes whose answers show a document.
struct PurgeTargets {
  let store: DocumentStore

  /// - Returns: the paths of each, its own first.
  func paths(of keys: [CacheKey]) -> [[String]] {
    let artists = keys.filter { $0.kind == .artist || $0.kind == .artistAlbums }.map(\.id)
    let wide = keys.filter { $0.kind == .artist }.map(\.id)
    let albums = keys.filter { $0.kind == .album }.map(\.id)
    // All of what is stored in one trip.
    let found = store.lastKnown(
      artists.map { CacheKey(.sourceArtist, $0) } + wide.map { CacheKey(.sourceAlbums, $0) }
        + albums.map { CacheKey(.sourceAlbum, $0) })
    var merged: [MBID: [MBID]] = [:]
    for (id, document) in zip(artists, found) {
      merged[id] = document.flatMap { Artist(kept: $0) }?.mergedIDs
    }
    for (id, document) in zip(albums, found.dropFirst(artists.count + wide.count)) {
      merged[id] = document.flatMap { Album(kept: $0) }?.mergedIDs
    }
    var lists: [MBID: [AlbumSummary]] = [:]
    for (id, document) in zip(wide, found.dropFirst(artists.count)) {
      lists[id] = document.flatMap { AlbumSummary.list(kept: $0) }
    }
    return keys.map { key in
      let name = key.kind == .album ? "album" : key.kind == .series ? "series" : "artist"
      let own = ([key.id] + (merged[key.id] ?? [])).map { "\(name)/\($0)" }
      guard key.kind == .artist else { return own }
      // Every answer about an album names its artists.
      return own + (lists[key.id] ?? []).flatMap { ([$0.id] + $0.mergedIDs).map { "album/\($0)" } }
    }
  }
}
