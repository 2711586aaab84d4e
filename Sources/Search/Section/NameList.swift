internal import Core

/// The artists or the albums of a section.
///
/// Entities are numbered in the order of how well known they are, the best known first; the rows, which are their names
/// in all their forms, as well. So of several rows the first are those that are wanted.
struct NameList {
  static let groupSize = 16
  static let artistSize = 22
  static let albumSize = 26

  /// What of a section belongs to one kind.
  enum Part: Int, CaseIterable {
    /// The id, a thousandth of popularity, the first row; of an album, its artist.
    case entities
    /// Where every 16th row begins, and the entity that it is of.
    case groups
    case rows
    /// Of artists: how many characters the keys of those who are known have. Of albums: hashes of the keys.
    case lengthsOrHashes
    case keys, keyHeads, keyMinima
    /// The second halves of the keys, read backwards.
    case ends, endHeads, endMinima
    case words, wordHeads, postings
    /// Of albums: where the list of an artist begins, and the albums of all artists.
    case listStarts, lists
  }

  private let isAlbums: Bool
  private let entities: SectionBytes
  private let groups: SectionBytes
  private let rows: SectionBytes
  let lengthsOrHashes: SectionBytes
  let keys: KeyOrder
  let ends: KeyOrder
  private let words: KeyOrder
  private let postings: SectionBytes
  private let listStarts: SectionBytes
  private let lists: SectionBytes

  let entityCount: Int
  let rowCount: Int

  init(isAlbums: Bool, rowCount: Int, _ part: (Part) -> SectionBytes) {
    self.isAlbums = isAlbums
    entities = part(.entities)
    groups = part(.groups)
    rows = part(.rows)
    lengthsOrHashes = part(.lengthsOrHashes)
    keys = KeyOrder(blocks: part(.keys), heads: part(.keyHeads), minima: part(.keyMinima))
    ends = KeyOrder(blocks: part(.ends), heads: part(.endHeads), minima: part(.endMinima))
    words = KeyOrder(blocks: part(.words), heads: part(.wordHeads), minima: SectionBytes(.init(start: nil, count: 0)))
    postings = part(.postings)
    listStarts = part(.listStarts)
    lists = part(.lists)
    entityCount = entities.count / (isAlbums ? NameList.albumSize : NameList.artistSize)
    self.rowCount = rowCount
  }

  // MARK: - Entities

  private func offset(_ entity: Int) -> Int { entity &* (isAlbums ? NameList.albumSize : NameList.artistSize) }

  func id(_ entity: Int) -> MBID? { entities.id(offset(entity)) }

  /// In thousandths.
  func popularity(_ entity: Int) -> Int { min(1000, entities.uint16(offset(entity) &+ 16)) }

  func firstRow(_ entity: Int) -> Int { entities.uint32(offset(entity) &+ 18) }

  /// All rows of an entity.
  func rows(of entity: Int) -> Range<Int> {
    let first = min(firstRow(entity), rowCount)
    let next = entity &+ 1 < entityCount ? firstRow(entity &+ 1) : rowCount
    return first..<max(first, min(next, rowCount))
  }

  /// Of an album.
  func artist(_ entity: Int) -> Int { entities.uint32(offset(entity) &+ 22) }

  /// The albums of an artist, the best known first.
  func albums(of artist: Int) -> (count: Int, album: (Int) -> Int) {
    guard artist >= 0, artist < listStarts.count / 4 &- 1 else { return (0, { _ in 0 }) }
    let start = min(listStarts.uint32(artist &* 4), lists.count / 4)
    let end = min(listStarts.uint32(artist &* 4 &+ 4), lists.count / 4)
    return (max(0, end &- start), { [lists] index in lists.uint32((start &+ index) &* 4) })
  }

  // MARK: - Rows

  /// What a row's first byte says.
  enum Flag {
    static let form: UInt8 = 7
    static let isFirst: UInt8 = 1 << 3
    static let hasSameName: UInt8 = 1 << 4
    /// The key is ``PlainKey`` of the name.
    static let isPlain: UInt8 = 1 << 5
    /// The key is that of the row before without its beginning.
    static let isEnd: UInt8 = 1 << 6
    static let hasCredit: UInt8 = 1 << 7
  }

  struct Row {
    var form = Candidate.Form.name
    var entity = 0
    var name = 0..<0
    /// Where the key stands; nil when it is made from the name.
    var key: Range<Int>?
    /// How many bytes at the beginning are no part of it.
    var dropped = 0
    var credit: Range<Int>?
  }

  func row(_ number: Int) -> Row? {
    guard number >= 0, number < rowCount else { return nil }
    let group = number / NameList.groupSize
    var cursor = SectionCursor(rows, at: groups.uint32(group &* 8))
    var row = Row()
    row.entity = groups.uint32(group &* 8 &+ 4)
    for index in 0...(number % NameList.groupSize) {
      guard let flags = cursor.byte() else { return nil }
      if flags & Flag.isFirst != 0, index > 0 { row.entity &+= 1 }
      row.form = Candidate.Form(rawValue: Int(flags & Flag.form)) ?? .alias
      if flags & Flag.hasSameName == 0 {
        guard let name = cursor.number().flatMap({ cursor.range($0) }) else { return nil }
        row.name = name
      }
      if flags & Flag.isPlain != 0 {
        (row.key, row.dropped) = (nil, 0)
      } else if flags & Flag.isEnd != 0 {
        guard let dropped = cursor.byte() else { return nil }
        row.dropped &+= Int(dropped)
      } else {
        guard let key = cursor.number().flatMap({ cursor.range($0) }) else { return nil }
        (row.key, row.dropped) = (key, 0)
      }
      row.credit = nil
      if flags & Flag.hasCredit != 0 {
        guard let credit = cursor.number().flatMap({ cursor.range($0) }) else { return nil }
        row.credit = credit
      }
    }
    // Nothing else may be an entity's number.
    return row.entity < entityCount ? row : nil
  }

  func name(_ row: Row) -> String { rows.text(row.name) }

  func credit(_ row: Row) -> String? { row.credit.map { rows.text($0) } }

  /// Puts the key in the place of what was in the array.
  func key(_ row: Row, into key: inout [UInt8]) {
    key.removeAll(keepingCapacity: true)
    if let written = row.key {
      key.append(contentsOf: rows.part(written.lowerBound, written.count).bytes)
    } else {
      PlainKey.append(rows.part(row.name.lowerBound, row.name.count).bytes, to: &key)
    }
    key.removeFirst(min(row.dropped, key.count))
  }

  // MARK: - Words

  /// Calls `body` with the rows that have all the words.
  func forEach(with words: [String], _ body: (Int) -> Bool) {
    var lists: [PostingList] = []
    for word in words {
      var number: Int?
      var word = word
      word.withUTF8 { word in
        self.words.forEach(word) {
          number = $0
          return false
        }
      }
      guard let number, let list = PostingList(postings, number) else { return }
      lists.append(list)
    }
    PostingList.forEach(inAll: lists, body)
  }
}
