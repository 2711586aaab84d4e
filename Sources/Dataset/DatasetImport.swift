public import Cache
internal import Core
internal import Documents
internal import Metadata

/// Puts what MusicBrainz said from a dataset file into a store.
public struct DatasetImport {
  public typealias Report = (DatasetProgress) -> Bool

  private let file: DatasetFile
  private let durable: any DurableTier
  private let store: DocumentStore
  private let seconds: Int64

  private static let page = 250

  /// - Parameters:
  ///   - store: has documents made anew that were made of something older.
  ///   - seconds: how long what MusicBrainz said stays fresh.
  /// - Throws: when anything in the file is not as it was written, or it lacks what a store keeps.
  public init(
    _ file: DatasetFile, into durable: any DurableTier, _ store: DocumentStore, fresh seconds: Int64
  ) throws(DatasetError) {
    try file.verify()
    guard DatasetImport.kinds.contains(where: { file.count(of: $0.source) > 0 }) else {
      throw DatasetError(
        .unsuitable, "\(file.path) can be served from but not imported: it was written without what stores keep")
    }
    self.file = file
    self.durable = durable
    self.store = store
    self.seconds = seconds
  }

  private static let kinds: [(source: CacheKey.Kind, made: CacheKey.Kind)] = [
    (.sourceArtist, .artist), (.sourceAlbums, .artistAlbums), (.sourceAlbum, .album),
  ]

  public func run(_ report: Report) throws(DatasetError) -> DatasetProgress {
    var progress = DatasetProgress()
    try prepare()
    for kind in DatasetImport.kinds {
      for start in stride(from: 0, to: file.count(of: kind.source), by: DatasetImport.page) {
        let end = min(start + DatasetImport.page, file.count(of: kind.source))
        let count = try take(start..<end, kind, &progress)
        switch kind.source {
        case .sourceArtist: progress.artists += count
        case .sourceAlbums: progress.discographies += count
        default: progress.albums += count
        }
        guard report(progress) else {
          throw DatasetError(.interrupted, "interrupted; what was imported so far stays in the store")
        }
      }
    }
    try takeMerged([.artist, .artistAlbums], .artist)
    try takeMerged([.album], .album)
    return progress
  }

  /// Tables that are missing are laid out.
  private func prepare() throws(DatasetError) {
    let durable = durable
    let nothing = [CacheKey(.sourceArtist, MBID(high: 0, low: 0))]
    do throws(SourceError) {
      _ = try durable.get(nothing)
    } catch {
      try DatasetError.asking { () throws(SourceError) in
        try durable.prepare()
        _ = try durable.get(nothing)
      }
    }
  }

  /// - Returns: how many were put into the store.
  private func take(
    _ range: Range<Int>, _ kind: (source: CacheKey.Kind, made: CacheKey.Kind), _ progress: inout DatasetProgress
  ) throws(DatasetError) -> Int {
    var documents: [CacheKey: Document] = [:]
    for index in range {
      // The whole was looked through a moment ago.
      guard let (id, packed) = file.document(at: index, of: kind.source), var document = packed?.unpacked() else {
        throw DatasetError(.damaged, "\(file.path): a document is damaged")
      }
      document.expires = document.said + seconds
      documents[CacheKey(kind.source, id)] = document
    }
    let (durable, keys) = (durable, Array(documents.keys))
    let taken = try DatasetError.asking { () throws(SourceError) in
      // Before the look, so that what is stored in between is not overwritten.
      let revision = try durable.revision()
      for (key, known) in zip(keys, try durable.get(keys)) {
        guard let known else { continue }
        // It was revoked: what is imported is used where MusicBrainz cannot be asked.
        if known.isRevoked {
          documents[key]?.expires = UnixTime(seconds: 1)
        } else if known.said >= documents[key]?.said ?? known.said {
          documents[key] = nil
        }
      }
      guard !documents.isEmpty else { return Set<CacheKey>() }
      let refused = try durable.set(documents, revision: revision)
      return Set(documents.keys).subtracting(refused)
    }
    progress.known += range.count - taken.count
    remake(taken, kind.made, documents)
    return taken.count
  }

  /// What was made of something older is made anew before it is next served.
  private func remake(_ taken: Set<CacheKey>, _ made: CacheKey.Kind, _ documents: [CacheKey: Document]) {
    let keys = taken.map { CacheKey(made, $0.id) }
    let outdated = zip(taken, zip(keys, store.cached(keys))).compactMap { source, entry -> CacheKey? in
      guard let known = entry.1, known.cut == nil, let document = documents[source], known.said < document.said else {
        return nil
      }
      return entry.0
    }
    store.revoke(outdated)
  }

  /// Ids that were merged have documents that say so where nothing else is known of them.
  private func takeMerged(_ kinds: [CacheKey.Kind], _ kind: CacheKey.Kind) throws(DatasetError) {
    let now = UnixTime.now
    for start in stride(from: 0, to: file.mergedCount(of: kind), by: DatasetImport.page) {
      var documents: [CacheKey: Document] = [:]
      for index in start..<min(start + DatasetImport.page, file.mergedCount(of: kind)) {
        guard let (id, survivor) = file.merged(at: index, of: kind), id != survivor else { continue }
        var document = Document.moved(to: survivor, expires: file.newest + seconds)
        document.said = file.newest
        document.made = now
        for kind in kinds { documents[CacheKey(kind, id)] = document }
      }
      let (durable, keys) = (durable, Array(documents.keys))
      try DatasetError.asking { () throws(SourceError) in
        let revision = try durable.revision()
        for (key, known) in zip(keys, try durable.get(keys)) where known != nil { documents[key] = nil }
        if !documents.isEmpty { _ = try durable.set(documents, revision: revision) }
      }
    }
  }
}
