public import Cache
public import Core
public import Documents

/// Finding out whether what is kept is still what MusicBrainz says.
extension Catalog {
  /// What MusicBrainz said, and is compared with what it says now.
  public static let comparableKinds: [CacheKey.Kind] = [.sourceArtist, .sourceAlbums, .sourceAlbum]

  /// Which of these MusicBrainz says otherwise now, or does not have any more. What is compared is the kept form, byte by
  /// byte. What is stale, or of an older form, is left out: it is asked for anyhow.
  ///
  /// - Parameter rows: of one of ``comparableKinds``.
  public func differences(
    _ kind: CacheKey.Kind, _ rows: [(id: MBID, document: Document?)], by deadline: Deadline
  ) throws(SourceError) -> [MBID] {
    let kept = rows.compactMap { id, document -> (id: MBID, text: [UInt8])? in
      guard let document, !document.isStale(at: now()) || document.isRevoked else { return nil }
      return SourceForm.currentText(document).map { (id, $0) }
    }
    guard !kept.isEmpty else { return [] }
    let texts = try texts(kind, kept.map(\.id), by: deadline)
    return kept.filter { texts[$0.id] != $0.text }.map(\.id)
  }

  /// The documents that show what is kept under a key of ``comparableKinds``, and that key.
  public static func shown(by kind: CacheKey.Kind, _ id: MBID) -> [CacheKey] {
    switch kind {
    case .sourceArtist: [CacheKey(.artist, id), CacheKey(kind, id)]
    case .sourceAlbums: [CacheKey(.artistAlbums, id), CacheKey(kind, id)]
    default: [CacheKey(.album, id), CacheKey(kind, id)]
    }
  }

  /// What would be kept now; nothing for what is gone or was merged.
  private func texts(
    _ kind: CacheKey.Kind, _ ids: [MBID], by deadline: Deadline
  ) throws(SourceError) -> [MBID: [UInt8]] {
    var texts: [MBID: [UInt8]] = [:]
    switch kind {
    case .sourceArtist:
      for (id, artist) in try source.artists(ids, by: deadline) where artist.id == id {
        texts[id] = JSONWriter.source(artist).bytes
      }
    case .sourceAlbums:
      let found = try source.discographies(ids, albumless: options.albumlessArtists, by: deadline)
      for (id, discography) in found where discography.artist.id == id {
        texts[id] = JSONWriter.source(discography.albums).bytes
      }
    default:
      for (id, album) in try source.albums(ids, by: deadline) where album.id == id {
        texts[id] = JSONWriter.source(album).bytes
      }
    }
    return texts
  }
}
