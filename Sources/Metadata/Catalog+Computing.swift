internal import Cache
internal import Core
internal import Documents

/// What MusicBrainz said about an entity, and until when that is believed.
private struct Said<Entity> {
  var entity: Entity
  var at: UnixTime
  var expires: UnixTime
}

/// How documents are made of what MusicBrainz said about an entity.
private struct Presentation<Entity> {
  /// Of the documents, in their order. Providers decorate the first.
  let kinds: [CacheKey.Kind]
  let id: (Entity) -> MBID
  let decorate: ([Entity], Deadline) -> [MBID: Decoration]?
  let documents: (Entity, Decoration?, UnixTime) -> [Document]
}

extension Catalog {
  func computeDiscographies(
    _ keys: [CacheKey], by deadline: Deadline
  ) throws(SourceError) -> [CacheKey: Document] {
    let ids = Array(Set(keys.map(\.id)))
    let said = try ask(ids, .artistAlbums, keptDiscographies) { ids throws(SourceError) in
      try source.discographies(ids, albumless: options.albumlessArtists, by: deadline)
    } keep: {
      keep($0.artist, $0.albums)
    } name: {
      $0.artist.id
    } forget: {
      forget([.sourceArtist, .sourceAlbums], $0)
    }
    // What an artist lists exists, whatever was answered to those who asked for it too early.
    store.forgetAbsence(of: said.values.flatMap { $0.entity.albums.map { CacheKey(.album, $0.id) } })
    queueAlbums(of: said.values.map(\.entity))
    return present(ids, said, discographies, by: deadline)
  }

  func computeArtists(
    _ keys: [CacheKey], by deadline: Deadline
  ) throws(SourceError) -> [CacheKey: Document] {
    let ids = keys.map(\.id)
    let said = try ask(ids, .artist, keptArtists) { ids throws(SourceError) in
      try source.artists(ids, by: deadline)
    } keep: {
      keep($0)
    } name: {
      $0.id
    } forget: {
      forget([.sourceArtist], $0)
    }
    return present(ids, said, artists, by: deadline)
  }

  func computeAlbums(
    _ keys: [CacheKey], by deadline: Deadline
  ) throws(SourceError) -> [CacheKey: Document] {
    // Of a release nobody needs to be asked whether it is an album.
    var groups = options.answersReleases ? lookup.knownAlbums(ofReleases: keys.map(\.id)) : [:]
    let ids = keys.map(\.id).filter { groups[$0] == nil }
    let said = try ask(ids, .album, keptAlbums) { ids throws(SourceError) in
      try source.albums(ids, by: deadline)
    } keep: {
      keep($0)
    } name: {
      $0.id
    } forget: {
      forget([.sourceAlbum], $0)
    }
    let unknown = options.answersReleases ? ids.filter { said[$0] == nil } : []
    if !unknown.isEmpty { groups.merge(try lookup.albums(ofReleases: unknown, by: deadline)) { $1 } }
    // Its artists list what is gone or was merged; they must not for as long as their lists are fresh.
    for id in ids where said[id]?.entity.id != id {
      guard let artists = store.predecessor(of: CacheKey(.album, id))?.references, !artists.isEmpty else { continue }
      store.revoke(artists.flatMap { [CacheKey(.artistAlbums, $0), CacheKey(.sourceAlbums, $0)] })
    }
    var documents = present(ids.filter { groups[$0] == nil }, said, albums, by: deadline)
    // A release is to its album what a merged id is to the one it was merged into, but may go to another album.
    let expires = now() + min(options.listSeconds, options.documentSeconds)
    for (release, album) in groups { documents[CacheKey(.album, release)] = .moved(to: album, expires: expires) }
    return documents
  }

  // MARK: - What there is to say of an id

  private var discographies: Presentation<Discography> {
    Presentation(kinds: [.artist, .artistAlbums]) {
      $0.artist.id
    } decorate: { [decorator] in
      decorator?.decorations(of: $0.map(\.artist), by: $1)
    } documents: { [self] discography, decoration, expires in
      [document(of: discography.artist, decoration, expires), document(of: discography.albums, expires: expires)]
    }
  }

  private var artists: Presentation<Artist> {
    Presentation(kinds: [.artist]) {
      $0.id
    } decorate: { [decorator] in
      decorator?.decorations(of: $0, by: $1)
    } documents: { [self] in
      [document(of: $0, $1, $2)]
    }
  }

