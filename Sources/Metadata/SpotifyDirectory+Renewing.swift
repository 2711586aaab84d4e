public import Cache
public import Core
public import Documents

extension SpotifyDirectory {
  public static let renewableKinds: [CacheKey.Kind] = [.spotifyArtist, .spotifyAlbum]

  /// Asks anew what Spotify's ids stand for: MusicBrainz about all at once, and Spotify about those without a link that
  /// once had a counterpart. That there was none is forgotten instead.
  ///
  /// - Parameter due: of one kind, with the documents themselves.
  /// - Returns: those that stay as they are, because Spotify did not answer.
  public func renew(_ due: [DueDocument], by deadline: Deadline) throws(SourceError) -> [DueDocument] {
    guard let name = due.first?.key.kind else { return [] }
    let kind: EntityID.Kind = name == .spotifyArtist ? .artist : .album
    let ids = due.map { $0.document?.spotifyID }
    return try store.renewing(due) { () throws(SourceError) in
      let found = try links.links(toSpotify: ids.compactMap(\.self), by: deadline)
      remember(found)
      let linked = Set(found.filter { $0.kind == kind }.map(\.id))
      var (left, forgotten): ([DueDocument], [CacheKey: Document]) = ([], [:])
      for (due, id) in zip(due, ids) {
        if let id, linked.contains(id) { continue }
        guard let id, spotify != nil, due.document?.references.first != nil else {
          forgotten[due.key] = .absent(expires: now())
          continue
        }
        do throws(Problem) {
          _ = try look(kind, id, by: deadline)
        } catch {
          if case .source(let error) = error { throw error }
          left.append(due)
        }
      }
      store.put(forgotten)
      return left
    }
  }

  /// Keeps what MusicBrainz links to, before anybody asks.
  public func keep(_ links: [SpotifyLink]) throws(SourceError) {
    try store.renewing([]) { () throws(SourceError) in remember(links) }
  }

  /// Which of these documents say something else than MusicBrainz' links do. What has no link may have been found by
  /// its name.
  public func differences(
    _ rows: [(key: CacheKey, document: Document)], by deadline: Deadline
  ) throws(SourceError) -> [CacheKey] {
    let ids = rows.compactMap(\.document.spotifyID)
    guard !ids.isEmpty else { return [] }
    let targets = Dictionary(
      try links.links(toSpotify: ids, by: deadline).map { ($0.kind.key(ofSpotify: $0.id), $0.target) }
    ) { first, _ in first }
    return rows.compactMap { key, document in
      guard let target = targets[key], document.references.first != target else { return nil }
      return key
    }
  }
}
