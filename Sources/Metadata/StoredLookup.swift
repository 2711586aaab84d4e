public import Cache
public import Core
public import Documents

/// Finds by id what there are documents of, without asking anybody. All else is another's to find.
public final class StoredLookup: LookupSource {
  private let documents: ([CacheKey]) -> [Document?]
  private let other: any LookupSource

  /// - Parameter documents: those that are stored, in the order of the keys; nil where there is none.
  public init(_ documents: @escaping ([CacheKey]) -> [Document?], else other: any LookupSource) {
    self.documents = documents
    self.other = other
  }

  public func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] {
    let kinds: [(EntityID.Kind, CacheKey.Kind)] = [(.artist, .artist), (.album, .album)]
    let found = zip(kinds, documents(kinds.map { CacheKey($0.1, id) })).compactMap { kind, document -> EntityID? in
      switch document?.state {
      case .present: EntityID(kind.0, id)
      case .moved(let survivor): EntityID(kind.0, survivor)
      default: nil
      }
    }
    return found.isEmpty ? try other.identify(id, by: deadline) : found
  }

  public func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] {
    try other.identify(urls: urls, by: deadline)
  }

  public func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] {
    try other.albums(holding: recordings, by: deadline)
  }

  public func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID] {
    try other.albums(ofReleases: ids, by: deadline)
  }

  public func hasSeries(_ id: MBID, by deadline: Deadline) throws(SourceError) -> Bool {
    if case .present? = documents([CacheKey(.series, id)])[0]?.state { return true }
    return try other.hasSeries(id, by: deadline)
  }

  public func knownAlbums(ofReleases ids: [MBID]) -> [MBID: MBID] { other.knownAlbums(ofReleases: ids) }

  public func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] {
    try other.series(id, by: deadline)
  }
}
