internal import Core

// MARK: - The stored form

extension Document {
  /// The version of the layout. Fields that are only added at the header's end do not change it: older builds skip
  /// them.
  public static let formatVersion: UInt8 = 4

  // All numbers little-endian:
  //   u8 version, u8 state, u16 length of the header, u32 CRC-32 of all else
  //   i64 expires, i64 made, u64 stamp, u32 number of parts, u32 number of references
  //   i64 said (since 0.2; a shorter header has none)
  //   16 bytes per reference
  //   per part: u64 hash of the text, u32 text length, u32 CRC-32, u32 CRC's shift, u32 compressed length,
  //     u32 label length
  //   the labels, then the compressed bytes
  private static let headerLength = 48
  private static let shortestHeaderLength = 40
  private static let checksumPlace = 4..<8
  static let referenceLength = 16
  static let partLength = 28

  // Larger than anything that is served, and small enough to be copied and inflated at once.
  static let mostReferences = 20_000
  static let mostParts = 10_000
  static let longestText = 64 << 20

  /// The bytes that a tier stores.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      Document.headerLength + references.count * Document.referenceLength
        + parts.reduce(0) { $0 + Document.partLength + $1.label.count + $1.fragment.compressed.count })
    bytes.append(Document.formatVersion)
    bytes.append(stateCode)
    bytes.append(littleEndian: UInt16(Document.headerLength))
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: expires.seconds)
    bytes.append(littleEndian: made.seconds)
    bytes.append(littleEndian: stamp)
    bytes.append(littleEndian: UInt32(parts.count))
    bytes.append(littleEndian: UInt32(references.count))
    bytes.append(littleEndian: said.seconds)
    for reference in references {
      bytes.append(littleEndian: reference.high)
      bytes.append(littleEndian: reference.low)
    }
    for part in parts {
      bytes.append(littleEndian: part.fragment.hash)
      bytes.append(littleEndian: UInt32(part.fragment.rawLength))
      bytes.append(littleEndian: part.fragment.crc)
      bytes.append(littleEndian: part.fragment.crcShift)
      bytes.append(littleEndian: UInt32(part.fragment.compressed.count))
      bytes.append(littleEndian: UInt32(part.label.count))
    }
    for part in parts { bytes.append(contentsOf: part.label) }
    for part in parts { bytes.append(contentsOf: part.fragment.compressed) }
    let checksum = Document.checksum(of: bytes)
    for (index, place) in Document.checksumPlace.enumerated() {
      bytes[place] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index))
    }
    return bytes
  }

  /// Reads the stored form. The fragments refer into `bytes`, nothing is copied.
  ///
  /// - Returns: nil for anything that is not exactly what ``encoded()`` or the build before wrote: to a cache, garbage
  ///   is a miss.
  public init?(encoded bytes: [UInt8]) {
    if bytes.first == 3 {
      self.init(encodedByVersion3: bytes)
      return
    }
    guard bytes.count >= Document.shortestHeaderLength, bytes[0] == Document.formatVersion else { return nil }
    let headerLength = Int(bytes.littleEndian(at: 2, as: UInt16.self))
    guard headerLength >= Document.shortestHeaderLength, headerLength <= bytes.count,
      Document.checksum(of: bytes) == bytes.littleEndian(at: 4, as: UInt32.self),
      let tables = Tables(
        bytes, from: headerLength, parts: Int(bytes.littleEndian(at: 32, as: UInt32.self)),
        references: Int(bytes.littleEndian(at: 36, as: UInt32.self))),
      let state = State(code: bytes[1], tables)
    else { return nil }
    self.init(
      state: state, expires: UnixTime(seconds: bytes.littleEndian(at: 8, as: Int64.self)),
      references: tables.references, parts: tables.parts)
    made = UnixTime(seconds: bytes.littleEndian(at: 16, as: Int64.self))
    stamp = bytes.littleEndian(at: 24, as: UInt64.self)
    said = headerLength >= Document.headerLength ? UnixTime(seconds: bytes.littleEndian(at: 40, as: Int64.self)) : made
  }

  /// The stamp in the first 32 bytes of a stored document; 1, which is nobody's, where there is none.
  public static func stamp(inHeader bytes: [UInt8]) -> UInt64 {
    guard bytes.count >= 32, bytes[0] == Document.formatVersion else { return 1 }
    return max(1, bytes.littleEndian(at: 24, as: UInt64.self))
  }

  /// Reads what version 0.1 wrote before it had this layout: u8 version, u8 state, u16 parts, u32 references, i64
  /// expires, then the same tables. It has no checksum, so that every text is looked at.
  private init?(encodedByVersion3 bytes: [UInt8]) {
    let headerLength = 16
    guard bytes.count >= headerLength,
      let tables = Tables(
        bytes, from: headerLength, parts: Int(bytes.littleEndian(at: 2, as: UInt16.self)),
        references: Int(bytes.littleEndian(at: 4, as: UInt32.self))),
      let state = State(code: bytes[1], tables), state != .revoked
    else { return nil }
    self.init(
      state: state, expires: UnixTime(seconds: bytes.littleEndian(at: 8, as: Int64.self)),
      references: tables.references, parts: tables.parts)
    guard isIntact else { return nil }
  }

  /// Whether every text is the one that was compressed. To find out, all of them are inflated.
  public var isIntact: Bool {
    let inflater = Inflater()
    return parts.allSatisfy { part in
      withUnsafeTemporaryAllocation(byteCount: max(1, part.fragment.rawLength), alignment: 8) { space in
        let text = UnsafeMutableRawBufferPointer(rebasing: space[..<part.fragment.rawLength])
        return inflater.inflate(part.fragment, into: text)
          && part.fragment.isHashed(as: TextHash.of(UnsafeRawBufferPointer(text)))
          && CRC32.shift(by: part.fragment.rawLength) == part.fragment.crcShift
      }
    }
  }

  private static func checksum(of bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { bytes in
      let start = CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[..<checksumPlace.lowerBound]))
      return CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[checksumPlace.upperBound...]), after: start)
    }
  }

  var stateCode: UInt8 {
    switch state {
    case .present: 0
    case .absent: 1
    case .moved: 2
    case .revoked: 3
    case .deferred: 4
    }
  }
}

