internal import Core
internal import Metadata

/// Reads what was written into a record. It was written by this process and has kept its checksum, so what is there is
/// what is expected.
struct RecordFields {
  private let bytes: UnsafeRawBufferPointer
  var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  mutating func byte() -> UInt8 {
    defer { position += 1 }
    return bytes[position]
  }

  /// Seven bits a byte, the lowest first; the eighth tells that more follow.
  mutating func number() -> Int {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = byte()
      number |= UInt64(byte & 0x7f) << shift
      guard byte >= 0x80 else { return Int(truncatingIfNeeded: number) }
      shift += 7
    }
  }

  /// Of any sign.
  mutating func int() -> Int { RecordFields.signed(number()) }

  private static func signed(_ number: Int) -> Int { Int(bitPattern: UInt(bitPattern: number) >> 1) ^ -(number & 1) }

  mutating func optionalInt() -> Int? {
    let number = number()
    return number == 0 ? nil : RecordFields.signed(number - 1)
  }

  mutating func bool() -> Bool { byte() == 1 }

  mutating func id() -> MBID {
    defer { position += 16 }
    let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    return MBID(
      high: high, low: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)))
  }

  mutating func ids() -> [MBID] { (0..<number()).map { _ in id() } }

  mutating func text() -> String {
    let length = number()
    defer { position += length }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[position..<position + length]), as: UTF8.self)
  }

  mutating func date() -> PartialDate {
    let year = optionalInt()
    let month = optionalInt()
    return PartialDate(year: year, month: month, day: optionalInt())
  }

  mutating func rating() -> Rating {
    let count = optionalInt() ?? 0
    return Rating(count: count, value: optionalInt())
  }

  mutating func link() -> DumpNames.Link {
    let url = number()
    let row = number()
    return DumpNames.Link(url: url, row: row, address: text())
  }
}

/// Writes what ``RecordFields`` reads.
extension [UInt8] {
  /// Not below zero.
  mutating func append(number: Int) {
    var rest = UInt(bitPattern: number)
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  mutating func append(int: Int) { append(number: [UInt8].unsigned(int)) }

  mutating func append(optionalInt int: Int?) { append(number: int.map { [UInt8].unsigned($0) + 1 } ?? 0) }

  /// Small numbers of both signs become small numbers.
  private static func unsigned(_ int: Int) -> Int { (int << 1) ^ (int >> (Int.bitWidth - 1)) }

  mutating func append(bool: Bool) { append(bool ? 1 : 0) }

  mutating func append(littleEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  mutating func append(_ id: MBID) {
    append(littleEndian: id.high)
    append(littleEndian: id.low)
  }

  mutating func append(ids: [MBID]) {
    append(number: ids.count)
    for id in ids { append(id) }
  }

  mutating func append(text: some Collection<UInt8>) {
    append(number: text.count)
    append(contentsOf: text)
  }

  /// Appends the text of a column.
  mutating func append(_ row: CopyRow, text column: Int) throws(DumpError) {
    let start = count
    try row.appendText(column, to: &self)
    let length = count - start
    if length < 0x80 {
      insert(UInt8(length), at: start)
    } else {
      var bytes: [UInt8] = []
      bytes.append(number: length)
      insert(contentsOf: bytes, at: start)
    }
  }

  mutating func append(_ date: PartialDate) {
    append(optionalInt: date.year)
    append(optionalInt: date.month)
    append(optionalInt: date.day)
  }

  /// Appends the three columns of a date.
  mutating func append(_ row: CopyRow, date column: Int) throws(DumpError) {
    for index in column..<column + 3 { append(optionalInt: try row.optionalInt(index)) }
  }
}
