internal import Core
@preconcurrency internal import Glibc

/// A row of ``SortedScratch``, which is written as it lies in memory.
protocol ScratchRow: Comparable, BitwiseCopyable {
  /// Evenly spread; its highest bits choose the file. Rows are in the order of this first.
  var key: UInt64 { get }
}

/// Rows that are too many for the memory and are wanted in their order: in files by the highest bits of their keys, each
/// of which is sorted by itself.
final class SortedScratch<Row: ScratchRow> {
  private static var count: Int { 32 }
  private static var bufferRows: Int { 4_096 }

  private let folder: String
  private var descriptors: [Int32] = []
  private var buffers: [[Row]]
  /// In bytes.
  private(set) var size = 0

  /// Creates the files, without names: they go with the process.
  init(in folder: String) throws(DumpError) {
    self.folder = folder
    buffers = Array(repeating: [], count: SortedScratch.count)
    for _ in 0..<SortedScratch.count {
      descriptors.append(try ScratchFile.create(in: folder))
    }
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  func add(_ row: Row) throws(DumpError) {
    let place = Int(row.key >> 59)
    buffers[place].append(row)
    if buffers[place].count >= SortedScratch.bufferRows { try flush(place) }
  }

  private func flush(_ place: Int) throws(DumpError) {
    size += try append(buffers[place], to: descriptors[place])
    buffers[place].removeAll(keepingCapacity: true)
  }

  /// Nothing is added after it.
  func finish() throws(DumpError) {
    for place in 0..<SortedScratch.count {
      try flush(place)
      buffers[place] = []
    }
  }

  /// Puts the rows in their order, once.
  ///
  /// - Parameter isKept: whether a row is not left out.
  /// - Returns: how many are left.
  func sort(keeping isKept: (Row) -> Bool) throws(DumpError) -> Int {
    var count = 0
    for descriptor in descriptors {
      var rows = try read(descriptor)
      rows.removeAll { !isKept($0) }
      rows.sort()
      guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
        throw .system("write scratch files", folder)
      }
      _ = try append(rows, to: descriptor)
      count += rows.count
    }
    return count
  }

  /// Passes the rows on, some at a time, in their order once they have been sorted.
  func forEach(_ body: ([Row]) throws(SourceError) -> Void) throws(SourceError) {
    for descriptor in descriptors {
      let rows: [Row]
      do throws(DumpError) {
        rows = try read(descriptor)
      } catch {
        throw SourceError(.failed, error.description)
      }
      try body(rows)
    }
  }

  /// Gives their place on the disk back.
  func empty() {
    for descriptor in descriptors { ftruncate(descriptor, 0) }
  }

  /// - Returns: how many bytes.
  private func append(_ rows: [Row], to descriptor: Int32) throws(DumpError) -> Int {
    guard rows.withUnsafeBytes({ ScratchFile.write($0, to: descriptor) }) else {
      throw .system("write scratch files", folder)
    }
    return rows.count * MemoryLayout<Row>.stride
  }

  private func read(_ descriptor: Int32) throws(DumpError) -> [Row] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system("read scratch files", folder) }
    let expected = Int(status.st_size) / MemoryLayout<Row>.stride
    var failed = false
    let rows = [Row](unsafeUninitializedCapacity: expected) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      failed = !ScratchFile.read(
        descriptor, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<(expected * MemoryLayout<Row>.stride)]))
      count = failed ? 0 : expected
    }
    guard !failed else { throw .system("read scratch files", folder) }
    return rows
  }
}