  private var albums: Presentation<Album> {
    Presentation(kinds: [.album]) {
      $0.id
    } decorate: { [decorator] in
      decorator?.decorations(of: $0, by: $1)
    } documents: { [self] in
      [document(of: $0, $1, $2)]
    }
  }

  private func present<Entity>(
    _ ids: [MBID], _ said: [MBID: Said<Entity>], _ form: Presentation<Entity>, by deadline: Deadline
  ) -> [CacheKey: Document] {
    let decorations = form.decorate(said.values.map(\.entity), deadline) ?? [:]
    var documents: [CacheKey: Document] = [:]
    for id in ids {
      guard let answer = said[id] else {
        for kind in form.kinds { documents[CacheKey(kind, id)] = .absent(expires: now() + options.notFoundSeconds) }
        continue
      }
      let survivor = form.id(answer.entity)
      if survivor != id {
        for kind in form.kinds { documents[CacheKey(kind, id)] = .moved(to: survivor, expires: answer.expires) }
      }
      for (kind, document) in zip(form.kinds, form.documents(answer.entity, decorations[survivor], answer.expires)) {
        var document = document
        document.said = answer.at
        documents[CacheKey(kind, survivor)] = document
      }
    }
    finishAfterwards(documents, form.kinds[0], decorations, by: deadline) { [self] keys, deadline in
      let ids = keys.map(\.id)
      return present(ids, said.filter { ids.contains(form.id($0.value.entity)) }, form, by: deadline)
    }
    return documents
  }

  // MARK: - What MusicBrainz said

  /// What is kept and fresh is not asked for. What is kept and stale is better than nothing for whoever waits.
  ///
  /// - Parameter kind: of a document that is made of the answer.
  private func ask<Entity>(
    _ ids: [MBID], _ kind: CacheKey.Kind, _ kept: ([MBID]) -> [MBID: Said<Entity>],
    _ ask: ([MBID]) throws(SourceError) -> [MBID: Entity], keep: (Entity) -> Void, name: (Entity) -> MBID,
    forget: (MBID) -> Void
  ) throws(SourceError) -> [MBID: Said<Entity>] {
    let known = store.keepsSources ? kept(ids) : [:]
    // Documents go stale a little before what they are made from. What ends so soon is asked for now: else all that was
    // asked for together would be asked for together again.
    let soon = now() + max(store.spread(of: options.documentSeconds), renewal?.aheadSeconds ?? 0)
    var said = known.filter { $0.value.expires > soon }
    let open = ids.filter { said[$0] == nil }
    guard !open.isEmpty else { return said }
    let asked = now()
    do throws(SourceError) {
      let answers = try ask(open)
      for (id, entity) in answers {
        said[id] = Said(entity: entity, at: asked, expires: fresh)
        keep(entity)
      }
      // What was said of those that are gone or were merged would be compared with MusicBrainz for ever.
      for id in open where answers[id].map(name) != id {
        if known[id] != nil || store.predecessor(of: CacheKey(kind, id)) != nil { forget(id) }
      }
      return said
    } catch {
      guard renewal == nil, open.allSatisfy({ known[$0] != nil }) else { throw error }
      // It is asked again as soon as one that could not be decorated would be.
      return known.mapValues {
        Said(entity: $0.entity, at: $0.at, expires: max($0.expires, now() + options.incompleteSeconds))
      }
    }
  }

  private func keptDiscographies(_ ids: [MBID]) -> [MBID: Said<Discography>] {
    let artists = keptArtists(ids)
    let documents = store.cached(ids.map { CacheKey(.sourceAlbums, $0) })
    var said: [MBID: Said<Discography>] = [:]
    for (id, document) in zip(ids, documents) {
      guard let artist = artists[id], let document, let json = SourceForm.read(document),
        let albums = AlbumSummary.list(source: json)
      else { continue }
      said[id] = Said(
        entity: Discography(artist: artist.entity, albums: albums), at: min(artist.at, document.said),
        expires: min(artist.expires, expiry(document, json)))
    }
    return said
  }

  private func keptArtists(_ ids: [MBID]) -> [MBID: Said<Artist>] { kept(ids, .sourceArtist, Artist.init(source:)) }

