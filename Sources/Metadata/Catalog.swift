public import Cache
public import Core
public import Documents

/// Answers with artists and albums: finds their documents, has the missing ones made from the source, and joins them.
public final class Catalog {
  public struct Options: Sendable {
    /// How long a document stays fresh, in seconds.
    public var documentSeconds: Int64 = 30 * 86_400
    /// How long it is believed that something does not exist, in seconds.
    public var notFoundSeconds: Int64 = 300
    /// How long a document stays fresh that lacks what a provider would not tell, in seconds.
    public var incompleteSeconds: Int64 = 1800
    /// How long a list such as a series stays fresh, and one of nothing, in seconds.
    public var listSeconds: Int64 = 7 * 86_400
    public var emptyListSeconds: Int64 = 3_600
    public var vocabulary = Vocabulary()
    public var imageCacheHost: String?
    /// Where the Cover Art Archive is.
    public var imageArchive = "https://coverartarchive.org"
    /// Locales in whose aliases artists are called, the preferred one first; none: by their own names.
    public var aliasLocales: [String] = []
    /// Whether the id of a release stands for its album.
    public var answersReleases = false
    /// The special-purpose artists, whose albums are nobody's discography.
    public var albumlessArtists: Set<MBID> = Catalog.specialPurposeArtists

    public init() {}

    /// Everything here that changes what is in the documents of artists and albums.
    public var generation: String {
      "\(vocabulary.missingStatus)|\(vocabulary.otherStatus ?? "")|\(vocabulary.missingFormat)|"
        + "\(imageCacheHost ?? "")|\(imageArchive)|\(aliasLocales.joined(separator: ","))|\(answersReleases)|"
        + albumlessArtists.map(\.description).sorted().joined(separator: ",")
    }
  }

  /// A body and how long it may be believed.
  public struct Answer: Sendable {
    /// nil when MusicBrainz says that there is no such entity.
    public var body: Body?
    public var expires: UnixTime
  }

  let source: any MetadataSource
  let lookup: any LookupSource
  let store: DocumentStore
  let decorator: (any Decorator)?
  let names: (any NameKeeper)?
  let options: Options
  let now: () -> UnixTime
  /// Where the albums of an artist go that somebody has asked for; nil where building them takes no time.
  public var queue: (any BuildQueue)?
  private var credits = CreditMemory()
  /// What is being made anew; nil while nothing is.
  var renewal: Renewal?

  public init(
    source: any MetadataSource, lookup: any LookupSource, store: DocumentStore, decorator: (any Decorator)? = nil,
    names: (any NameKeeper)? = nil, options: Options,
    now: @escaping () -> UnixTime = { .now }
  ) {
    self.source = source
    self.lookup = lookup
    self.store = store
    self.decorator = decorator
    self.names = names
    self.options = options
    self.now = now
  }

  /// The artist with the albums that the filter admits.
  public func artist(
    _ id: MBID, albums filter: AlbumFilter, by deadline: Deadline
  ) throws(SourceError) -> Answer {
    try following(id) { id throws(SourceError) in
      let keys = [CacheKey(.artist, id), CacheKey(.artistAlbums, id)]
      let documents = whole(
        try store.load(keys, anticipating: decorationKeys([.artist(id)]), by: deadline, compute: computeDiscographies),
        of: keys, by: deadline)
      return switch (documents[0].state, documents[1].state) {
      case (.present, .present): .answer(join(artist: documents[0], albums: documents[1], filter))
      case (.absent, .absent): .answer(Answer(body: nil, expires: documents[0].expires))
      case (.moved(let survivor), .moved): .moved(to: survivor)
      default: .inconsistent(Catalog.artistKeys(id))
      }
    }
  }

