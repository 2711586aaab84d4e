internal import Core

/// Bytes that anybody may have written. Reading behind their end gives zero or less than was asked for, never a fault.
struct SectionBytes {
  let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  func byte(_ offset: Int) -> UInt8 { offset >= 0 && offset < bytes.count ? bytes[offset] : 0 }

  func uint16(_ offset: Int) -> Int {
    guard offset >= 0, offset <= bytes.count &- 2 else { return 0 }
    return Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }

  func uint32(_ offset: Int) -> Int {
    guard offset >= 0, offset <= bytes.count &- 4 else { return 0 }
    return Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }

  /// - Returns: 0 also for what no file is large enough for.
  func uint64(_ offset: Int) -> Int {
    guard offset >= 0, offset <= bytes.count &- 8 else { return 0 }
    return Int(exactly: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))) ?? 0
  }

  func id(_ offset: Int) -> MBID? {
    guard offset >= 0, offset <= bytes.count &- 16, let base = bytes.baseAddress else { return nil }
    return MBID(bytes: base + offset)
  }

  /// As many of these bytes as there are.
  func part(_ offset: Int, _ count: Int) -> SectionBytes {
    let start = min(max(offset, 0), bytes.count)
    return SectionBytes(
      UnsafeRawBufferPointer(rebasing: bytes[start..<(start + min(max(count, 0), bytes.count - start))]))
  }

  func text(_ range: Range<Int>) -> String {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return "" }
    return String(decoding: bytes[range], as: UTF8.self)
  }
}

/// Reads numbers and texts one behind the other.
struct SectionCursor {
  let bytes: SectionBytes
  var position: Int

  init(_ bytes: SectionBytes, at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  mutating func byte() -> UInt8? {
    guard position >= 0, position < bytes.count else { return nil }
    defer { position &+= 1 }
    return bytes.bytes[position]
  }

  /// A number of up to 32 bits, seven of them a byte, the lowest first.
  mutating func number() -> Int? {
    var result = 0
    var shift = 0
    while shift <= 28 {
      guard let next = byte() else { return nil }
      result |= Int(next & 0x7f) << shift
      if next < 0x80 { return result }
      shift += 7
    }
    return nil
  }

  mutating func uint32() -> Int? {
    guard position >= 0, position <= bytes.count &- 4 else { return nil }
    defer { position &+= 4 }
    return bytes.uint32(position)
  }

  mutating func range(_ count: Int) -> Range<Int>? {
    guard position >= 0, count >= 0, count <= bytes.count &- position else { return nil }
    defer { position &+= count }
    return position..<(position &+ count)
  }
}

extension [UInt8] {
  mutating func append(uint16 value: Int) {
    append(UInt8(truncatingIfNeeded: value))
    append(UInt8(truncatingIfNeeded: value >> 8))
  }

  mutating func append(uint32 value: Int) {
    for shift in stride(from: 0, to: 32, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func append(uint64 value: Int) {
    for shift in stride(from: 0, to: 64, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  /// So that numbers sort as their bytes do.
  mutating func append(sortable value: Int, bytes: Int) {
    for shift in stride(from: 8 * (bytes - 1), through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  /// For ``SectionCursor/number()``.
  mutating func append(number value: Int) {
    var rest = UInt32(truncatingIfNeeded: value)
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  mutating func append(text: some Collection<UInt8>) {
    append(number: text.count)
    append(contentsOf: text)
  }

  mutating func append(_ id: MBID) {
    append(sortable: Int(bitPattern: UInt(id.high)), bytes: 8)
    append(sortable: Int(bitPattern: UInt(id.low)), bytes: 8)
  }
}
