internal import Core

/// Writes what ``NameList`` reads: entities with their names, in the order of how well known they are.
struct NameListWriter {
  private let kind: EntityID.Kind
  private let folder: String
  private(set) var entityCount = 0
  private(set) var rowCount = 0
  private var popularity = 0
  private var isFirst = true
  private var rowSize = 0
  private var last: (name: [UInt8], key: [UInt8]) = ([], [])

  private var entities: Spool
  private var groups: Spool
  private var lengthsOrHashes: Spool
  private var keys: RunSorter
  private var ends: RunSorter
  private var words: RunSorter
  private var lists: RunSorter
  private var buffer: [UInt8] = []

  init(in folder: String, memory: Int, isAlbums: Bool) {
    self.folder = folder
    kind = isAlbums ? .album : .artist
    entities = Spool(in: folder)
    groups = Spool(in: folder)
    lengthsOrHashes = Spool(in: folder)
    keys = RunSorter(in: folder, memory: memory)
    ends = RunSorter(in: folder, memory: memory)
    words = RunSorter(in: folder, memory: memory)
    lists = RunSorter(in: folder, memory: memory / 4)
  }

  mutating func begin(_ id: UnsafeRawBufferPointer, popularity: Int, artist: Int? = nil) throws(SourceError) {
    let firstRow = rowCount
    try entities.append { bytes in
      bytes.append(contentsOf: id)
      bytes.append(uint16: popularity)
      bytes.append(uint32: firstRow)
      if let artist { bytes.append(uint32: artist) }
    }
    if let artist {
      var record: [UInt8] = []
      record.append(sortable: artist, bytes: 4)
      record.append(sortable: entityCount, bytes: 4)
      try lists.add(record)
    }
    self.popularity = popularity
    isFirst = true
    entityCount += 1
  }

  /// - Parameter credit: stands in the first row of an entity.
  mutating func add(
    _ row: NameRecord, credit: UnsafeRawBufferPointer?, _ output: inout SectionOutput
  ) throws(SourceError) {
    if rowCount == 0 { output.begin(.rows, of: kind) }
    if rowCount % NameList.groupSize == 0 {
      let (offset, entity) = (rowSize + buffer.count, entityCount - 1)
      guard offset <= Int(UInt32.max) else { throw SourceError(.failed, "names: too many for one section") }
      try groups.append { bytes in
        bytes.append(uint32: offset)
        bytes.append(uint32: entity)
      }
    }
    appendRow(row, credit: credit)
    if buffer.count > 1 << 18 {
      try output.append(buffer)
      rowSize += buffer.count
      buffer.removeAll(keepingCapacity: true)
    }
    try index(row)
    rowCount += 1
    isFirst = false
  }

  private mutating func appendRow(_ row: NameRecord, credit: UnsafeRawBufferPointer?) {
    let isWhole = rowCount % NameList.groupSize == 0 || isFirst
    var flags = row.form
    if isFirst { flags |= NameList.Flag.isFirst }
    let hasSameName = !isWhole && row.name.elementsEqual(last.name)
    if hasSameName { flags |= NameList.Flag.hasSameName }
    var plain: [UInt8] = []
    PlainKey.append(row.name, to: &plain)
    let dropped = last.key.count - row.key.count
    let isPlain = plain.elementsEqual(row.key)
    let isEnd =
      !isPlain && hasSameName && (0...255).contains(dropped) && row.key.elementsEqual(last.key.dropFirst(dropped))
    if isPlain { flags |= NameList.Flag.isPlain }
    if isEnd { flags |= NameList.Flag.isEnd }
    if credit != nil { flags |= NameList.Flag.hasCredit }
    buffer.append(flags)
    if !hasSameName { buffer.append(text: row.name) }
    if isEnd {
      buffer.append(UInt8(dropped))
    } else if !isPlain {
      buffer.append(text: row.key)
    }
    if let credit { buffer.append(text: credit) }
    last = (Array(row.name), Array(row.key))
  }

  /// Notes all that the row is found by.
  private mutating func index(_ row: NameRecord) throws(SourceError) {
    let scalars = Array(String(decoding: row.key, as: UTF8.self).unicodeScalars)
    let length = UInt8(truncatingIfNeeded: scalars.count)
    var record: [UInt8] = [length]
    record.append(contentsOf: row.key)
    record.append(sortable: rowCount, bytes: 4)
    try keys.add(record)
    if scalars.count >= 3 {
      // More than half of a key is never looked for from behind.
      let end = String(String.UnicodeScalarView(scalars.reversed().prefix((scalars.count + 1) / 2)))
      record = [length]
      record.append(contentsOf: end.utf8)
      record.append(sortable: rowCount, bytes: 4)
      try ends.add(record)
    }
    if kind == .album {
      try lengthsOrHashes.append { $0.append(uint16: PlainKey.hash(row.key)) }
    } else if Double(popularity) / 1000 >= Ranking.known {
      try lengthsOrHashes.append { $0.append(length) }
    }
    var known: [Slice<UnsafeRawBufferPointer>] = []
    for word in row.words.split(separator: UInt8(ascii: " ")) where !known.contains(where: word.elementsEqual) {
      known.append(word)
      record.removeAll(keepingCapacity: true)
      record.append(contentsOf: word)
      // Before every character, so that words come before longer ones that begin so.
      record.append(0)
      record.append(sortable: rowCount, bytes: 4)
      try words.add(record)
    }
  }

