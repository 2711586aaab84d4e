public import Cache
public import Core

/// Building what nobody waits for: the same as for a client, and then it is there.
extension Catalog {
  /// What a queue may hold: an artist with its albums, an artist as it shows in an album or a search, an album.
  public static let buildKinds: [CacheKey.Kind] = [.artistAlbums, .artist, .album]

  /// Has the documents made that are not there. That MusicBrainz knows no such entity is an answer, too.
  public func build(_ key: CacheKey, by deadline: Deadline) throws(SourceError) {
    switch key.kind {
    case .artistAlbums: _ = try artist(key.id, albums: AlbumFilter(), by: deadline)
    case .album: _ = try album(key.id, by: deadline)
    default: _ = try entries([.artist(key.id)], withReleases: false, by: deadline)
    }
  }

  /// What has to be built of these before they can be shown in a list.
  public func unbuilt(_ items: [EntityID]) -> [CacheKey] {
    let keys = items.map(\.key)
    return zip(keys, store.cached(keys)).filter { $1 == nil }.map(\.0)
  }

  /// Whoever asks for an artist asks for its albums next.
  func queueAlbums(of discographies: some Sequence<Discography>) {
    guard let queue, queue.isAvailable else { return }
    let albums = discographies.flatMap(\.albums).map { CacheKey(.album, $0.id) }
    guard !albums.isEmpty else { return }
    // They are found again by whoever asks for them.
    _ = try? queue.add(albums, .found, client: nil)
  }
}
