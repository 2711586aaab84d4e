public import Cache
public import Core
public import Documents
internal import Glibc

/// A dataset file, mapped into memory: all processes that serve from it share what the kernel keeps of it. Opening reads
/// the header only, and a document is copied before its checksum is compared, so whatever happens to the file, what is
/// served was once written.
///
/// A file is replaced by renaming another one to its name; processes keep the one that they have opened. One that is
/// overwritten in place answers with nothing once its size is another; should it shrink in the very moment of a look, the
/// process dies (SIGBUS).
public final class DatasetFile {
  public let info: DatasetInfo
  public let path: String
  /// When it took its place.
  public let placed: UnixTime
  /// How many documents turned out to be damaged when they were asked for.
  public internal(set) var damaged = 0

  let sections: [DatasetSection]
  let memory: UnsafeRawBufferPointer
  private let descriptor: Int32
  private let shifts = CRCShifts()
  private let kinds: [Kind]
  /// What leads to artists and albums by something other than their ids.
  let links: [LinkSection: LinkEntries]

  /// What a kind of document is found by.
  private struct Kind {
    var name: String
    var seed: UInt32
    var ids = SortedIDs(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
    /// The offset of each.
    var offsets = UnsafeRawBufferPointer(start: nil, count: 0)
    var mergedIDs = SortedIDs(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
    var survivors = SortedIDs(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
    /// A check of each merged id with its survivor.
    var checks = UnsafeRawBufferPointer(start: nil, count: 0)
    var newest: Int64 = 0
    /// nil for documents that are packed and nothing more.
    var dictionary: DatasetDictionary?
  }

  /// - Throws: unless it is a dataset file of a layout that this version knows, and as long as it should be.
  public init(path: String) throws(DatasetError) {
    self.path = path
    let file = try MappedFile(path)
    let length = try DatasetHeader.length(of: file.memory, path)
    guard length <= file.memory.count else { throw DatasetFile.truncated(path) }
    let header = try DatasetHeader(Array(file.memory[..<length]), path)
    guard header.fileLength == UInt64(file.memory.count) else { throw DatasetFile.truncated(path) }

    var kinds: [Kind] = []
    var links: [LinkSection: LinkEntries] = [:]
    var zstd: ZstdLibrary?
    for section in header.sections where section.isKnown {
      guard section.version == DatasetSection.knownVersion else {
        throw DatasetError(
          .unknownLayout,
          "\(path): section “\(section.name)” has version \(section.version), this version of the program knows "
            + "\(DatasetSection.knownVersion)")
      }
      guard let range = section.range(in: header.fileLength), let count = Int(exactly: section.count) else {
        throw DatasetError(.damaged, "\(path): the header is damaged")
      }
      let bytes = UnsafeRawBufferPointer(rebasing: file.memory[range])
      if let name = section.links { links[name] = LinkEntries(name, bytes, count: count) }
      guard section.isDocuments || section.isMerged || section.isDictionary else { continue }
      let place =
        kinds.firstIndex { $0.name == section.kind }
        ?? {
          kinds.append(Kind(name: section.kind, seed: Document.packingSeed(kind: section.kind)))
          return kinds.count - 1
        }()
      if section.isDictionary {
        if zstd == nil { zstd = try ZstdLibrary() }
        kinds[place].dictionary = zstd.map { DatasetDictionary(bytes, $0) }
        continue
      }
      let ids = UnsafeRawBufferPointer(rebasing: bytes[..<(count * DatasetSection.idLength)])
      let values = UnsafeRawBufferPointer(rebasing: bytes[(count * DatasetSection.idLength)...])
      kinds[place].newest = max(kinds[place].newest, section.newest)
      if section.isDocuments {
        kinds[place].ids = SortedIDs(bytes: ids)
        kinds[place].offsets = values
      } else {
        kinds[place].mergedIDs = SortedIDs(bytes: ids)
        let end = count * DatasetSection.idLength
        kinds[place].survivors = SortedIDs(bytes: UnsafeRawBufferPointer(rebasing: values[..<end]))
        kinds[place].checks = UnsafeRawBufferPointer(rebasing: values[end...])
      }
    }
    info = header.info
    sections = header.sections
    self.kinds = kinds
    self.links = links
    (memory, descriptor) = file.release()
    placed = DatasetFile.place(descriptor, path)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: memory.baseAddress), memory.count)
    close(descriptor)
  }

  /// Renaming a file changes this time, copying it back with its old times does not. The path may be a link that was set
  /// to another file.
  private static func place(_ descriptor: Int32, _ path: String) -> UnixTime {
    var (file, link) = (stat(), stat())
    guard fstat(descriptor, &file) == 0, lstat(path, &link) == 0 else { return .now }
    return UnixTime(seconds: Int64(max(file.st_ctim.tv_sec, link.st_ctim.tv_sec)))
  }

  private static func truncated(_ path: String) -> DatasetError {
    DatasetError(.damaged, "\(path) is not as long as it was written")
  }

  /// Whether it is as long as it was when it was opened. If not, somebody has written to it.
  public var isWhole: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && Int(status.st_size) == memory.count
  }

  /// The bytes that artists and albums are found in by their names; nil when it has none. They are there for as long as
  /// the file is, and only to be read while ``isWhole``.
  public var names: UnsafeRawBufferPointer? {
    guard let section = sections.first(where: { $0.name == DatasetSection.names }),
      let range = section.range(in: UInt64(memory.count))
    else { return nil }
    return UnsafeRawBufferPointer(rebasing: memory[range])
  }

