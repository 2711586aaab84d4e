public import Cache
public import Core
internal import Documents

/// Making documents anew before somebody asks for them.
extension Catalog {
  /// What a crawler can make anew.
  public static let renewableKinds: [CacheKey.Kind] = [
    .artistAlbums, .artist, .album, .series, .artistDecoration, .albumDecoration,
  ]

  /// Makes documents of one kind anew. What MusicBrainz says is gone is forgotten, what it has merged moves.
  ///
  /// A provider that does not answer now makes no document worse: one that is only due for its age stays as it is.
  ///
  /// - Parameter aheadSeconds: what MusicBrainz said is asked for anew if it goes stale within so long.
  /// - Returns: those that stayed as they are.
  public func renew(
    _ due: [DueDocument], aheadSeconds: Int64 = Catalog.aheadSeconds, by deadline: Deadline
  ) throws(SourceError) -> [DueDocument] {
    guard let kind = due.first?.key.kind else { return [] }
    let urgent = Set(due.filter(\.isUrgent).map(\.key.id))
    var left: Set<MBID> = []
    renewal = Renewal(aheadSeconds: aheadSeconds)
    defer { renewal = nil }
    try store.renew(due, by: deadline) { keys, deadline throws(SourceError) in
      let documents = try compute(kind, keys, by: deadline)
      guard deadline.beat() else { throw SourceError(.timedOut, "it was stopped") }
      left = (renewal?.undecorated ?? []).subtracting(urgent)
      return documents.filter { key, document in
        document.state != .present || !key.kind.isDecorated || !left.contains(key.id)
      }
    }
    return kind.isDecorated ? due.filter { left.contains($0.key.id) } : []
  }

  /// How long before its time something is made anew, in seconds.
  public static let aheadSeconds: Int64 = 3_600

  struct Renewal {
    let aheadSeconds: Int64
    /// What providers had no time for, or would not tell of.
    var undecorated: Set<MBID> = []
  }

  private func compute(
    _ kind: CacheKey.Kind, _ keys: [CacheKey], by deadline: Deadline
  ) throws(SourceError) -> [CacheKey: Document] {
    switch kind {
    case .artistAlbums: try computeDiscographies(keys, by: deadline)
    case .artist: try computeArtists(keys, by: deadline)
    case .album: try computeAlbums(keys, by: deadline)
    case .series: try computeSeries(keys, by: deadline)
    case .artistDecoration, .albumDecoration: try computeDecorations(keys, by: deadline)
    default: throw SourceError(.failed, "documents of kind \(kind.name) are not made anew")
    }
  }
}

extension CacheKey.Kind {
  /// Whether pictures and overviews are in it.
  fileprivate var isDecorated: Bool {
    [.artist, .album, .artistDecoration, .albumDecoration].contains(self)
  }
}
