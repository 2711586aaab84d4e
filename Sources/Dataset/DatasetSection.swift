internal import Core
internal import Documents

/// A section of a dataset file, as the header tells of it.
///
/// A section's bytes belong to its name and version. A reader passes over names that it does not know and refuses
/// versions that it does not know of names that it does.
struct DatasetSection: Equatable {
  /// At most 40 characters of ASCII.
  var name: String
  var version: UInt32
  /// Of all its bytes.
  var checksum: UInt32
  var offset: UInt64
  var length: UInt64
  /// How many documents, or whatever else it has.
  var count: UInt64
  /// When the newest of them was said, Unix seconds.
  var newest: Int64

  static let length = 80
  private static let nameLength = 40

  /// The documents of all kinds, packed, one behind the other.
  static let records = "records"
  /// Where the documents of a kind are: their ids in ascending order, then the offset of each in the file.
  static func documents(_ kind: String) -> String { "documents:\(kind)" }
  /// Ids that were merged into others of a kind, in ascending order, then the id of the survivor of each, then a CRC-32
  /// of the kind and both ids for each.
  static func merged(_ kind: String) -> String { "merged:\(kind)" }

  /// What documents of a kind have in common: see ``DatasetSqueezer``. Kinds without one are packed and nothing more.
  static func dictionary(_ kind: String) -> String { "dictionary:\(kind)" }

  /// What artists and albums are called, as it is searched where it lies. What is in it is not known here.
  static let names = "names"

  /// The versions that are written and read. That of documents changes as well when the API spells them otherwise.
  static let knownVersion: UInt32 = 1

  static let idLength = 16
  static let offsetLength = 8
  static let checkLength = 4

  /// What an id that was merged into another has as its check, so that a wrong byte leads to no other artist.
  ///
  /// - Parameter seed: that of the kind, as for its documents.
  static func check(_ id: MBID, mergedInto survivor: MBID, seed: UInt32) -> UInt32 {
    let ids = (id.high.bigEndian, id.low.bigEndian, survivor.high.bigEndian, survivor.low.bigEndian)
    return withUnsafeBytes(of: ids) { CRC32.of($0, after: seed) }
  }

  var isDocuments: Bool { name.hasPrefix("documents:") }
  var isMerged: Bool { name.hasPrefix("merged:") }
  var isDictionary: Bool { name.hasPrefix("dictionary:") }
  /// What it leads by; nil when it does not lead to documents by something other than their ids.
  var links: LinkSection? { LinkSection(rawValue: name) }
  var isKnown: Bool {
    isDocuments || isMerged || isDictionary || links != nil
      || [DatasetSection.records, DatasetSection.names].contains(name)
  }
  var kind: String { String(name[(name.firstIndex(of: ":").map { name.index(after: $0) } ?? name.endIndex)...]) }

  func encoded() -> [UInt8] {
    var bytes = Array(name.utf8.prefix(DatasetSection.nameLength))
    bytes.append(contentsOf: [UInt8](repeating: 0, count: DatasetSection.nameLength - bytes.count))
    bytes.append(number: version)
    bytes.append(number: checksum)
    bytes.append(number: offset)
    bytes.append(number: length)
    bytes.append(number: count)
    bytes.append(number: newest)
    return bytes
  }

  init(
    name: String, version: UInt32 = knownVersion, checksum: UInt32, offset: UInt64, length: UInt64, count: UInt64,
    newest: Int64 = 0
  ) {
    self.name = name
    self.version = version
    self.checksum = checksum
    self.offset = offset
    self.length = length
    self.count = count
    self.newest = newest
  }

  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == DatasetSection.length else { return nil }
    self.init(
      name: String(decoding: bytes.prefix(DatasetSection.nameLength).prefix { $0 != 0 }, as: UTF8.self),
      version: bytes.number(at: 40), checksum: bytes.number(at: 44), offset: bytes.number(at: 48),
      length: bytes.number(at: 56), count: bytes.number(at: 64), newest: bytes.number(at: 72))
  }

  /// Its bytes in the file; nil when they do not lie in it, or are not as many as it needs for what it has.
  func range(in fileLength: UInt64) -> Range<Int>? {
    let (end, overflow) = offset.addingReportingOverflow(length)
    guard !overflow, end <= fileLength, let start = Int(exactly: offset), let end = Int(exactly: end) else {
      return nil
    }
    let entry =
      isDocuments
      ? DatasetSection.idLength + DatasetSection.offsetLength
      : isMerged ? 2 * DatasetSection.idLength + DatasetSection.checkLength : links?.entryLength ?? 0
    if entry > 0 {
      let (needed, overflow) = count.multipliedReportingOverflow(by: UInt64(entry))
      guard !overflow, needed == length, offset % 8 == 0 else { return nil }
    }
    return start..<end
  }
}
