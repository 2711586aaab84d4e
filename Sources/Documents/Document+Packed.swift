public import Core

// MARK: - The form in a file

extension Document {
  // What a file holds of a document. Files hold millions, most of them short, so numbers are written with seven bits a
  // byte (the eighth tells that another follows), and what can be computed from the rest is left out:
  //   u32 length of all behind these eight bytes, u32 CRC-32 of the kind, the id and all behind
  //   u8 1 when it is cut, else 0; number: when it was said, Unix seconds
  //   number: length of the cut's note, and the note
  //   number of references, 16 bytes each
  //   number of parts; each: number: length of the text, number: compressed length, number: length of the label,
  //     u32 CRC-32 of the text, u32 half of the hash of the text
  //   the labels, then the compressed bytes

  /// The bytes before what ``packedLength`` tells the length of.
  public static let packedHeadLength = 8

  /// - Parameter seed: see ``packingSeed(kind:)``.
  public func packed(as id: MBID, seed: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      64 + references.count * Document.referenceLength
        + parts.reduce(0) { $0 + 24 + $1.label.count + $1.fragment.compressed.count })
    bytes.append(contentsOf: [0, 0, 0, 0, 0, 0, 0, 0])
    bytes.append(cut == nil ? 0 : 1)
    bytes.append(number: UInt64(max(0, said.seconds)))
    bytes.append(number: UInt64(cut?.note.count ?? 0))
    bytes.append(contentsOf: cut?.note ?? [])
    bytes.append(number: UInt64(references.count))
    for reference in references {
      bytes.append(littleEndian: reference.high)
      bytes.append(littleEndian: reference.low)
    }
    bytes.append(number: UInt64(parts.count))
    for part in parts {
      bytes.append(number: UInt64(part.fragment.rawLength))
      bytes.append(number: UInt64(part.fragment.compressed.count))
      bytes.append(number: UInt64(part.label.count))
      bytes.append(littleEndian: part.fragment.crc)
      bytes.append(littleEndian: UInt32(truncatingIfNeeded: part.fragment.hash))
    }
    for part in parts { bytes.append(contentsOf: part.label) }
    for part in parts { bytes.append(contentsOf: part.fragment.compressed) }
    let length = UInt32(truncatingIfNeeded: bytes.count - Document.packedHeadLength)
    bytes.put(length, at: 0)
    bytes.put(Document.packedChecksum(of: bytes, id, seed), at: 4)
    return bytes
  }

  /// The length of the whole that begins with these bytes.
  public static func packedLength(beginningWith bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= packedHeadLength else { return nil }
    return packedHeadLength + Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
  }

  /// What checksums of documents of a kind begin with, so that none is taken for one of another kind.
  public static func packingSeed(kind: String) -> UInt32 { Array(kind.utf8).withUnsafeBytes(CRC32.of) }

  /// Reads the form in a file. The fragments refer into `bytes`, nothing is copied.
  ///
  /// - Returns: nil for anything that is not exactly what was written under this id.
  public init?(packed bytes: [UInt8], as id: MBID, seed: UInt32, shifts: CRCShifts) {
    guard bytes.count > Document.packedHeadLength,
      Int(bytes.littleEndian(at: 0, as: UInt32.self)) == bytes.count - Document.packedHeadLength,
      bytes.littleEndian(at: 4, as: UInt32.self) == Document.packedChecksum(of: bytes, id, seed)
    else { return nil }
    var reader = PackedReader(bytes, from: Document.packedHeadLength)
    guard let flags = reader.byte(), flags <= 1, let said = reader.number(), let note = reader.bytes(),
      flags == 1 || note.isEmpty, let references = reader.references(), let parts = reader.parts(shifts), reader.isAtEnd
    else { return nil }
    self.init(state: .present, expires: UnixTime(seconds: 0), references: references, parts: parts)
    self.said = UnixTime(seconds: Int64(said))
    made = self.said
    if flags == 1 { cut = Cut(id: id, note: Array(note)) }
  }

  /// The same document as ``init(parts:references:expires:)`` makes it of its texts, with whole hashes: for a tier.
  ///
  /// - Returns: nil when a text is not the one that was compressed.
  public func unpacked() -> Document? {
    let inflater = Inflater()
    var whole: [Part] = []
    for part in parts {
      let fragment = part.fragment
      let hash = withUnsafeTemporaryAllocation(byteCount: max(1, fragment.rawLength), alignment: 8) { space in
        let text = UnsafeMutableRawBufferPointer(rebasing: space[..<fragment.rawLength])
        return inflater.inflate(fragment, into: text) ? TextHash.of(UnsafeRawBufferPointer(text)) : nil
      }
      guard let hash, fragment.isHashed(as: hash) else { return nil }
      whole.append(
        Part(
          label: part.label,
          Fragment(
            rawLength: fragment.rawLength, crc: fragment.crc, crcShift: fragment.crcShift, hash: hash,
            compressed: fragment.compressed)))
    }
    var document = Document(parts: whole, references: references, expires: expires)
    document.said = said
    document.made = made
    document.cut = cut
    return document
  }

  private static func packedChecksum(of bytes: [UInt8], _ id: MBID, _ seed: UInt32) -> UInt32 {
    let key = (id.high.littleEndian, id.low.littleEndian)
    let start = withUnsafeBytes(of: key) { CRC32.of($0, after: seed) }
    return bytes.withUnsafeBytes {
      CRC32.of(UnsafeRawBufferPointer(rebasing: $0[packedHeadLength...]), after: start)
    }
  }
}

