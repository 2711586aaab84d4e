internal import Cache
public import Core
public import Documents

extension Catalog {
  /// Artists without their albums and albums with their artists, for an answer that lists several.
  public struct Entries: Sendable {
    /// JSON objects, nil for what does not exist any more.
    public var objects: [[Fragment]?]
    public var expires: UnixTime
  }

  /// The objects of these artists and albums, in their order. What is not there is loaded together.
  ///
  /// - Parameter withReleases: whether albums list their releases.
  public func entries(
    _ items: [EntityID], withReleases: Bool, by deadline: Deadline
  ) throws(SourceError) -> Entries {
    var documents = try surviving(items.map(\.key), by: deadline)
    var artists: [CacheKey: Document] = [:]
    for (key, document) in documents where key.kind == .artist { artists[key] = document }
    let wanted = Set(
      documents.values.filter { $0.state == .present }.flatMap { $0.references.map { CacheKey(.artist, $0) } })
    let missing = wanted.filter { artists[$0] == nil }
    if !missing.isEmpty {
      let keys = Array(missing)
      for (key, document) in zip(keys, try store.load(keys, by: deadline, compute: computeArtists)) {
        artists[key] = document
      }
    }

    documents = whole(documents.merging(artists) { first, _ in first }, by: deadline)
    artists = documents
    var answer = Entries(objects: [], expires: UnixTime(seconds: .max))
    for item in items {
      guard let document = documents[item.key], document.state == .present else {
        answer.objects.append(nil)
        continue
      }
      answer.expires = min(answer.expires, document.expires)
      guard item.key.kind == .album else {
        answer.objects.append(document.parts.map(\.fragment) + [ArtistDocument.closing])
        continue
      }
      let credited = document.references.compactMap { artists[CacheKey(.artist, $0)] }.filter { $0.state == .present }
      guard credited.count == document.references.count else {
        // One of its artists has been merged since: it is made anew for the next who asks.
        store.revoke(Catalog.albumKeys(item.id))
        answer.objects.append(nil)
        continue
      }
      for artist in credited { answer.expires = min(answer.expires, artist.expires) }
      answer.objects.append(AlbumDocument.join(document, artists: credited, withReleases: withReleases))
    }
    return answer
  }

  /// The documents under these keys, where merged ones are those that they were merged into.
  private func surviving(_ keys: [CacheKey], by deadline: Deadline) throws(SourceError) -> [CacheKey: Document] {
    let unique = Array(Set(keys))
    guard !unique.isEmpty else { return [:] }
    var result: [CacheKey: Document] = [:]
    var moved: [CacheKey: CacheKey] = [:]
    for (key, document) in zip(unique, try store.load(unique, by: deadline, compute: computeMixed)) {
      result[key] = document
      if case .moved(let survivor) = document.state { moved[key] = CacheKey(key.kind, survivor) }
    }
    guard !moved.isEmpty else { return result }
    let survivors = Array(Set(moved.values))
    let documents = Dictionary(
      uniqueKeysWithValues: zip(survivors, try store.load(survivors, by: deadline, compute: computeMixed)))
    for (key, survivor) in moved { result[key] = documents[survivor] }
    return result
  }

  private func computeMixed(
    _ keys: [CacheKey], by deadline: Deadline
  ) throws(SourceError) -> [CacheKey: Document] {
    let artists = keys.filter { $0.kind == .artist }
    let albums = keys.filter { $0.kind == .album }
    var documents: [CacheKey: Document] = [:]
    if !artists.isEmpty { documents = try computeArtists(artists, by: deadline) }
    if !albums.isEmpty { documents.merge(try computeAlbums(albums, by: deadline)) { first, _ in first } }
    return documents
  }
}

extension EntityID {
  /// The name of its document.
  var key: CacheKey {
    switch self {
    case .artist(let id): CacheKey(.artist, id)
    case .album(let id): CacheKey(.album, id)
    }
  }
}

extension AlbumDocument {
  /// The whole object: the album with these artists.
  static func join(_ album: Document, artists: [Document], withReleases: Bool = true) -> [Fragment] {
    var fragments = album.parts.map(\.fragment)
    if !withReleases, let place = releasesPlace(in: fragments) { fragments[place] = noReleases }
    fragments.append(artistsOpening)
    for (index, artist) in artists.enumerated() {
      if index > 0 { fragments.append(artistSeparator) }
      fragments.append(contentsOf: artist.parts.map(\.fragment))
    }
    fragments.append(artistsClosing)
    return fragments
  }
}
