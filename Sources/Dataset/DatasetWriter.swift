public import Cache
public import Core
public import Documents
internal import Glibc

/// Writes a dataset file: beside the place it is for, under another name. It takes that place when it is whole, so that
/// nobody ever finds half a file there. Documents may come in any order.
public final class DatasetWriter {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var checksum: UInt32 = 0
  /// Where the next byte goes.
  private var position: UInt64
  private var isFinished = false

  private struct Kind {
    var seed: UInt32
    var entries: [Entry] = []
    var newest: Int64 = 0
    var merged: [Merge] = []

    init(_ name: String) { seed = Document.packingSeed(kind: name) }

    mutating func add(_ id: MBID, said: UnixTime, at offset: UInt64) {
      entries.append(Entry(id: id, offset: offset))
      newest = max(newest, said.seconds)
    }
  }

  struct Entry {
    var id: MBID
    var offset: UInt64
  }

  private struct Merge {
    var id: MBID
    var survivor: MBID
  }

  private var kinds: [String: Kind] = [:]
  /// By kind.
  private var dictionaries: [String: [UInt8]] = [:]

  private static let bufferSize = 1 << 20

  /// - Throws: when it cannot be written there, or somebody else is writing it.
  public init(path: String) throws(DatasetError) {
    self.path = path
    temporaryPath = path + ".tmp"
    // It would be replaced: a device, for example.
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw DatasetError(.inaccessible, "\(path) is no file, and not replaced by one")
    }
    let descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .system("be written", temporaryPath) }
    self.descriptor = descriptor
    position = UInt64(DatasetHeader.length)
    // What a run left that was killed is overwritten. The lock goes with the process that has it.
    // Whoever had it may have just put this very file in its place: then it is not to be touched.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, DatasetWriter.isNamed(temporaryPath, descriptor) else {
      isFinished = true
      throw DatasetError(.inaccessible, "\(temporaryPath) is being written by another process")
    }
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, off_t(position), SEEK_SET) >= 0 else {
      throw .system("be written", temporaryPath)
    }
    buffer.reserveCapacity(DatasetWriter.bufferSize + (64 << 10))
  }

  deinit {
    // The lock is still held, so that it is this file and no other.
    if !isFinished { unlink(temporaryPath) }
    close(descriptor)
  }

  /// Adds a document, which tells when it was said. Each id once in a kind.
  public func add(_ document: Document, _ key: CacheKey) throws(DatasetError) {
    let seed = kinds[key.kind.name, default: Kind(key.kind.name)].seed
    try add(packed: document.packed(as: key.id, seed: seed), said: document.said, key)
  }

  /// From now on documents of this kind come as records of this squeezer. Has to be called before any is added.
  public func setDictionary(of squeezer: DatasetSqueezer, for kind: CacheKey.Kind) {
    dictionaries[kind.name] = squeezer.dictionary
  }

  /// Adds a document that has been packed elsewhere, with the seed of its kind: as a record where its kind has a
  /// dictionary.
  public func add(packed: [UInt8], said: UnixTime, _ key: CacheKey) throws(DatasetError) {
    let name = key.kind.name
    kinds[name, default: Kind(name)].add(key.id, said: said, at: position + UInt64(buffer.count))
    try append(packed)
  }

  /// Notes that an id of this kind was merged into another.
  public func addMerged(_ id: MBID, into survivor: MBID, _ kind: CacheKey.Kind) {
    let name = kind.name
    kinds[name, default: Kind(name)].merged.append(Merge(id: id, survivor: survivor))
  }

  /// Passes the bytes of a section on, piece by piece, and says how many things are in it.
  public typealias SectionContents = (
    _ append: @escaping ([UInt8]) throws(SourceError) -> Void
  ) throws(SourceError) -> Int

  /// Makes the contents of sections that lead to documents, once it is known where those are.
  public typealias Links = (DatasetPlaces) throws(SourceError) -> [(name: LinkSection, contents: SectionContents)]

  /// Writes what leads to the documents, looks through the whole, and puts the file in its place.
  ///
  /// - Parameters:
  ///   - names: what artists and albums are called; nil for a file that is not searched.
  ///   - links: what leads to artists and albums by something other than their ids; nil for a file without that.
  /// - Returns: its length in bytes.
  public func finish(
    _ info: DatasetInfo, names: SectionContents? = nil, links: Links? = nil
  ) throws(DatasetError) -> UInt64 {
    var sections: [DatasetSection] = []
    let documentCount = kinds.values.reduce(0) { $0 + $1.entries.count }
    sections.append(
      try end(
        DatasetSection(
          name: DatasetSection.records, checksum: 0, offset: UInt64(DatasetHeader.length), length: 0,
          count: UInt64(documentCount))))
    var places = DatasetPlaces()
    for name in kinds.keys.sorted() {
      // Nobody else keeps it: there may be millions.
      guard var kind = kinds.removeValue(forKey: name) else { continue }
      kind.entries.sort { ($0.id.high, $0.id.low) < ($1.id.high, $1.id.low) }
      sections.append(try writeEntries(kind, name))
      if links != nil { places.keep(kind.entries, of: name) }
      if !kind.merged.isEmpty { sections.append(try writeMerged(kind, name)) }
    }
    for (kind, dictionary) in dictionaries.sorted(by: { $0.key < $1.key }) {
      sections.append(
        try writeSection(
          { append throws(SourceError) in
            try append(dictionary)
            return 1
          }, as: DatasetSection.dictionary(kind)))
    }
    if let names { sections.append(try writeSection(names, as: DatasetSection.names)) }
    if let links {
      let contents = try DatasetError.asking { () throws(SourceError) in try links(places) }
      places = DatasetPlaces()
      for section in contents {
        sections.append(try writeSection(section.contents, as: section.name.rawValue))
      }
    }
    let header = try DatasetHeader(info: info, sections: sections, fileLength: position).encoded()
    guard pwrite(descriptor, header, header.count, 0) == header.count, fsync(descriptor) == 0 else {
      throw .system("be written", temporaryPath)
    }
    try DatasetFile(path: temporaryPath).verify()
    guard rename(temporaryPath, path) == 0 else { throw .system("be put in its place", path) }
    isFinished = true
    syncDirectory()
    return position
  }

  /// - Parameter kind: with its entries in the order of their ids.
  private func writeEntries(_ kind: Kind, _ name: String) throws(DatasetError) -> DatasetSection {
    let entries = kind.entries
    guard zip(entries, entries.dropFirst()).allSatisfy({ $0.id != $1.id }) else {
      throw DatasetError(.unsuitable, "\(path): a document of kind \(name) came twice")
    }
    let start = try align()
    for entry in entries { try append(entry.id) }
    for entry in entries { try append(entry.offset) }
    return try end(
      DatasetSection(
        name: DatasetSection.documents(name), checksum: 0, offset: start, length: 0, count: UInt64(entries.count),
        newest: kind.newest))
  }

  private func writeMerged(_ kind: Kind, _ name: String) throws(DatasetError) -> DatasetSection {
    // An id that was merged twice has one survivor; whichever comes first will do.
    var merged: [Merge] = []
    for merge in kind.merged.sorted(by: { ($0.id.high, $0.id.low) < ($1.id.high, $1.id.low) })
    where merge.id != merged.last?.id {
      merged.append(merge)
    }
    let start = try align()
    for merge in merged { try append(merge.id) }
    for merge in merged { try append(merge.survivor) }
    for merge in merged {
      try append(DatasetSection.check(merge.id, mergedInto: merge.survivor, seed: kind.seed))
    }
    return try end(
      DatasetSection(
        name: DatasetSection.merged(name), checksum: 0, offset: start, length: 0, count: UInt64(merged.count),
        newest: kind.newest))
  }

  private func writeSection(_ contents: SectionContents, as name: String) throws(DatasetError) -> DatasetSection {
    let start = try align()
    let count = try DatasetError.asking { () throws(SourceError) in
      try contents { [self] bytes throws(SourceError) in
        do throws(DatasetError) {
          try append(bytes)
        } catch {
          throw SourceError(.failed, error.description)
        }
      }
    }
    return try end(DatasetSection(name: name, checksum: 0, offset: start, length: 0, count: UInt64(max(0, count))))
  }

  private static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
    var (named, opened) = (stat(), stat())
    return lstat(path, &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_ino == opened.st_ino
      && named.st_dev == opened.st_dev
  }

  // MARK: - Bytes

  /// Ends a section: all that was written since its beginning.
  private func end(_ section: DatasetSection) throws(DatasetError) -> DatasetSection {
    try flush()
    var section = section
    section.length = position - section.offset
    section.checksum = checksum
    checksum = 0
    return section
  }

  /// Fills up with zeros, so that what follows can be read as numbers.
  private func align() throws(DatasetError) -> UInt64 {
    let start = (position + 63) & ~63
    buffer.append(contentsOf: [UInt8](repeating: 0, count: Int(start - position)))
    try flush()
    checksum = 0
    return start
  }

  private func append(_ id: MBID) throws(DatasetError) {
    withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { buffer.append(contentsOf: $0) }
    if buffer.count >= DatasetWriter.bufferSize { try flush() }
  }

  private func append(_ number: UInt64) throws(DatasetError) {
    buffer.append(number: number)
    if buffer.count >= DatasetWriter.bufferSize { try flush() }
  }

  private func append(_ check: UInt32) throws(DatasetError) {
    buffer.append(number: check)
    if buffer.count >= DatasetWriter.bufferSize { try flush() }
  }

  private func append(_ bytes: [UInt8]) throws(DatasetError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= DatasetWriter.bufferSize { try flush() }
  }

  private func flush() throws(DatasetError) {
    checksum = buffer.withUnsafeBytes { CRC32.of($0, after: checksum) }
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written) }
      guard count > 0 || (count < 0 && errno == EINTR) else { throw .system("be written", temporaryPath) }
      written += max(0, count)
    }
    position += UInt64(buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }

  /// So that the name outlives a power cut as the bytes do.
  private func syncDirectory() {
    let end = path.lastIndex(of: "/")
    let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
