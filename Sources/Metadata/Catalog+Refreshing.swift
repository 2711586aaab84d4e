internal import Cache
public import Core
internal import Documents

/// What somebody wants to have asked for again.
extension Catalog {
  /// How long providers are not asked again about an entity after that, in seconds: whoever presses a button often must not
  /// use up what they allow.
  static let refreshPause: Int64 = 60

  /// Has everything about an artist or album computed anew when it is next asked for, from what MusicBrainz and the
  /// providers say then. The old documents are kept until that has succeeded.
  ///
  /// - Returns: what changes by that; nil when MusicBrainz knows no such entity. What is stored is known; where asking takes
  ///   long, it is asked only when the document is made.
  public func refresh(_ entity: EntityID, by deadline: Deadline) throws(SourceError) -> EntityChanges? {
    let ids = survivors(of: entity)
    let isStored = store.kept([entity.key]).contains { document in
      guard let document else { return false }
      return document.state != .absent
    }
    if !isStored, queue == nil, !(try exists(entity, by: deadline)) { return nil }
    var changes = EntityChanges()
    switch entity.kind {
    case .artist:
      changes.artists = Set(ids)
      changes.discographies = Set(ids)
    case .album: changes.albums = Set(ids)
    }
    for id in ids {
      let entity = EntityID(entity.kind, id)
      if store.isFirst("refresh:\(entity.kind.rawValue):\(id)", in: Catalog.refreshPause) {
        store.expire(answers(about: entity))
      }
      source.forget(entity)
    }
    store.revoke(changes.documents(isDecorated: store.hasSnapshot))
    return changes
  }

  /// The same for a series.
  public func refreshSeries(_ id: MBID, by deadline: Deadline) throws(SourceError) -> EntityChanges? {
    if store.kept([CacheKey(.series, id)])[0]?.references.isEmpty ?? true, try !lookup.hasSeries(id, by: deadline) {
      return nil
    }
    var changes = EntityChanges()
    changes.series = [id]
    store.revoke([CacheKey(.series, id)])
    return changes
  }

  private func exists(_ entity: EntityID, by deadline: Deadline) throws(SourceError) -> Bool {
    switch entity {
    case .artist(let id): return try source.artists([id], by: deadline)[id] != nil
    case .album(let id):
      if options.answersReleases, lookup.knownAlbums(ofReleases: [id])[id] != nil { return true }
      if try source.albums([id], by: deadline)[id] != nil { return true }
      return options.answersReleases ? try lookup.albums(ofReleases: [id], by: deadline)[id] != nil : false
    }
  }

  /// The id, and the one that it is known to have been merged into.
  private func survivors(of entity: EntityID) -> [MBID] {
    guard case .moved(let survivor) = store.kept([entity.key])[0]?.state else { return [entity.id] }
    return [entity.id, survivor]
  }

  /// Under which keys providers' answers about it are kept, as far as what is stored tells.
  private func answers(about entity: EntityID) -> [CacheKey] {
    guard let decorator else { return [] }
    switch entity {
    case .artist(let id):
      let kept = store.kept([CacheKey(.sourceArtist, id)])[0].flatMap { Artist(kept: $0) }
      return decorator.answers(about: kept ?? Artist(id: id, name: "", sortName: ""))
    case .album(let id):
      let kept = store.kept([CacheKey(.sourceAlbum, id)])[0].flatMap { Album(kept: $0) }
      return decorator.answers(about: kept ?? Album(id: id, title: "", artistID: id))
    }
  }
}
