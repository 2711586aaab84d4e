public import Core

/// What the cache holds under a key: JSON that was computed once, as fragments ready to be sent; or the knowledge that
/// there is nothing, or that it has moved.
public struct Document: Sendable {
  public enum State: Equatable, Sendable {
    case present
    /// The source said that it does not exist.
    case absent
    /// MusicBrainz has merged it into another.
    case moved(to: MBID)
  }

  public struct Part: Sendable {
    /// What an answer may select the part by; empty where every answer takes all.
    public let label: [UInt8]
    public let fragment: Fragment

    public init(label: [UInt8] = [], _ fragment: Fragment) {
      self.label = label
      self.fragment = fragment
    }
  }

  public let state: State
  /// From here on it is stale: still served, while one process computes it anew.
  public var expires: UnixTime
  /// Documents that an answer with this one needs as well.
  public let references: [MBID]
  public let parts: [Part]

  public init(parts: [Part], references: [MBID] = [], expires: UnixTime) {
    self.init(state: .present, expires: expires, references: references, parts: parts)
  }

  public static func absent(expires: UnixTime) -> Document {
    Document(state: .absent, expires: expires, references: [], parts: [])
  }

  public static func moved(to id: MBID, expires: UnixTime) -> Document {
    Document(state: .moved(to: id), expires: expires, references: [id], parts: [])
  }

  private init(state: State, expires: UnixTime, references: [MBID], parts: [Part]) {
    self.state = state
    self.expires = expires
    self.references = references
    self.parts = parts
  }

  /// A hash of what is in it: parts, labels and references, but not how long it is believed.
  public var fingerprint: UInt64 {
    var hash = FNV.hash([stateCode])
    for reference in references { hash = FNV.combine(FNV.combine(hash, reference.high), reference.low) }
    for part in parts { hash = FNV.combine(FNV.hash(part.label, from: hash), part.fragment.hash) }
    return hash
  }

  public func isStale(at now: UnixTime) -> Bool { expires <= now }
}

// MARK: - The stored form

extension Document {
  /// Part of every key, so that no build ever reads another's layout.
  public static let formatVersion: UInt8 = 3

  // All numbers little-endian:
  //   u8 version, u8 state, u16 number of parts, u32 number of references, i64 expires
  //   16 bytes per reference
  //   per part: u64 hash of the text, u32 text length, u32 CRC-32, u32 CRC's shift, u32 compressed length,
  //     u32 label length
  //   the labels, then the compressed bytes
  private static let headerLength = 16
  private static let referenceLength = 16
  private static let partLength = 28

  /// The bytes that a tier stores.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      Document.headerLength + references.count * Document.referenceLength
        + parts.reduce(0) { $0 + Document.partLength + $1.label.count + $1.fragment.compressed.count })
    bytes.append(Document.formatVersion)
    bytes.append(stateCode)
    bytes.append(littleEndian: UInt16(parts.count))
    bytes.append(littleEndian: UInt32(references.count))
    bytes.append(littleEndian: expires.seconds)
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
    return bytes
  }

  /// Reads the stored form. The fragments refer into `bytes`, nothing is copied.
  ///
  /// - Returns: nil for anything that is not exactly what ``encoded()`` writes: to a cache, garbage is a miss.
  public init?(encoded bytes: [UInt8]) {
    guard bytes.count >= Document.headerLength, bytes[0] == Document.formatVersion else { return nil }
    let partCount = Int(bytes.littleEndian(at: 2, as: UInt16.self))
    let referenceCount = Int(bytes.littleEndian(at: 4, as: UInt32.self))
    let expires = UnixTime(seconds: bytes.littleEndian(at: 8, as: Int64.self))

    var offset = Document.headerLength
    let tableLength = referenceCount * Document.referenceLength + partCount * Document.partLength
    guard bytes.count - offset >= tableLength else { return nil }
    var references: [MBID] = []
    references.reserveCapacity(referenceCount)
    for _ in 0..<referenceCount {
      references.append(
        MBID(
          high: bytes.littleEndian(at: offset, as: UInt64.self),
          low: bytes.littleEndian(at: offset + 8, as: UInt64.self)))
      offset += Document.referenceLength
    }

    let table = offset
    var labelStart = table + partCount * Document.partLength
    var fragmentStart = labelStart
    for part in 0..<partCount {
      fragmentStart += Int(bytes.littleEndian(at: table + part * Document.partLength + 24, as: UInt32.self))
    }
    var parts: [Part] = []
    parts.reserveCapacity(partCount)
    for part in 0..<partCount {
      let row = table + part * Document.partLength
      let textLength = Int(bytes.littleEndian(at: row + 8, as: UInt32.self))
      let compressedLength = Int(bytes.littleEndian(at: row + 20, as: UInt32.self))
      let labelLength = Int(bytes.littleEndian(at: row + 24, as: UInt32.self))
      guard fragmentStart + compressedLength <= bytes.count else { return nil }
      let compressed = bytes[fragmentStart..<(fragmentStart + compressedLength)]
      guard Deflate.isPlausible(compressed, textLength: textLength) else { return nil }
      parts.append(
        Part(
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

    switch (bytes[1], references.first) {
    case (0, _): state = .present
    case (1, _): state = .absent
    case (2, let id?): state = .moved(to: id)
    default: return nil
    }
    self.expires = expires
    self.references = references
    self.parts = parts
  }

  private var stateCode: UInt8 {
    switch state {
    case .present: 0
    case .absent: 1
    case .moved: 2
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate func littleEndian<Value: FixedWidthInteger>(at offset: Int, as: Value.Type) -> Value {
    withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
  }
}
