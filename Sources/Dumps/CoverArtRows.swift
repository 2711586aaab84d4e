/// The images of the Cover Art Archive, until it is known what they show.
struct KeyedCoverArt {
  private struct Row {
    var image: DumpKeys.Image
    var release: Int
  }

  private enum Kind {
    case front, medium, raw
  }

  private var rows: [Row] = []
  private var kinds: [Int: Kind] = [:]
  private var types: [(image: Int64, kind: Kind)] = []

  mutating func add(type: Int, named name: String) {
    switch name {
    case "Front": kinds[type] = .front
    case "Medium": kinds[type] = .medium
    case "Raw/Unedited": kinds[type] = .raw
    default: break
    }
  }

  mutating func add(image: Int64, release: Int, ordering: Int32) {
    rows.append(Row(image: DumpKeys.Image(id: image, ordering: ordering), release: release))
  }

  mutating func add(type: Int, ofImage image: Int64) {
    if let kind = kinds[type] { types.append((image, kind)) }
  }

  /// Those that show the front or the medium, by release.
  consuming func images() -> KeyedLists<DumpKeys.Image> {
    rows.sort { $0.image.id < $1.image.id }
    types.sort { $0.image < $1.image }
    var images = KeyedLists<DumpKeys.Image>()
    var next = 0
    for row in rows {
      var row = row
      while next < types.count, types[next].image < row.image.id { next += 1 }
      while next < types.count, types[next].image == row.image.id {
        switch types[next].kind {
        case .front: row.image.isFront = true
        case .medium: row.image.isMedium = true
        case .raw: row.image.isRaw = true
        }
        next += 1
      }
      if row.image.isFront || row.image.isMedium { images.add(row.image, at: row.release) }
    }
    return images
  }
}
