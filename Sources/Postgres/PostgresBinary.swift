internal import Core

/// PostgreSQL's binary representations: network byte order, arrays with a header.
enum PostgresBinary {
  static func int(_ bytes: UnsafeRawBufferPointer) throws(PostgresFailure) -> Int {
    switch bytes.count {
    case 2: Int(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
    case 4: Int(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
    case 8: Int(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
    default: throw malformed("integer")
    }
  }

  static func bool(_ bytes: UnsafeRawBufferPointer) throws(PostgresFailure) -> Bool {
    guard bytes.count == 1 else { throw malformed("boolean") }
    return bytes[0] != 0
  }

  static func uuid(_ bytes: UnsafeRawBufferPointer) throws(PostgresFailure) -> MBID {
    guard bytes.count == 16, let start = bytes.baseAddress else { throw malformed("uuid") }
    return MBID(bytes: start)
  }

  static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Reads an array of one dimension. Elements that are null are left out.
  ///
  /// Dimensions, whether there are nulls, element type; length and lower bound of the dimension; then each element as
  /// its length, -1 for null, and its bytes. An empty array has no dimension.
  private static func array<Element>(
    _ bytes: UnsafeRawBufferPointer,
    _ element: (UnsafeRawBufferPointer) throws(PostgresFailure) -> Element
  ) throws(PostgresFailure) -> [Element] {
    var reader = Reader(bytes: bytes)
    let dimensions = try reader.int32()
    _ = try reader.int32()
    _ = try reader.int32()
    guard dimensions != 0 else { return [] }
    guard dimensions == 1 else { throw malformed("array") }
    let count = try reader.int32()
    _ = try reader.int32()
    // Every element takes four bytes at least.
    guard count >= 0, count <= reader.left / 4 else { throw malformed("array") }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count {
      let length = try reader.int32()
      if length >= 0 { elements.append(try element(try reader.take(length))) }
    }
    return elements
  }

  static func texts(_ bytes: UnsafeRawBufferPointer) throws(PostgresFailure) -> [String] {
    try array(bytes) { bytes throws(PostgresFailure) in text(bytes) }
  }

  static func ints(_ bytes: UnsafeRawBufferPointer) throws(PostgresFailure) -> [Int] {
    try array(bytes) { bytes throws(PostgresFailure) in try int(bytes) }
  }

  static func uuids(_ bytes: UnsafeRawBufferPointer) throws(PostgresFailure) -> [MBID] {
    try array(bytes) { bytes throws(PostgresFailure) in try uuid(bytes) }
  }

  /// Appends `uuid[]`.
  static func append(_ ids: [MBID], to bytes: inout [UInt8]) {
    appendHeader(elementType: 2950, count: ids.count, to: &bytes)
    for id in ids {
      append(Int32(16), to: &bytes)
      append(id.high, to: &bytes)
      append(id.low, to: &bytes)
    }
  }

  /// Appends `text[]`.
  static func append(_ texts: [String], to bytes: inout [UInt8]) {
    appendHeader(elementType: 25, count: texts.count, to: &bytes)
    for text in texts {
      append(Int32(text.utf8.count), to: &bytes)
      bytes.append(contentsOf: text.utf8)
    }
  }

  /// Appends `int8[]`.
  static func append(_ values: [Int64], to bytes: inout [UInt8]) {
    appendHeader(elementType: 20, count: values.count, to: &bytes)
    for value in values {
      append(Int32(8), to: &bytes)
      append(value, to: &bytes)
    }
  }

  /// Appends `bytea[]`.
  static func append(_ values: [[UInt8]], to bytes: inout [UInt8]) {
    appendHeader(elementType: 17, count: values.count, to: &bytes)
    for value in values {
      append(Int32(value.count), to: &bytes)
      bytes.append(contentsOf: value)
    }
  }

  static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private static func appendHeader(elementType: Int32, count: Int, to bytes: inout [UInt8]) {
    append(Int32(count == 0 ? 0 : 1), to: &bytes)
    append(Int32(0), to: &bytes)
    append(elementType, to: &bytes)
    guard count != 0 else { return }
    append(Int32(count), to: &bytes)
    append(Int32(1), to: &bytes)
  }

  private static func malformed(_ type: String) -> PostgresFailure {
    PostgresFailure(.misunderstood, "a malformed \(type) in the answer")
  }

  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var left: Int { bytes.count - offset }

    mutating func take(_ count: Int) throws(PostgresFailure) -> UnsafeRawBufferPointer {
      guard count <= left, let start = bytes.baseAddress else { throw malformed("array") }
      defer { offset += count }
      return UnsafeRawBufferPointer(start: start + offset, count: count)
    }

    mutating func int32() throws(PostgresFailure) -> Int {
      guard left >= 4 else { throw malformed("array") }
      defer { offset += 4 }
      return Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }
  }
}