  /// The album with its artists.
  public func album(_ id: MBID, by deadline: Deadline) throws(SourceError) -> Answer {
    try following(id) { id throws(SourceError) in
      let key = CacheKey(.album, id)
      let known = credits.artists(of: id)
      let artistKeys = known.map { CacheKey(.artist, $0) }
      let album = try store.load(
        [key], anticipating: artistKeys + decorationKeys([.album(id)] + known.map { .artist($0) }), by: deadline,
        compute: computeAlbums)[0]
      switch album.state {
      case .absent: return .answer(Answer(body: nil, expires: album.expires))
      case .moved(let survivor): return .moved(to: survivor)
      case .present: credits.remember(album.references, of: id)
      case .revoked, .deferred: return .inconsistent([key])
      }
      let keys = album.references.map { CacheKey(.artist, $0) }
      let artists = try store.load(
        keys,
        anticipating: known == album.references
          ? [] : decorationKeys([.album(id)] + album.references.map { .artist($0) }),
        by: deadline, compute: computeArtists)
      // An artist that has been merged since: the ids in the album are not those of its artists any more, and the
      // client would refuse it.
      guard artists.allSatisfy({ $0.state == .present }) else {
        // Or one that was asked for before it was replicated, and is thought not to exist.
        let missing = zip(album.references, artists).filter { $1.state == .absent }.map(\.0)
        return .inconsistent(Catalog.albumKeys(id) + missing.flatMap(Catalog.artistKeys))
      }
      let documents = whole([album] + artists, of: [key] + keys, by: deadline)
      return .answer(join(album: documents[0], artists: Array(documents[1...])))
    }
  }

  /// Every document that says something about an artist, or an album.
  static func artistKeys(_ id: MBID) -> [CacheKey] {
    [.artist, .artistAlbums, .sourceArtist, .sourceAlbums].map { CacheKey($0, id) }
  }

  static func albumKeys(_ id: MBID) -> [CacheKey] { [.album, .sourceAlbum].map { CacheKey($0, id) } }

  // MARK: - Merged and inconsistent

  private enum Step {
    case answer(Answer)
    case moved(to: MBID)
    /// Documents that were made at different times do not fit together: what is under these keys must be made anew.
    case inconsistent([CacheKey])
  }

  private func following(
    _ id: MBID, _ step: (MBID) throws(SourceError) -> Step
  ) throws(SourceError) -> Answer {
    var id = id
    // One for the entity, one for a merge, the others for what has changed in between.
    for _ in 0..<4 {
      switch try step(id) {
      case .answer(let answer): return answer
      case .moved(let survivor): id = survivor
      case .inconsistent(let keys): store.revoke(keys)
      }
    }
    throw SourceError(.failed, "documents keep contradicting each other")
  }

  // MARK: - Joining

  private func join(artist: Document, albums: Document, _ filter: AlbumFilter) -> Answer {
    var body = Body(artist.parts.map(\.fragment))
    body.append(ArtistDocument.albumsOpening)
    var isFirst = true
    for part in albums.parts {
      guard filter.isEmpty || (AlbumLabel(part.label).map(filter.admits) ?? true) else { continue }
      if !isFirst { body.append(ArtistDocument.separator) }
      isFirst = false
      body.append(part.fragment)
    }
    body.append(ArtistDocument.albumsClosing)
    return Answer(body: body, expires: min(artist.expires, albums.expires))
  }

  private func join(album: Document, artists: [Document]) -> Answer {
    Answer(
      body: Body(AlbumDocument.join(album, artists: artists)),
      expires: artists.reduce(album.expires) { min($0, $1.expires) })
  }
}

extension Catalog {
  /// MusicBrainz's artists that stand for something other than an artist.
  public static let specialPurposeArtists: Set<MBID> = [
    "89ad4ac3-39f7-470e-963a-56509c546377",  // Various Artists
    "125ec42a-7229-4250-afc5-e057484327fe",  // [unknown]
    "f731ccc4-e22a-43af-a747-64213329e088",  // [anonymous]
    "9be7f096-97ec-4615-8957-8d40b5dcbc41",  // [traditional]
    "eec63d3c-3b81-4ad4-b1e4-7c147d4d2b61",  // [no artist]
    "33cf029c-63b0-41a0-9855-be2a3665fb3b",  // [data]
    "314e1c25-dde7-4e4d-b2f4-0a7b9f7c56dc",  // [dialogue]
  ]
}
