internal import Core
@preconcurrency internal import Glibc

/// Rows of several tables, in files by the key of what they belong to: all rows of one entity are in one file, and each
/// file fits into memory.
///
/// A record is: u32 length of all behind it, u32 key, u8 what it is, and the rest.
final class Partitions {
  static let count = 128
  private static let bufferSize = 128 << 10

  private let folder: String
  private let name: String
  private var descriptors: [Int32] = []
  private var buffers: [[UInt8]] = []
  private(set) var size = 0

  /// Creates the files, without names: they go with the process.
  init(_ name: String, in folder: String) throws(DumpError) {
    self.folder = folder
    self.name = name
    for _ in 0..<Partitions.count {
      descriptors.append(try ScratchFile.create(in: folder))
    }
    buffers = Array(repeating: [], count: Partitions.count)
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  /// Adds a record.
  func add(_ kind: UInt8, key: Int, _ append: (inout [UInt8]) throws(DumpError) -> Void) throws(DumpError) {
    let place = key % Partitions.count
    let start = buffers[place].count
    buffers[place].append(littleEndian: UInt32(0))
    buffers[place].append(littleEndian: UInt32(truncatingIfNeeded: key))
    buffers[place].append(kind)
    try append(&buffers[place])
    let length = UInt32(buffers[place].count - start - 4)
    for index in 0..<4 { buffers[place][start + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
    if buffers[place].count >= Partitions.bufferSize { try flush(place) }
  }

  private func flush(_ place: Int) throws(DumpError) {
    guard buffers[place].withUnsafeBytes({ ScratchFile.write($0, to: descriptors[place]) }) else {
      throw .system("write scratch files", folder)
    }
    size += buffers[place].count
    buffers[place].removeAll(keepingCapacity: true)
  }

  /// Nothing is added after it.
  func finish() throws(DumpError) {
    for place in 0..<Partitions.count {
      try flush(place)
      buffers[place] = []
    }
  }

  /// The files, for threads that read them. They are there for as long as this is.
  var files: [PartitionFile] { descriptors.map { PartitionFile(descriptor: $0, name: name) } }
}

/// One file of ``Partitions``.
struct PartitionFile: Sendable {
  fileprivate let descriptor: Int32
  fileprivate let name: String

  /// Gives its place on the disk back.
  func empty() { ftruncate(descriptor, 0) }

  /// All of it.
  func read() throws(DumpError) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system("read scratch files", name) }
    let size = Int(status.st_size)
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      failed = !ScratchFile.read(
        descriptor, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size]))
      count = failed ? 0 : size
    }
    guard !failed else { throw .system("read scratch files", name) }
    return bytes
  }
}

/// The records of one entity, in a partition that is in memory.
struct PartitionRecords {
  /// What a record is, and where its contents are.
  struct Entry {
    var kind: UInt8
    var contents: Range<Int>
  }

  /// Goes through the entities of a partition, in the order of their keys; the records of each are in the order in which
  /// they were added.
  static func forEach(
    _ bytes: UnsafeRawBufferPointer, _ body: (Int, [Entry]) throws(DumpError) -> Void
  ) throws(DumpError) {
    var places: [UInt64] = []
    var position = 0
    while position < bytes.count {
      let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
      let key = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
      places.append(UInt64(key) << 32 | UInt64(position))
      position += 4 + length
    }
    places.sort()
    var entries: [Entry] = []
    var index = 0
    while index < places.count {
      let key = places[index] >> 32
      entries.removeAll(keepingCapacity: true)
      while index < places.count, places[index] >> 32 == key {
        let start = Int(UInt32(truncatingIfNeeded: places[index]))
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
        entries.append(Entry(kind: bytes[start + 8], contents: start + 9..<start + 4 + length))
        index += 1
      }
      try body(Int(key), entries)
    }
  }
}

/// Reads what was written into a record. It was written by this process, so what is there is what is expected.
struct RecordFields {
  private let bytes: UnsafeRawBufferPointer
  private var position: Int

  init(_ bytes: UnsafeRawBufferPointer, _ contents: Range<Int>) {
    self.bytes = bytes
    position = contents.lowerBound
  }

  private mutating func load<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
    defer { position += MemoryLayout<Number>.size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
  }

  mutating func byte() -> UInt8 { load(UInt8.self) }
  mutating func int() -> Int { Int(load(Int32.self)) }
  mutating func long() -> Int64 { load(Int64.self) }

  mutating func optionalInt() -> Int? {
    let value = load(Int32.self)
    return value == .min ? nil : Int(value)
  }

  mutating func id() -> MBID {
    let high = load(UInt64.self)
    return MBID(high: high, low: load(UInt64.self))
  }

  mutating func text() -> String {
    let length = int()
    defer { position += length }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[position..<position + length]), as: UTF8.self)
  }

  mutating func date() -> (Int?, Int?, Int?) {
    let year = optionalInt()
    let month = optionalInt()
    return (year, month, optionalInt())
  }
}

extension [UInt8] {
  mutating func append(littleEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  mutating func append(int value: Int) { append(littleEndian: Int32(truncatingIfNeeded: value)) }
  mutating func append(optionalInt value: Int?) {
    append(littleEndian: value.map { Int32(truncatingIfNeeded: $0) } ?? .min)
  }

  mutating func append(_ id: MBID) {
    append(littleEndian: id.high)
    append(littleEndian: id.low)
  }

  mutating func append(text: some Collection<UInt8>) {
    append(int: text.count)
    append(contentsOf: text)
  }

  /// Appends the text of a column.
  mutating func append(_ row: CopyRow, text column: Int) throws(DumpError) {
    let start = count
    append(int: 0)
    try row.appendText(column, to: &self)
    let length = UInt32(count - start - 4)
    for index in 0..<4 { self[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
  }

  /// Appends the three columns of a date.
  mutating func append(_ row: CopyRow, date column: Int) throws(DumpError) {
    for index in column..<column + 3 { append(optionalInt: try row.optionalInt(index)) }
  }
}