extension Document.State {
  /// What says that there is nothing has nothing: an entity must not be taken for gone by one wrong byte.
  fileprivate init?(code: UInt8, _ tables: Tables) {
    guard code != 0 else {
      self = .present
      return
    }
    guard tables.parts.isEmpty, tables.references.count == (code == 2 ? 1 : 0) else { return nil }
    switch code {
    case 1: self = .absent
    case 2: self = .moved(to: tables.references[0])
    case 3: self = .revoked
    case 4: self = .deferred
    default: return nil
    }
  }
}

/// The references and parts behind a header.
private struct Tables {
  var references: [MBID] = []
  var parts: [Document.Part] = []

  init?(_ bytes: [UInt8], from start: Int, parts partCount: Int, references referenceCount: Int) {
    guard partCount <= Document.mostParts, referenceCount <= Document.mostReferences else { return nil }
    let table = start + referenceCount * Document.referenceLength
    var labelStart = table + partCount * Document.partLength
    guard labelStart <= bytes.count else { return nil }
    references.reserveCapacity(referenceCount)
    for offset in stride(from: start, to: table, by: Document.referenceLength) {
      references.append(
        MBID(
          high: bytes.littleEndian(at: offset, as: UInt64.self),
          low: bytes.littleEndian(at: offset + 8, as: UInt64.self)))
    }
    // An answer with one of them many times over would be many times as long as anything that was stored.
    guard referenceCount < 2 || Set(references).count == referenceCount else { return nil }

    var fragmentStart = labelStart
    for part in 0..<partCount {
      fragmentStart += Int(bytes.littleEndian(at: table + part * Document.partLength + 24, as: UInt32.self))
    }
    parts.reserveCapacity(partCount)
    var length = 0
    for part in 0..<partCount {
      let row = table + part * Document.partLength
      let textLength = Int(bytes.littleEndian(at: row + 8, as: UInt32.self))
      let compressedLength = Int(bytes.littleEndian(at: row + 20, as: UInt32.self))
      let labelLength = Int(bytes.littleEndian(at: row + 24, as: UInt32.self))
      length += textLength
      guard fragmentStart + compressedLength <= bytes.count, length <= Document.longestText else { return nil }
      let compressed = bytes[fragmentStart..<(fragmentStart + compressedLength)]
      guard Deflate.isPlausible(compressed, textLength: textLength) else { return nil }
      parts.append(
        Document.Part(
          label: labelLength == 0 ? [] : Array(bytes[labelStart..<(labelStart + labelLength)]),
          Fragment(
            rawLength: textLength,
            crc: bytes.littleEndian(at: row + 12, as: UInt32.self),
            crcShift: bytes.littleEndian(at: row + 16, as: UInt32.self),
            hash: bytes.littleEndian(at: row, as: UInt64.self), compressed: compressed)))
      labelStart += labelLength
      fragmentStart += compressedLength
    }
    guard fragmentStart == bytes.count else { return nil }
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  func littleEndian<Value: FixedWidthInteger>(at offset: Int, as: Value.Type) -> Value {
    withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
  }
}
