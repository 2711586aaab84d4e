public import Cache
public import Core
internal import Metadata

/// What shows an artist's pictures, or pictures of the artist's albums, as far as the store knows.
public struct PictureKeys {
  private let store: DocumentStore

  public init(_ store: DocumentStore) { self.store = store }

  /// The documents to revoke, so that pictures are asked for again: what a provider said, kept as `kind`, and what was
  /// made from it.
  public func keys(of artists: some Sequence<MBID>, kept kind: CacheKey.Kind) -> [CacheKey] {
    let artists = Array(artists)
    let lists = store.lastKnown(artists.map { CacheKey(.sourceAlbums, $0) })
    let albums = lists.flatMap { list in list.flatMap(AlbumSummary.list(kept:)) ?? [] }
    return artists.flatMap { id in
      [CacheKey(kind, id), CacheKey(.artist, id), CacheKey(.artistDecoration, id)]
    }
      + albums.flatMap { album in
        [CacheKey(kind, album.id), CacheKey(.album, album.id), CacheKey(.albumDecoration, album.id)]
      }
  }
}
