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
    while true {
      guard let header = try block() else { throw truncated }
      // Two blocks of zeros end it.
      if header.allSatisfy({ $0 == 0 }) {
        while try advance() { position = chunk.count }
        return nil
      }
      guard TarReader.isSound(header) else {
        throw DumpError(.damaged, "\(path) is damaged: no header where one must be")
      }
      let size = TarReader.number(header[124..<136])
      guard let size, size >= 0 else { throw DumpError(.damaged, "\(path) is damaged: a length cannot be read") }
      let rest = (TarReader.blockSize - size % TarReader.blockSize) % TarReader.blockSize
      switch header[156] {
      // GNU tar's long name, and what pax says of the next file.
      case UInt8(ascii: "L"), UInt8(ascii: "x"), UInt8(ascii: "g"):
        guard size <= 1 << 16 else { throw DumpError(.damaged, "\(path) is damaged: a name is too long") }
        var text: [UInt8] = []
        contents = size
        while let bytes = try read() { text.append(contentsOf: bytes) }
        try skip(rest)
        if header[156] == UInt8(ascii: "L") { longName = TarReader.text(text[...]) }
        if header[156] == UInt8(ascii: "x") { longName = TarReader.paxPath(text) ?? longName }
      default:
        contents = size
        padding = rest
        let prefix = TarReader.text(header[345..<500])
        let name = longName ?? TarReader.text(header[0..<100])
        longName = nil
        return TarReader.isUstar(header) && !prefix.isEmpty ? "\(prefix)/\(name)" : name
      }
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
      guard bytes.count <= most else { throw DumpError(.damaged, "\(path) is damaged: a file in it is too long") }
    }
    return bytes
  }

  // MARK: - Bytes

  private var truncated: DumpError {
    DumpError(.damaged, "\(path) ends in the middle: it was not downloaded to the end")
  }

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

  /// Octal digits, or GNU tar's form for more than 8 GB.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    if let first = bytes.first, first & 0x80 != 0 {
      return bytes.dropFirst().reduce(0) { ($0 << 8) | Int($1) }
    }
    let digits = bytes.drop { $0 == 32 }.prefix { (48...55).contains($0) }
    guard !digits.isEmpty, digits.count < 20 else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - 48) }
  }

  /// The line `27 path=a/name` of what pax says.
  private static func paxPath(_ bytes: [UInt8]) -> String? {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      guard let space = text.firstIndex(of: " ") else { continue }
      let rest = text[text.index(after: space)...]
      if rest.hasPrefix("path=") { return String(rest.dropFirst(5)) }
    }
    return nil
  }
}
