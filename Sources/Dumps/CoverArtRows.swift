/// The images of the Cover Art Archive, until it is known what they show.
struct CoverArtRows {
  /// An image of a release, as `album_covers.sql` asks for it.
  struct Image {
    var id: Int
    var ordering: Int
    var isFront = false
    var isMedium = false
    var isRaw = false
  }

  private struct Row {
    var image: Int64
    var release: UInt32
    var ordering: Int32
  }

  private enum Kind: Int64 {
    case front, medium, raw
  }

  private static let kindBits: Int64 = 2

  private var rows: [Row] = []
  private var kinds: [Int: Kind] = [:]
  /// Above, the image; below, one of the things that it shows.
  private var types: [Int64] = []

  mutating func add(type: Int, named name: String) {
    switch name {
    case "Front": kinds[type] = .front
    case "Medium": kinds[type] = .medium
    case "Raw/Unedited": kinds[type] = .raw
    default: break
    }
  }

  mutating func add(image: Int, release: Int, ordering: Int) {
    rows.append(
      Row(
        image: Int64(image), release: UInt32(truncatingIfNeeded: release),
        ordering: Int32(truncatingIfNeeded: ordering)))
  }

  mutating func add(type: Int, ofImage image: Int) {
    if let kind = kinds[type] { types.append(Int64(image) << CoverArtRows.kindBits | kind.rawValue) }
  }

  /// Passes on those that show the front or the medium, with their releases.
  consuming func forEach(_ body: (Int, Image) throws(DumpError) -> Void) throws(DumpError) {
    rows.sort { $0.image < $1.image }
    types.sort()
    var next = 0
    for row in rows {
      var image = Image(id: Int(row.image), ordering: Int(row.ordering))
      while next < types.count, types[next] >> CoverArtRows.kindBits < row.image { next += 1 }
      while next < types.count, types[next] >> CoverArtRows.kindBits == row.image {
        switch Kind(rawValue: types[next] & (1 << CoverArtRows.kindBits - 1)) {
        case .front: image.isFront = true
        case .medium: image.isMedium = true
        case .raw: image.isRaw = true
        case nil: break
        }
        next += 1
      }
      if image.isFront || image.isMedium { try body(Int(row.release), image) }
    }
  }
}
