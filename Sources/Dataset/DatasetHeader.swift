internal import Core
internal import Documents

/// The beginning of a dataset file: what it is, where its sections are, and what shaped it. All numbers are
/// little-endian.
///
///     0   8 bytes   magic
///     8   u32       version of the layout
///     12  u32       length of the header, a multiple of 4,096
///     16  u64       length of the file
///     24  i64       when it was made, Unix seconds
///     32  u32       number of sections
///     36  u32       length of the text
///     40  u32       CRC-32 of the header, with zeros in this place
///     44  u32       0
///     48            80 bytes a section, then the text
struct DatasetHeader: Equatable {
  /// Something else after it has gone through a transfer that takes it for text.
  static let magic: [UInt8] = [0x89, UInt8(ascii: "L"), UInt8(ascii: "N"), UInt8(ascii: "D"), 0x0d, 0x0a, 0x1a, 0x0a]
  static let version: UInt32 = 1
  /// What is written. What is read may be longer.
  static let length = 8_192
  static let longest = 1 << 20
  private static let fixedLength = 48
  private static let checksumPlace = 40..<44

  var info: DatasetInfo
  var sections: [DatasetSection]
  var fileLength: UInt64

  /// The first bytes, enough for ``length(of:)``.
  static let beginning = 48

  init(info: DatasetInfo, sections: [DatasetSection], fileLength: UInt64) {
    self.info = info
    self.sections = sections
    self.fileLength = fileLength
  }

  func encoded() throws(DatasetError) -> [UInt8] {
    let text = Array(info.text.utf8)
    var bytes = DatasetHeader.magic
    bytes.append(number: DatasetHeader.version)
    bytes.append(number: UInt32(DatasetHeader.length))
    bytes.append(number: fileLength)
    bytes.append(number: info.created.seconds)
    bytes.append(number: UInt32(sections.count))
    bytes.append(number: UInt32(text.count))
    bytes.append(number: UInt32(0))
    bytes.append(number: UInt32(0))
    for section in sections { bytes.append(contentsOf: section.encoded()) }
    bytes.append(contentsOf: text)
    guard bytes.count <= DatasetHeader.length else {
      throw DatasetError(.unsuitable, "the settings' values are too long for the header of a dataset file")
    }
    bytes.append(contentsOf: [UInt8](repeating: 0, count: DatasetHeader.length - bytes.count))
    let checksum = DatasetHeader.checksum(of: bytes)
    for (index, place) in DatasetHeader.checksumPlace.enumerated() {
      bytes[place] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index))
    }
    return bytes
  }

  /// How long the header is that begins with these bytes.
  static func length(of beginning: UnsafeRawBufferPointer, _ path: String) throws(DatasetError) -> Int {
    guard beginning.count >= DatasetHeader.beginning, beginning.prefix(magic.count).elementsEqual(magic) else {
      throw DatasetError(.foreign, "\(path) is not a dataset file of linernotes")
    }
    let version: UInt32 = beginning.number(at: 8)
    guard version == DatasetHeader.version else {
      throw DatasetError(
        .unknownLayout,
        "\(path) has layout \(version) of dataset files, this version knows \(DatasetHeader.version)")
    }
    let length = Int(beginning.number(at: 12) as UInt32)
    guard length >= 4_096, length <= longest, length % 4_096 == 0 else {
      throw DatasetError(.damaged, "\(path): the header is damaged")
    }
    return length
  }

  init(_ bytes: [UInt8], _ path: String) throws(DatasetError) {
    let damaged = DatasetError(.damaged, "\(path): the header is damaged")
    let sections: [DatasetSection]? = bytes.withUnsafeBytes { bytes in
      guard DatasetHeader.checksum(of: bytes) == bytes.number(at: DatasetHeader.checksumPlace.lowerBound) else {
        return nil
      }
      let count = Int(bytes.number(at: 32) as UInt32)
      let end = DatasetHeader.fixedLength + count * DatasetSection.length
      guard end + Int(bytes.number(at: 36) as UInt32) <= bytes.count else { return nil }
      var sections: [DatasetSection] = []
      for index in 0..<count {
        let start = DatasetHeader.fixedLength + index * DatasetSection.length
        let entry = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + DatasetSection.length)])
        guard let section = DatasetSection(entry) else { return nil }
        sections.append(section)
      }
      return sections
    }
    guard let sections else { throw damaged }
    self = bytes.withUnsafeBytes { bytes in
      let start = DatasetHeader.fixedLength + sections.count * DatasetSection.length
      let text = bytes[start..<(start + Int(bytes.number(at: 36) as UInt32))]
      let created = UnixTime(seconds: bytes.number(at: 24))
      return DatasetHeader(
        info: DatasetInfo(created: created, text: String(decoding: text, as: UTF8.self)), sections: sections,
        fileLength: bytes.number(at: 16))
    }
  }

  private static func checksum(of bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { checksum(of: $0) } }

  private static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    let start = CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[..<checksumPlace.lowerBound]))
    let zeros: [UInt8] = [0, 0, 0, 0]
    let middle = zeros.withUnsafeBytes { CRC32.of($0, after: start) }
    return CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[checksumPlace.upperBound...]), after: middle)
  }
}

extension [UInt8] {
  mutating func append(number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}

extension UnsafeRawBufferPointer {
  /// The caller has made sure that so many bytes are there.
  func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
    Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