  /// How many documents of a kind it has.
  public func count(of kind: CacheKey.Kind) -> Int { kinds.first { $0.name == kind.name }?.ids.count ?? 0 }

  /// The id at a place among those of a kind in their order; nil where there is none.
  func id(at index: Int, of kind: CacheKey.Kind) -> MBID? {
    guard let ids = kinds.first(where: { $0.name == kind.name })?.ids, (0..<ids.count).contains(index) else {
      return nil
    }
    return ids[index]
  }

  /// The document at a place among those of a kind in the order of their ids; nil when it is damaged.
  public func document(at index: Int, of kind: CacheKey.Kind) -> (id: MBID, document: Document?)? {
    guard isWhole, let kind = kinds.first(where: { $0.name == kind.name }), (0..<kind.ids.count).contains(index) else {
      return nil
    }
    return (kind.ids[index], read(index, kind))
  }

  /// How many ids of a kind were merged into others, and one of them with its survivor.
  public func mergedCount(of kind: CacheKey.Kind) -> Int { kinds.first { $0.name == kind.name }?.mergedIDs.count ?? 0 }

  /// - Returns: nil where either is not as it was written.
  public func merged(at index: Int, of kind: CacheKey.Kind) -> (id: MBID, survivor: MBID)? {
    guard isWhole, let kind = kinds.first(where: { $0.name == kind.name }), (0..<kind.mergedIDs.count).contains(index)
    else { return nil }
    return merge(index, kind)
  }

  private func merge(_ index: Int, _ kind: Kind) -> (id: MBID, survivor: MBID)? {
    let (id, survivor) = (kind.mergedIDs[index], kind.survivors[index])
    let check: UInt32 = kind.checks.number(at: index * DatasetSection.checkLength)
    guard check == DatasetSection.check(id, mergedInto: survivor, seed: kind.seed) else {
      damaged += 1
      return nil
    }
    return (id, survivor)
  }

  private func find(_ key: CacheKey) -> Document? {
    // Of a handful of kinds.
    guard let kind = kinds.first(where: { $0.name == key.kind.name }) else { return nil }
    if let index = kind.ids.index(of: key.id) { return read(index, kind) }
    guard let index = kind.mergedIDs.index(of: key.id) else { return nil }
    guard let (id, survivor) = merge(index, kind), id == key.id, survivor != id,
      let place = kind.ids.index(of: survivor), let document = read(place, kind)
    else { return nil }
    var moved = Document.moved(to: survivor, expires: UnixTime(seconds: 0))
    moved.said = document.said
    return moved
  }

  private func read(_ index: Int, _ kind: Kind) -> Document? {
    let offset: UInt64 = kind.offsets.number(at: index * DatasetSection.offsetLength)
    guard let start = Int(exactly: offset), let packed = packed(at: start, kind),
      let document = Document(packed: packed, as: kind.ids[index], seed: kind.seed, shifts: shifts)
    else {
      damaged += 1
      return nil
    }
    return document
  }

  private func packed(at start: Int, _ kind: Kind) -> [UInt8]? {
    guard start <= memory.count - max(Document.packedHeadLength, DatasetRecord.headLength) else { return nil }
    if let dictionary = kind.dictionary {
      let record = DatasetRecord(memory, at: start)
      let bytes = UnsafeRawBufferPointer(rebasing: memory[(start + DatasetRecord.headLength)...])
      guard record.stored <= bytes.count else { return nil }
      return dictionary.packed(record, UnsafeRawBufferPointer(rebasing: bytes[..<record.stored]))
    }
    guard let length = Document.packedLength(beginningWith: UnsafeRawBufferPointer(rebasing: memory[start...])),
      length <= memory.count - start
    else { return nil }
    return Array(memory[start..<(start + length)])
  }
}

extension DatasetFile: SnapshotTier {
  public var stamp: UInt64 { FNV.combine(UInt64(bitPattern: info.created.seconds), UInt64(memory.count)) }

  public var newest: UnixTime { UnixTime(seconds: kinds.map(\.newest).max() ?? 0) }

  public func get(_ keys: [CacheKey]) -> [Document?] {
    guard isWhole else { return [Document?](repeating: nil, count: keys.count) }
    return keys.map { find($0) }
  }
}

/// A file while it is being opened.
private struct MappedFile: ~Copyable {
  let memory: UnsafeRawBufferPointer
  private let descriptor: Int32
  private var isReleased = false

  init(_ path: String) throws(DatasetError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("be opened", path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw DatasetError(.foreign, "\(path) is not a file")
    }
    // Nothing can be mapped of an empty one.
    guard status.st_size >= DatasetHeader.beginning else {
      close(descriptor)
      throw DatasetError(.foreign, "\(path) is not a dataset file of linernotes")
    }
    guard let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
      defer { close(descriptor) }
      throw .system("be mapped", path)
    }
    // What is asked for lies anywhere; what lies beside it is not worth reading.
    madvise(start, Int(status.st_size), MADV_RANDOM)
    memory = UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
    self.descriptor = descriptor
  }

  /// Leaves both to whoever asks.
  consuming func release() -> (UnsafeRawBufferPointer, Int32) {
    isReleased = true
    return (memory, descriptor)
  }

  deinit {
    guard !isReleased else { return }
    munmap(UnsafeMutableRawPointer(mutating: memory.baseAddress), memory.count)
    close(descriptor)
  }
}