/// Goes through the packed form; nil wherever it does not go on as it was written.
private struct PackedReader {
  private let source: [UInt8]
  private var position: Int

  init(_ bytes: [UInt8], from start: Int) {
    source = bytes
    position = start
  }

  var isAtEnd: Bool { position == source.count }

  mutating func byte() -> UInt8? {
    guard position < source.count else { return nil }
    defer { position += 1 }
    return source[position]
  }

  /// Below 2^56.
  mutating func number() -> UInt64? {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 56, by: 7) {
      guard let byte = byte() else { return nil }
      number |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return number }
    }
    return nil
  }

  mutating func length(upTo most: Int) -> Int? {
    guard let number = number(), number <= UInt64(most) else { return nil }
    return Int(number)
  }

  mutating func bytes() -> ArraySlice<UInt8>? { length(upTo: source.count - position).flatMap { take($0) } }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= source.count - position else { return nil }
    defer { position += count }
    return source[position..<(position + count)]
  }

  private mutating func word() -> UInt32? {
    take(4).map { source.littleEndian(at: $0.startIndex, as: UInt32.self) }
  }

  mutating func references() -> [MBID]? {
    guard let count = length(upTo: Document.mostReferences), count * Document.referenceLength <= source.count - position
    else { return nil }
    var references: [MBID] = []
    references.reserveCapacity(count)
    for _ in 0..<count {
      references.append(
        MBID(
          high: source.littleEndian(at: position, as: UInt64.self),
          low: source.littleEndian(at: position + 8, as: UInt64.self)))
      position += Document.referenceLength
    }
    return count < 2 || Set(references).count == count ? references : nil
  }

  private struct Row {
    var textLength: Int
    var compressedLength: Int
    var labelLength: Int
    var crc: UInt32
    var hash: UInt32
  }

  mutating func parts(_ shifts: CRCShifts) -> [Document.Part]? {
    guard let count = length(upTo: Document.mostParts) else { return nil }
    var rows: [Row] = []
    rows.reserveCapacity(count)
    var total = 0
    for _ in 0..<count {
      guard let textLength = length(upTo: Document.longestText), let compressedLength = length(upTo: source.count),
        let labelLength = length(upTo: source.count), let crc = word(), let hash = word()
      else { return nil }
      total += textLength
      guard total <= Document.longestText else { return nil }
      rows.append(
        Row(textLength: textLength, compressedLength: compressedLength, labelLength: labelLength, crc: crc, hash: hash))
    }
    var labels: [ArraySlice<UInt8>] = []
    labels.reserveCapacity(count)
    for row in rows {
      guard let label = take(row.labelLength) else { return nil }
      labels.append(label)
    }
    var parts: [Document.Part] = []
    parts.reserveCapacity(count)
    for (row, label) in zip(rows, labels) {
      guard let compressed = take(row.compressedLength),
        Deflate.isPlausible(compressed, textLength: row.textLength)
      else { return nil }
      parts.append(
        Document.Part(
          label: label.isEmpty ? [] : Array(label),
          Fragment(
            rawLength: row.textLength, crc: row.crc, crcShift: shifts.shift(by: row.textLength),
            hash: Fragment.shortHash(crc: row.crc, half: row.hash), compressed: compressed)))
    }
    return parts
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  fileprivate mutating func put(_ value: UInt32, at offset: Int) {
    for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
  }
}
