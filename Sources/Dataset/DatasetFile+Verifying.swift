internal import Core
internal import Documents
internal import Glibc

extension DatasetFile {
  /// A line for each section.
  public var contents: [String] {
    sections.map { section in
      "\(section.name): \(section.count), \(section.length) bytes"
        + (section.isKnown ? "" : " (not known to this version)")
    }
  }

  /// Compares every section with its checksum, and what leads to the documents with the documents.
  ///
  /// - Throws: when anything is not as it was written.
  public func verify() throws(DatasetError) {
    guard isWhole else { throw DatasetError(.damaged, "\(path) is not as long as it was written") }
    // Now what lies beside what was read is worth reading.
    let start = UnsafeMutableRawPointer(mutating: memory.baseAddress)
    madvise(start, memory.count, MADV_SEQUENTIAL)
    defer { madvise(start, memory.count, MADV_RANDOM) }
    for section in sections {
      guard let range = section.range(in: UInt64(memory.count)) else {
        throw DatasetError(.damaged, "\(path): the header is damaged")
      }
      let bytes = UnsafeRawBufferPointer(rebasing: memory[range])
      // Of sections that this version does not know as well: whoever hands the file on wants to know.
      guard CRC32.of(bytes) == section.checksum else {
        throw DatasetError(.damaged, "\(path): section “\(section.name)” is damaged")
      }
      guard section.isDocuments || section.isMerged else { continue }
      let ids = UnsafeRawBufferPointer(rebasing: bytes[..<(Int(section.count) * DatasetSection.idLength)])
      guard SortedIDs(bytes: ids).isAscending else {
        throw DatasetError(.damaged, "\(path): section “\(section.name)” is not in order")
      }
    }
  }
}
