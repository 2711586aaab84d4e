/// Reads a tar file as it comes: names and contents, no metadata.
struct TarReader {
  /// Where the bytes come from; nil at the end.
  typealias Source = () throws(DumpError) -> [UInt8]?

  private let path: String
  private let source: Source
  private var chunk: [UInt8] = []
  private var position = 0
  /// What of the present file has not been read, and what is between it and the next header.
  private var contents = 0
  private var padding = 0

  private static let blockSize = 512
  /// More than all archives are together.
  private static let longestFile = 1 << 50

  init(path: String, _ source: @escaping Source) {
    self.path = path
    self.source = source
  }

  /// Goes on to the next file. What has not been read of the present one is passed over.
  ///
  /// - Returns: its name; nil at the end.
  mutating func next() throws(DumpError) -> String? {
    try skip(contents + padding)
    contents = 0
    padding = 0
    var longName: String?
    var longSize: Int?
    var isSparse = false
    while true {
      guard let header = try block() else { throw truncated }
      if header.allSatisfy({ $0 == 0 }) {
        try finish()
        return nil
      }
      guard TarReader.isSound(header) else {
        throw damaged("no header where one must be")
      }
      guard let stated = TarReader.number(header[124..<136]) else { throw damaged("a length cannot be read") }
      switch header[156] {
      // GNU tar's long name, and what pax says of the next file.
      case UInt8(ascii: "L"), UInt8(ascii: "x"), UInt8(ascii: "g"):
        guard stated <= 1 << 16 else { throw damaged("a name is too long") }
        var text: [UInt8] = []
        begin(stated)
        while let bytes = try read() { text.append(contentsOf: bytes) }
        try skip(padding)
        padding = 0
        if header[156] == UInt8(ascii: "L") { longName = TarReader.text(text[...]) }
        if header[156] == UInt8(ascii: "x") {
          guard let records = TarReader.paxRecords(text[...]) else { throw damaged("what pax says cannot be read") }
          longName = records["path"] ?? longName
          if let size = records["size"] {
            guard let size = Int(size), (0...TarReader.longestFile).contains(size) else {
              throw damaged("a length cannot be read")
            }
            longSize = size
          }
          isSparse = records.keys.contains { $0.hasPrefix("GNU.sparse") }
        }
      // A file, or a directory.
      case 0, UInt8(ascii: "0"), UInt8(ascii: "5"), UInt8(ascii: "7"):
        guard !isSparse else { throw damaged("a file in it has holes") }
        begin(longSize ?? stated)
        let prefix = TarReader.text(header[345..<500])
        let name = longName ?? TarReader.text(header[0..<100])
        return longName == nil && TarReader.isUstar(header) && !prefix.isEmpty ? "\(prefix)/\(name)" : name
      // A link would be taken for a file without contents.
      default: throw damaged("there is something in it that is no file")
      }
    }
  }

  private mutating func begin(_ size: Int) {
    contents = size
    padding = (TarReader.blockSize - size % TarReader.blockSize) % TarReader.blockSize
  }

  /// Two blocks of zeros are the end. More of them may follow, and nothing else.
  private mutating func finish() throws(DumpError) {
    guard let second = try block() else { throw truncated }
    guard second.allSatisfy({ $0 == 0 }) else { throw behindEnd }
    while try advance() {
      guard chunk[position...].allSatisfy({ $0 == 0 }) else { throw behindEnd }
      position = chunk.count
    }
  }

  /// The next bytes of the present file; nil at its end.
  mutating func read() throws(DumpError) -> ArraySlice<UInt8>? {
    guard contents > 0 else { return nil }
    guard try advance() else { throw truncated }
    let end = min(chunk.count, position + contents)
    defer {
      contents -= end - position
      position = end
    }
    return chunk[position..<end]
  }

  /// All of the present file, which is short.
  mutating func readAll(upTo most: Int) throws(DumpError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let part = try read() {
      bytes.append(contentsOf: part)
      guard bytes.count <= most else { throw damaged("a file in it is too long") }
    }
    return bytes
  }

  // MARK: - Bytes

  private var truncated: DumpError {
    DumpError(.damaged, "\(path) ends in the middle: it was not downloaded to the end")
  }

  private var behindEnd: DumpError { damaged("there is something behind its end") }

  private func damaged(_ what: String) -> DumpError { DumpError(.damaged, "\(path) is damaged: \(what)") }

  /// Makes sure that there is a byte to read.
  private mutating func advance() throws(DumpError) -> Bool {
    while position >= chunk.count {
      guard let more = try source() else { return false }
      chunk = more
      position = 0
    }
    return true
  }

  private mutating func skip(_ count: Int) throws(DumpError) {
    var left = count
    while left > 0 {
      guard try advance() else { throw truncated }
      let step = min(left, chunk.count - position)
      position += step
      left -= step
    }
  }

  private mutating func block() throws(DumpError) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(TarReader.blockSize)
    while bytes.count < TarReader.blockSize {
      guard try advance() else { return nil }
      let end = min(chunk.count, position + TarReader.blockSize - bytes.count)
      bytes.append(contentsOf: chunk[position..<end])
      position = end
    }
    return bytes
  }

  // MARK: - Headers

  private static func isSound(_ header: [UInt8]) -> Bool {
    guard let stated = number(header[148..<156]) else { return false }
    // The checksum's own place counts as spaces.
    let sum = header.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(header[$1])) }
    return sum == stated
  }

  private static func isUstar(_ header: [UInt8]) -> Bool {
    header[257..<263].elementsEqual(Array("ustar\0".utf8))
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Octal digits, or GNU tar's form for more than 8 GB; nil for what no file has.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    var number = 0
    if let first = bytes.first, first & 0x80 != 0 {
      guard first == 0x80 else { return nil }
      for byte in bytes.dropFirst() {
        number = number << 8 | Int(byte)
        guard number <= longestFile else { return nil }
      }
      return number
    }
    let digits = bytes.drop { $0 == 32 }.prefix { (48...55).contains($0) }
    guard !digits.isEmpty else { return nil }
    // At most eleven digits.
    for digit in digits { number = number << 3 | Int(digit - 48) }
    return number
  }

  /// Lines such as `27 path=a/name`, which begin with their lengths; nil for anything else.
  private static func paxRecords(_ bytes: ArraySlice<UInt8>) -> [String: String]? {
    var records: [String: String] = [:]
    var rest = bytes
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
        let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length <= rest.count,
        space + 1 < rest.startIndex + length
      else { return nil }
      let line = rest[space + 1..<rest.startIndex + length]
      guard line.last == UInt8(ascii: "\n"), let sign = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      records[String(decoding: line[..<sign], as: UTF8.self)] = String(
        decoding: line[(sign + 1)...].dropLast(), as: UTF8.self)
      rest = rest[(rest.startIndex + length)...]
    }
    return records
  }
}
