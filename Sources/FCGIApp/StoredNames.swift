internal import Cache
internal import Core
internal import Logging
internal import Metadata
internal import Search

/// Keeps in the store what artists and albums are called that MusicBrainz has just described. It waits until the answer
/// has been sent.
final class StoredNames: NameKeeper {
  private let names: StoreNames
  private unowned let store: DocumentStore
  private let logger: Logger
  private var artists: [MBID: Artist] = [:]
  private var albums: [MBID: Album] = [:]

  /// More are left out: something is wrong with the store then.
  private static let most = 1_000
  private static let work = CacheKey(CacheKey.Kind("stored-names"), MBID(high: 0, low: 0))

  init(_ names: StoreNames, _ store: DocumentStore, logger: Logger) {
    self.names = names
    self.store = store
    self.logger = logger
  }

  func keep(_ artist: Artist) {
    if artists.count < StoredNames.most { artists[artist.id] = artist }
    saveAfterwards()
  }

  func keep(_ album: Album) {
    if albums.count < StoredNames.most { albums[album.id] = album }
    saveAfterwards()
  }

  private func saveAfterwards() {
    store.doAfterwards(StoredNames.work) { [unowned self] _ in
      save()
      return true
    }
  }

  private func save() {
    let credits = credits(of: albums.values.map(\.artistID))
    let stored = albums.values.map { album in
      let artist = credits[album.artistID]
      return StoredAlbumNames(
        AlbumNames(album, credit: artist?.name ?? ""), artist: album.artistID,
        artistWeight: artist.map { ArtistNames($0).weight } ?? 0)
    }
    do throws(SourceError) {
      try names.keep(artists.values.map { ArtistNames($0) }, stored)
      artists = [:]
      albums = [:]
    } catch {
      // They are tried again together with the next.
      logger.info("names are not kept", metadata: ["reason": "\(error)"])
    }
  }

  /// An album is kept soon after its artist.
  private func credits(of ids: [MBID]) -> [MBID: Artist] {
    var known = artists.filter { ids.contains($0.key) }
    let open = Array(Set(ids.filter { known[$0] == nil }))
    for (id, document) in zip(open, store.cached(open.map { CacheKey(.sourceArtist, $0) })) {
      known[id] = document.flatMap { Artist(kept: $0) }
    }
    return known
  }
}
