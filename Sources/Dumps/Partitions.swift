internal import Core

/// Rows of several tables, in files by the key of what they belong to: all rows of one entity are in one file, and each
/// file fits into memory.
///
/// A record is: the length of all behind it, its key, what it is (a byte), and the rest. Numbers take as many bytes as
/// they need: see ``Swift/Array/append(number:)``.
final class Partitions {
  static let count = 128
  private static let bufferSize = 64 << 10

  let files: [ScratchFile]
  private var buffers: [[UInt8]] = Array(repeating: [], count: Partitions.count)
  private var record: [UInt8] = []

  init(in folder: ScratchFolder) throws(DumpError) {
    var files: [ScratchFile] = []
    for _ in 0..<Partitions.count { files.append(try ScratchFile(in: folder)) }
    self.files = files
  }

  /// Goes on with files that were kept.
  init(_ files: [ScratchFile]) { self.files = files }

  /// Adds a record.
  func add(_ kind: UInt8, key: Int, _ append: (inout [UInt8]) throws(DumpError) -> Void) throws(DumpError) {
    record.removeAll(keepingCapacity: true)
    record.append(number: key / Partitions.count)
    record.append(kind)
    try append(&record)
    let place = key % Partitions.count
    buffers[place].append(number: record.count)
    buffers[place].append(contentsOf: record)
    if buffers[place].count >= Partitions.bufferSize { try flush(place) }
  }

  private func flush(_ place: Int) throws(DumpError) {
    try buffers[place].withBytes { bytes throws(DumpError) in try files[place].append(bytes) }
    buffers[place].removeAll(keepingCapacity: true)
  }

  /// Sees to it that all records are in the files.
  func flush() throws(DumpError) {
    for place in 0..<Partitions.count {
      try flush(place)
      buffers[place] = []
    }
  }

  /// Its parts, for threads that read them. Nothing is added after it.
  func parts() throws(DumpError) -> [Partition] {
    try flush()
    return files.indices.map { Partition(place: $0, file: files[$0]) }
  }
}

/// A part of ``Partitions``, for the one thread that reads it.
// @unchecked: nobody writes its file any more when it goes to another thread, and only one has it.
struct Partition: @unchecked Sendable {
  fileprivate let place: Int
  fileprivate let file: ScratchFile

  /// What a record is, and where its contents are.
  struct Entry {
    var kind: UInt8
    var contents: Range<Int>
  }

  /// Gives its place on the disk back. It is not read again.
  func discard() { file.discard() }

  /// Goes through the entities, in the order of their keys; the records of each are in the order in which they were
  /// added.
  func forEach(
    _ body: (Int, UnsafeRawBufferPointer, [Entry]) throws(DumpError) -> Void
  ) throws(DumpError) {
    let bytes: [UInt8] = try file.rows()
    try bytes.withBytes { bytes throws(DumpError) in
      // Above, what is left of the key; below, where the record is.
      var places: [UInt64] = []
      var fields = RecordFields(bytes, at: 0)
      while fields.position < bytes.count {
        let start = fields.position
        let length = fields.number()
        let end = fields.position + length
        places.append(UInt64(fields.number()) << 32 | UInt64(start))
        fields.position = end
      }
      places.sort()
      var entries: [Entry] = []
      var index = 0
      while index < places.count {
        let quotient = places[index] >> 32
        entries.removeAll(keepingCapacity: true)
        while index < places.count, places[index] >> 32 == quotient {
          entries.append(Partition.entry(bytes, at: Int(UInt32(truncatingIfNeeded: places[index]))))
          index += 1
        }
        try body(Int(quotient) * Partitions.count + place, bytes, entries)
      }
    }
  }

  private static func entry(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Entry {
    var fields = RecordFields(bytes, at: start)
    let length = fields.number()
    let end = fields.position + length
    _ = fields.number()
    let kind = fields.byte()
    return Entry(kind: kind, contents: fields.position..<end)
  }
}
