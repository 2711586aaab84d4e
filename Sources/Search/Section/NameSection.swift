public import Core

/// The names of artists and albums as bytes that are searched where they lie: a section of a file that is mapped into
/// memory.
///
/// Nothing is read before it is asked for, and nothing is believed: whatever the bytes say, it is looked up within them.
/// Wrong ones make wrong hits, never a fault. Numbers are little-endian.
///
/// ```
/// magic, 8 bytes
/// parts, one behind the other: those of artists, then those of albums (NameList.Part)
/// where each part begins and how long it is, 8 bytes each
/// rows of artists, rows of albums, version, 4 bytes each
/// magic again
/// ```
public struct NameSection {
  static let version = 1
  static let magic: [UInt8] = Array("LNnames\n".utf8)
  static let partCount = 2 * NameList.Part.allCases.count
  static let trailerSize = 16 * partCount + 12 + magic.count

  let artists: NameList
  let albums: NameList
  /// Keeps the bytes where they are.
  private let owner: AnyObject?

  /// - Parameters:
  ///   - bytes: the whole section.
  ///   - owner: what they belong to; it lives as long as the section does.
  public init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject?) throws(SourceError) {
    let all = SectionBytes(bytes)
    let size = NameSection.magic.count
    guard bytes.count >= size + NameSection.trailerSize, bytes.prefix(size).elementsEqual(NameSection.magic),
      bytes.suffix(size).elementsEqual(NameSection.magic)
    else { throw SourceError(.failed, "names: these bytes are no section of names, or not all of one") }
    let trailer = all.part(bytes.count - NameSection.trailerSize, NameSection.trailerSize)
    let counts = 16 * NameSection.partCount
    guard trailer.uint32(counts + 8) == NameSection.version else {
      throw SourceError(
        .failed, "names: a section of version \(trailer.uint32(counts + 8)), not \(NameSection.version)")
    }
    func list(_ kind: Int, rows: Int) -> NameList {
      NameList(isAlbums: kind == 1, rowCount: rows) { part in
        let entry = 16 * (kind * NameList.Part.allCases.count + part.rawValue)
        return all.part(trailer.uint64(entry), trailer.uint64(entry + 8))
      }
    }
    artists = list(0, rows: trailer.uint32(counts))
    albums = list(1, rows: trailer.uint32(counts + 4))
    self.owner = owner
    fingerprint = FNV.hash(all.part(size, 4_096).bytes, from: FNV.hash(trailer.bytes))
  }

  public var artistCount: Int { artists.entityCount }
  public var albumCount: Int { albums.entityCount }

  /// Other names have most likely another one: of the sizes and places of the parts, and of the best known.
  public let fingerprint: UInt64
}
