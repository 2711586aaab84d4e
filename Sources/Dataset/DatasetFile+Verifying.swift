internal import Core
internal import Documents
internal import Glibc
internal import Metadata

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
      guard checksum(of: range) == section.checksum else {
        throw DatasetError(.damaged, "\(path): section “\(section.name)” is damaged")
      }
      if let name = section.links, let entries = links[name] { try verify(entries, name) }
      guard section.isDocuments || section.isMerged else { continue }
      let ids = UnsafeRawBufferPointer(rebasing: bytes[..<(Int(section.count) * DatasetSection.idLength)])
      guard SortedIDs(bytes: ids).isAscending else {
        throw DatasetError(.damaged, "\(path): section “\(section.name)” is not in order")
      }
    }
  }

  private static let pieceLength = 64 << 20

  /// Piece by piece, each of which is given back: all of it would count as memory of this process.
  private func checksum(of range: Range<Int>) -> UInt32 {
    var checksum: UInt32 = 0
    var position = range.lowerBound
    while position < range.upperBound {
      let end = min(position + DatasetFile.pieceLength, range.upperBound)
      checksum = CRC32.of(UnsafeRawBufferPointer(rebasing: memory[position..<end]), after: checksum)
      // Whole pages from the start of the mapping on.
      let page = position & ~(DatasetFile.pageLength - 1)
      madvise(UnsafeMutableRawPointer(mutating: memory.baseAddress.map { $0 + page }), end - page, MADV_DONTNEED)
      position = end
    }
    return checksum
  }

  private static let pageLength = Int(sysconf(Int32(_SC_PAGESIZE)))

  private func verify(_ entries: LinkEntries, _ name: LinkSection) throws(DatasetError) {
    guard entries.isAscending else {
      throw DatasetError(.damaged, "\(path): section “\(name.rawValue)” is not in order")
    }
    let (artists, albums) = (count(of: .artist), count(of: .album))
    for index in 0..<entries.count {
      let target = entries.target(at: index)
      guard target.place < (target.kind == .artist ? artists : albums) else {
        throw DatasetError(.damaged, "\(path): section “\(name.rawValue)” leads to what is not there")
      }
    }
  }
}