  private func keptAlbums(_ ids: [MBID]) -> [MBID: Said<Album>] { kept(ids, .sourceAlbum, Album.init(source:)) }

  private func kept<Entity>(
    _ ids: [MBID], _ kind: CacheKey.Kind, _ read: (JSONValue) -> Entity?
  ) -> [MBID: Said<Entity>] {
    var said: [MBID: Said<Entity>] = [:]
    for (id, document) in zip(ids, store.cached(ids.map { CacheKey(kind, $0) })) {
      guard let document, let json = SourceForm.read(document), let entity = read(json) else { continue }
      said[id] = Said(entity: entity, at: document.said, expires: expiry(document, json))
    }
    return said
  }

  /// A stale document may say that it is not, when a clock was set back, or when it is of an older form.
  private func expiry(_ document: Document, _ json: JSONValue) -> UnixTime {
    document.isStale(at: now()) || !SourceForm.isCurrent(json) ? UnixTime(seconds: 1) : document.expires
  }

  private func keep(_ artist: Artist, _ albums: [AlbumSummary]) {
    keep(artist)
    let expires = fresh
    store.keepAfterwards(CacheKey(.sourceAlbums, artist.id)) {
      SourceForm.document(JSONWriter.source(albums), expires: expires)
    }
  }

  private func keep(_ artist: Artist) {
    let expires = fresh
    store.keepAfterwards(CacheKey(.sourceArtist, artist.id)) {
      SourceForm.document(JSONWriter.source(artist), expires: expires)
    }
    // Whoever cannot be found by a name is found by the id.
    try? names?.keep(artist)
  }

  private func keep(_ album: Album) {
    let expires = fresh
    store.keepAfterwards(CacheKey(.sourceAlbum, album.id)) {
      SourceForm.document(JSONWriter.source(album), expires: expires)
    }
    try? names?.keep(album)
  }

  private func forget(_ kinds: [CacheKey.Kind], _ id: MBID) {
    let expires = now() + options.notFoundSeconds
    for kind in kinds { store.keepAfterwards(CacheKey(kind, id)) { .absent(expires: expires) } }
  }

  private var fresh: UnixTime { now() + options.documentSeconds }

  // MARK: - Documents

  var imageURLs: ImageURLs { ImageURLs(cacheHost: options.imageCacheHost, archive: options.imageArchive) }

  /// Until when a document is believed that shows this.
  func expiry(of decoration: Decoration?, _ source: UnixTime) -> UnixTime {
    guard let decoration else { return source }
    let until = decoration.isComplete ? source : min(source, now() + options.incompleteSeconds)
    return decoration.expires.map { min(until, $0) } ?? until
  }

  /// Once the answer has been sent, has those documents made again for which providers were not given enough time: the
  /// next who asks gets all of it.
  func finishAfterwards(
    _ documents: [CacheKey: Document], _ kind: CacheKey.Kind, _ decorations: [MBID: Decoration],
    by deadline: Deadline, _ compute: @escaping DocumentStore.Compute<SourceError>
  ) {
    renewal?.undecorated.formUnion(decorations.filter { !$0.value.isComplete }.keys)
    guard deadline.isAwaited else { return }
    let unfinished = Set(decorations.filter(\.value.isWorthMoreTime).keys)
    store.refreshAfterwards(
      documents.filter { unfinished.contains($0.key.id) && $0.key.kind == kind && $0.value.state == .present },
      compute: compute)
  }

  private func document(of artist: Artist, _ decoration: Decoration?, _ expires: UnixTime) -> Document {
    let shown = artist.called(in: options.aliasLocales)
    let head = ArtistDocument.head(of: shown, decoration ?? Decoration(), imageURLs)
    return Document(parts: [.init(Fragment(head))], expires: expiry(of: decoration, expires))
  }

  private func document(of albums: [AlbumSummary], expires: UnixTime) -> Document {
    Document(parts: ArtistDocument.parts(of: albums, options.vocabulary), expires: expires)
  }

  private func document(of album: Album, _ decoration: Decoration?, _ expires: UnixTime) -> Document {
    let parts = AlbumDocument.parts(of: album, options.vocabulary, decoration ?? Decoration(), imageURLs)
    return Document(
      parts: parts.map { .init(Fragment($0)) }, references: album.artistIDs, expires: expiry(of: decoration, expires))
  }
}
