internal import Core

/// A row of ``SortedScratch``, which is written as it lies in memory.
protocol ScratchRow: Comparable, BitwiseCopyable {
  /// Evenly spread; its highest bits choose the file. Rows are in the order of this first.
  var key: UInt64 { get }
}

/// Rows that are too many for the memory and are wanted in their order: in files by the highest bits of their keys, each
/// of which is sorted by itself.
final class SortedScratch<Row: ScratchRow> {
  static var count: Int { 32 }
  private static var bufferRows: Int { 4_096 }

  private(set) var files: [ScratchFile] = []
  private var buffers: [[Row]] = Array(repeating: [], count: SortedScratch.count)

  init(in folder: ScratchFolder) throws(DumpError) {
    for _ in 0..<SortedScratch.count { files.append(try ScratchFile(in: folder)) }
  }

  /// Goes on with files that were kept.
  init(_ files: [ScratchFile]) { self.files = files }

  func add(_ row: Row) throws(DumpError) {
    let place = Int(row.key >> 59)
    buffers[place].append(row)
    if buffers[place].count >= SortedScratch.bufferRows { try flush(place) }
  }

  private func flush(_ place: Int) throws(DumpError) {
    try files[place].append(rows: buffers[place])
    buffers[place].removeAll(keepingCapacity: true)
  }

  /// Sees to it that all rows are in the files.
  func flush() throws(DumpError) {
    for place in 0..<SortedScratch.count {
      try flush(place)
      buffers[place] = []
    }
  }

  /// Puts the rows in their order, once. Nothing is added after it.
  ///
  /// - Parameter isKept: whether a row is not left out.
  /// - Returns: how many are left.
  func sort(keeping isKept: (Row) -> Bool) throws(DumpError) -> Int {
    try flush()
    var count = 0
    for (place, file) in files.enumerated() {
      var rows: [Row] = try file.rows()
      rows.removeAll { !isKept($0) }
      rows.sort()
      file.discard()
      // Another run may want the old one as it is.
      files[place] = try ScratchFile(in: file.folder)
      try files[place].append(rows: rows)
      count += rows.count
    }
    return count
  }

  /// Passes the rows on, some at a time, in their order once they have been sorted.
  func forEach(_ body: ([Row]) throws(SourceError) -> Void) throws(SourceError) {
    for file in files {
      let rows: [Row]
      do throws(DumpError) {
        rows = try file.rows()
      } catch {
        throw SourceError(.failed, error.description)
      }
      try body(rows)
    }
  }

  /// Gives their place on the disk back. They are not read again.
  func discard() {
    for file in files { file.discard() }
  }
}
