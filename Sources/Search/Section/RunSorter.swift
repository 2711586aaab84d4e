internal import Core
@preconcurrency internal import Glibc

/// Sorts more records than fit into memory by their bytes: as many as do are sorted at a time and written out as a run;
/// in the end the runs are merged.
struct RunSorter {
  private let folder: String
  private let memory: Int
  private var records: [UInt8] = []
  private var entries: [Entry] = []
  private var runs: [ScratchFile] = []
  private(set) var count = 0

  /// Where a record is. Most are told apart by their first eight bytes.
  private struct Entry {
    var prefix: UInt64
    var offset: UInt32
    var length: UInt32
  }

  /// - Parameter memory: in bytes; at most 2 GB.
  init(in folder: String, memory: Int) {
    self.folder = folder
    self.memory = min(max(memory, 1 << 16), 2 << 30)
  }

  mutating func add(_ record: [UInt8]) throws(SourceError) {
    if records.count + record.count + (entries.count + 1) * MemoryLayout<Entry>.stride > memory { try spill() }
    var prefix: UInt64 = 0
    for byte in record.prefix(8) { prefix = prefix << 8 | UInt64(byte) }
    if record.count < 8 { prefix <<= UInt64(8 * (8 - record.count)) }
    entries.append(Entry(prefix: prefix, offset: UInt32(records.count), length: UInt32(record.count)))
    records.append(contentsOf: record)
    count += 1
  }

  private mutating func sortInMemory() {
    records.withUnsafeBytes { records in
      entries.sort { left, right in
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        return RunSorter.isBefore(RunSorter.record(left, in: records), RunSorter.record(right, in: records))
      }
    }
  }

  private static func record(_ entry: Entry, in records: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: records[Int(entry.offset)..<Int(entry.offset + entry.length)])
  }

  static func isBefore(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    let shared = min(left.count, right.count)
    if shared > 0, let a = left.baseAddress, let b = right.baseAddress {
      let order = memcmp(a, b, shared)
      if order != 0 { return order < 0 }
    }
    return left.count < right.count
  }

  private mutating func spill() throws(SourceError) {
    sortInMemory()
    let run = try ScratchFile(in: folder)
    let result = records.withUnsafeBytes { records in
      Result<Void, SourceError> { () throws(SourceError) in
        for entry in entries {
          let length = withUnsafeBytes(of: entry.length.littleEndian) { Array($0) }
          try RunSorter.append(length, to: run)
          try run.append(RunSorter.record(entry, in: records))
        }
      }
    }
    try result.get()
    try run.flush()
    runs.append(run)
    records.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  private static func append(_ bytes: [UInt8], to run: ScratchFile) throws(SourceError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result<Void, SourceError> { () throws(SourceError) in try run.append(bytes) }
    }
    try result.get()
  }

  /// Calls `body` with each record in order, and gives up the memory and the files.
  mutating func drain(_ body: (UnsafeRawBufferPointer) throws(SourceError) -> Void) throws(SourceError) {
    if runs.isEmpty {
      sortInMemory()
      let result = records.withUnsafeBytes { records in
        Result<Void, SourceError> { () throws(SourceError) in
          for entry in entries { try body(RunSorter.record(entry, in: records)) }
        }
      }
      try result.get()
    } else {
      try spill()
      records = []
      entries = []
      try merge(body)
    }
    self = RunSorter(in: folder, memory: memory)
  }

  private func merge(_ body: (UnsafeRawBufferPointer) throws(SourceError) -> Void) throws(SourceError) {
    let share = max(1 << 16, min(1 << 20, memory / max(runs.count, 1)))
    // A heap of the runs, the one with the least record first.
    var heap: [RunReader] = []
    for run in runs {
      let reader = RunReader(run, bufferSize: share)
      if try reader.advance() { heap.append(reader) }
    }
    heap.sort { RunSorter.isBefore($0.record, $1.record) }
    while let first = heap.first {
      try body(first.record)
      if try !first.advance() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
      }
      var parent = 0
      while true {
        var least = parent
        for child in [2 * parent + 1, 2 * parent + 2]
        where child < heap.count && RunSorter.isBefore(heap[child].record, heap[least].record) {
          least = child
        }
        if least == parent { break }
        heap.swapAt(parent, least)
        parent = least
      }
    }
  }
}

/// Reads a run record by record.
private final class RunReader {
  private let file: ScratchFile
  private var buffer: UnsafeMutableRawBufferPointer
  /// What of the buffer is read and not used yet.
  private var start = 0
  private var end = 0
  private var position = 0
  private(set) var record = UnsafeRawBufferPointer(start: nil, count: 0)

  init(_ file: ScratchFile, bufferSize: Int) {
    self.file = file
    buffer = .allocate(byteCount: bufferSize, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// - Returns: false at the end.
  func advance() throws(SourceError) -> Bool {
    guard try fill(4) else { return false }
    let length = Int(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    start += 4
    guard try fill(length) else { throw SourceError(.failed, "scratch file: ends in the middle of a record") }
    record = UnsafeRawBufferPointer(rebasing: buffer[start..<(start + length)])
    start += length
    return true
  }

  private func fill(_ count: Int) throws(SourceError) -> Bool {
    guard end - start < count else { return true }
    if count > buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      buffer.deallocate()
      buffer = larger
    } else if start > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
    }
    (start, end) = (0, end - start)
    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    let got = try file.read(into: rest, from: position)
    position += got
    end += got
    return end >= count
  }
}
