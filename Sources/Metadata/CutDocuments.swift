public import Core
public import Documents

/// Documents as files hold them: what MusicBrainz said, as the API spells it, without pictures and overviews. Those are
/// what providers say, and go stale at another time.
public struct CutDocuments: Sendable {
  private let vocabulary: Vocabulary
  private let locales: [String]
  private let effort: Fragment.Effort

  /// - Parameter effort: how well their texts are compressed.
  public init(_ options: Catalog.Options, _ effort: Fragment.Effort = .thorough) {
    self.effort = effort
    vocabulary = options.vocabulary
    locales = options.aliasLocales
  }

  public func artist(_ artist: Artist, said: UnixTime) -> Document {
    let opening = ArtistDocument.opening(of: artist.called(in: locales)).bytes
    return cut([.init(Fragment(opening, effort))], artist.id, said: said)
  }

  public func albums(_ albums: [AlbumSummary], said: UnixTime) -> Document {
    var document = Document(
      parts: ArtistDocument.parts(of: albums, vocabulary, effort), expires: UnixTime(seconds: 0))
    document.said = said
    return document
  }

  public func album(_ album: Album, said: UnixTime) -> Document {
    let parts = AlbumDocument.cutParts(of: album, vocabulary).map { Document.Part(Fragment($0, effort)) }
    return cut(parts, album.id, references: album.artistIDs, note: CoverNote(album).bytes, said: said)
  }

  private func cut(
    _ parts: [Document.Part], _ id: MBID, references: [MBID] = [], note: [UInt8] = [], said: UnixTime
  ) -> Document {
    var document = Document(parts: parts, references: references, expires: UnixTime(seconds: 0))
    document.said = said
    document.cut = .init(id: id, note: note)
    return document
  }
}

/// Which images of the Cover Art Archive an album has: of each a letter, the release in network order, and the number of
/// the image, little-endian.
struct CoverNote {
  var front: CoverArt?
  var medium: CoverArt?

  private static let entryLength = 25

  init(_ album: Album) {
    front = album.frontCover
    medium = album.mediumCover
  }

  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while rest.count >= CoverNote.entryLength {
      let cover = rest.dropFirst().prefix(24).withUnsafeBytes { bytes -> CoverArt? in
        guard let start = bytes.baseAddress else { return nil }
        let image = bytes.loadUnaligned(fromByteOffset: 16, as: Int64.self)
        return CoverArt(release: MBID(bytes: start), image: Int64(littleEndian: image))
      }
      switch rest.first {
      case UInt8(ascii: "f"): front = cover
      case UInt8(ascii: "m"): medium = cover
      default: break
      }
      rest = rest.dropFirst(CoverNote.entryLength)
    }
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for (letter, cover) in [(UInt8(ascii: "f"), front), (UInt8(ascii: "m"), medium)] {
      guard let cover else { continue }
      bytes.append(letter)
      withUnsafeBytes(of: (cover.release.high.bigEndian, cover.release.low.bigEndian)) { bytes.append(contentsOf: $0) }
      withUnsafeBytes(of: cover.image.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}