  // MARK: - The other parts

  mutating func finish(_ output: inout SectionOutput, artistCount: Int = 0) throws(SourceError) {
    if rowCount == 0 { output.begin(.rows, of: kind) }
    try output.append(buffer)
    output.end(.rows, of: kind)
    try output.append(.entities, of: kind, &entities)
    try output.append(.groups, of: kind, &groups)
    try output.append(.lengthsOrHashes, of: kind, &lengthsOrHashes)
    try NameListWriter.write(&keys, (.keys, .keyHeads, .keyMinima), of: kind, &output)
    try NameListWriter.write(&ends, (.ends, .endHeads, .endMinima), of: kind, &output)
    try writeWords(&output)
    if kind == .album { try writeLists(&output, artistCount: artistCount) }
  }

  private static func write(
    _ keys: inout RunSorter, _ parts: (blocks: NameList.Part, heads: NameList.Part, minima: NameList.Part),
    of kind: EntityID.Kind, _ output: inout SectionOutput
  ) throws(SourceError) {
    var writer = KeyOrderWriter()
    var bytes: [UInt8] = []
    output.begin(parts.blocks, of: kind)
    try keys.drain { record throws(SourceError) in
      var row = RecordReader(UnsafeRawBufferPointer(rebasing: record.suffix(4)))
      writer.append(UnsafeRawBufferPointer(rebasing: record.dropLast(4)), row.number(4), to: &bytes)
      if bytes.count > 1 << 18 {
        try output.append(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try output.append(bytes)
    output.end(parts.blocks, of: kind)
    try finish(&writer, parts.heads, parts.minima, of: kind, &output)
  }

  private static func finish(
    _ writer: inout KeyOrderWriter, _ heads: NameList.Part, _ minima: NameList.Part?, of kind: EntityID.Kind,
    _ output: inout SectionOutput
  ) throws(SourceError) {
    guard writer.size <= Int(UInt32.max) else { throw SourceError(.failed, "names: too many for one section") }
    try output.append(heads, of: kind, writer.heads)
    let least = writer.finish()
    if let minima { try output.append(minima, of: kind, least) }
  }

  private mutating func writeWords(_ output: inout SectionOutput) throws(SourceError) {
    var writer = KeyOrderWriter()
    var dictionary = Spool(in: folder)
    var bytes: [UInt8] = []
    var (word, rows, offset): ([UInt8], [Int], Int) = ([], [], 0)

    func endWord() throws(SourceError) {
      guard !rows.isEmpty else { return }
      var number = offset
      if rows.count == 1 {
        number = rows[0] | PostingList.single
      } else {
        guard offset < PostingList.single else { throw SourceError(.failed, "names: too many for one section") }
        let start = bytes.count
        PostingList.append(rows, to: &bytes)
        offset += bytes.count - start
      }
      var entry: [UInt8] = []
      word.withUnsafeBytes { writer.append($0, number, to: &entry) }
      try dictionary.append { $0.append(contentsOf: entry) }
      rows.removeAll(keepingCapacity: true)
    }

    output.begin(.postings, of: kind)
    try words.drain { record throws(SourceError) in
      let found = record.dropLast(5)
      if !found.elementsEqual(word) {
        try endWord()
        word = Array(found)
        if bytes.count > 1 << 18 {
          try output.append(bytes)
          bytes.removeAll(keepingCapacity: true)
        }
      }
      var row = RecordReader(UnsafeRawBufferPointer(rebasing: record.suffix(4)))
      rows.append(row.number(4))
    }
    try endWord()
    try output.append(bytes)
    output.end(.postings, of: kind)
    try output.append(.words, of: kind, &dictionary)
    try NameListWriter.finish(&writer, .wordHeads, nil, of: kind, &output)
  }

  private mutating func writeLists(_ output: inout SectionOutput, artistCount: Int) throws(SourceError) {
    var starts: [UInt8] = []
    var bytes: [UInt8] = []
    var (next, count) = (0, 0)
    output.begin(.lists, of: kind)
    try lists.drain { record throws(SourceError) in
      var reader = RecordReader(record)
      let artist = reader.number(4)
      // Whoever is not there has no list.
      guard artist < artistCount else { return }
      while next <= artist {
        starts.append(uint32: count)
        next += 1
      }
      bytes.append(uint32: reader.number(4))
      count += 1
      if bytes.count > 1 << 18 {
        try output.append(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try output.append(bytes)
    output.end(.lists, of: kind)
    while next <= artistCount {
      starts.append(uint32: count)
      next += 1
    }
    try output.append(.listStarts, of: kind, starts)
  }
}
