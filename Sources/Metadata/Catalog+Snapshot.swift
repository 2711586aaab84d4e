internal import Cache
internal import Core
internal import Documents

/// Documents of a snapshot are cut where pictures and overviews go. Those are small documents of their own, computed, kept
/// and refreshed like all others.
extension Catalog {
  /// What to look up beside these entities; nothing where there is no snapshot.
  func decorationKeys(_ entities: [EntityID]) -> [CacheKey] {
    guard store.hasSnapshot else { return [] }
    return entities.map { CacheKey($0.kind == .artist ? .artistDecoration : .albumDecoration, $0.id) }
  }

  /// The documents with pictures and overviews in their places.
  func whole(_ documents: [Document], of keys: [CacheKey], by deadline: Deadline) -> [Document] {
    guard store.hasSnapshot else { return documents }
    var whole = documents
    let cut = documents.indices.filter { documents[$0].cut != nil }
    let decorations = decorations(cut.map { (keys[$0].kind, documents[$0]) }, by: deadline)
    for (index, decoration) in zip(cut, decorations) { whole[index] = join(documents[index], decoration) }
    return whole
  }

  func whole(_ documents: [CacheKey: Document], by deadline: Deadline) -> [CacheKey: Document] {
    guard store.hasSnapshot else { return documents }
    let cut = documents.filter { $0.value.cut != nil }
    let decorations = decorations(cut.map { ($0.key.kind, $0.value) }, by: deadline)
    var whole = documents
    for (entry, decoration) in zip(cut, decorations) { whole[entry.key] = join(entry.value, decoration) }
    return whole
  }

  private func join(_ document: Document, _ decoration: Document) -> Document {
    guard decoration.parts.count == 2 else { return document }
    let (images, overview) = (decoration.parts[0], decoration.parts[1])
    let opening = Document.Part(ArtistDocument.overviewOpening)
    let parts =
      document.parts.count == 1
      ? [document.parts[0], images, opening, overview]
      : [
        document.parts[0], images, .init(AlbumDocument.releasesOpening), document.parts[1], opening, overview,
        document.parts[2],
      ]
    var whole = Document(
      parts: parts, references: document.references, expires: min(document.expires, decoration.expires))
    whole.said = document.said
    return whole
  }

  /// Pictures and overviews for these, in their order. They can be done without.
  private func decorations(
    _ documents: [(kind: CacheKey.Kind, document: Document)], by deadline: Deadline
  ) -> [Document] {
    let keys = documents.compactMap { kind, document in
      document.cut.map { CacheKey(kind == .artist ? .artistDecoration : .albumDecoration, $0.id) }
    }
    guard !keys.isEmpty else { return [] }
    do throws(SourceError) {
      return try store.load(keys, by: deadline, compute: computeDecorations)
    } catch {
      let nothing = decoration(nil, Decoration(), now())
      return keys.map { _ in nothing }
    }
  }

  func computeDecorations(
    _ keys: [CacheKey], by deadline: Deadline
  ) throws(SourceError) -> [CacheKey: Document] {
    let artistKeys = keys.filter { $0.kind == .artistDecoration }
    let albumKeys = keys.filter { $0.kind == .albumDecoration }
    let artists = zip(artistKeys, store.snapshot(artistKeys.map { CacheKey(.artist, $0.id) })).map { key, document in
      var artist = Artist(id: key.id, name: "", sortName: "")
      artist.links = links(in: document)
      return artist
    }
    let albums = zip(albumKeys, store.snapshot(albumKeys.map { CacheKey(.album, $0.id) })).map { key, document in
      var album = Album(id: key.id, title: "", artistID: key.id)
      album.links = links(in: document)
      let covers = CoverNote(document?.cut?.note ?? [])
      album.frontCover = covers.front
      album.mediumCover = covers.medium
      return album
    }
    var documents: [CacheKey: Document] = [:]
    if !artists.isEmpty {
      let found = decorator?.decorations(of: artists, by: deadline) ?? [:]
      for key in artistKeys {
        documents[key] = decoration(found[key.id], Decoration(), now() + options.documentSeconds)
      }
      finishAfterwards(documents, .artistDecoration, found, by: deadline, computeDecorations)
    }
    if !albums.isEmpty {
      let found = decorator?.decorations(of: albums, by: deadline) ?? [:]
      for album in albums {
        var archived = Decoration()
        archived.addMissing(imageURLs.archived(album))
        documents[CacheKey(.albumDecoration, album.id)] = decoration(
          found[album.id], archived, now() + options.documentSeconds)
      }
      finishAfterwards(documents, .albumDecoration, found, by: deadline, computeDecorations)
    }
    return documents
  }

  /// - Parameter own: what is shown where providers have nothing.
  private func decoration(_ said: Decoration?, _ own: Decoration, _ expires: UnixTime) -> Document {
    var shown = said ?? Decoration()
    shown.addMissing(own.pictures)
    var images = JSONWriter(reservingCapacity: 1024)
    images.images(shown.pictures, imageURLs)
    var overview = JSONWriter(reservingCapacity: 64 + shown.overview.utf8.count)
    overview.string(shown.overview)
    return Document(
      parts: [.init(Fragment(images.bytes)), .init(Fragment(overview.bytes))], expires: expiry(of: said, expires))
  }

  /// Providers know entities by these. Decorations are computed rarely, so the document is read for them.
  private func links(in document: Document?) -> [String] {
    guard let part = document?.parts.first else { return [] }
    let text = OutputBuffer()
    guard Body([part.fragment]).appendPlain(to: text) else { return [] }
    text.append("[]}")
    return JSONValue(text.bytes)?["links"].elements.compactMap { $0["target"].text } ?? []
  }
}
