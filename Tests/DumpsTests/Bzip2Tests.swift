import Testing

@testable import Dumps

@Suite struct Bzip2Tests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func contents(_ path: String, threads: Int = 2) throws -> [UInt8] {
    let reader = try Bzip2Reader(path: path, threads: threads)
    var bytes: [UInt8] = []
    while let part = try reader.read() { bytes += part }
    return bytes
  }

  private func compressed(_ bytes: [UInt8], _ options: String = "-9") throws -> [UInt8] {
    try run(["bzip2", "-c", options], input: bytes)
  }

  private static func random(_ count: Int, below limit: UInt8 = 255) -> [UInt8] {
    var numbers = Numbers(seed: UInt64(count))
    return (0..<count).map { _ in UInt8.random(in: 0...limit, using: &numbers) }
  }

  enum Text: CaseIterable {
    case nothing, byte, line, noise, fewValues, zeros

    var bytes: [UInt8] {
      switch self {
      case .nothing: []
      case .byte: [7]
      case .line: Array("a line\n".utf8)
      case .noise: random(1_000_000)
      case .fewValues: random(950_000, below: 3)
      case .zeros: [UInt8](repeating: 0, count: 60_000_000)
      }
    }
  }

  @Test(arguments: Text.allCases)
  func `what was compressed comes back, whatever the number of blocks`(text: Text) throws {
    let bytes = text.bytes
    for options in ["-9", "-1"] where bytes.count < 10_000_000 || options == "-9" {
      let path = try folder.write(try compressed(bytes, options), to: "file.bz2")
      for threads in [1, 3] { #expect(try contents(path, threads: threads) == bytes) }
    }
  }

  @Test func `streams one behind the other are one text`() throws {
    let parts = [Bzip2Tests.random(920_000), [], Bzip2Tests.random(10, below: 9), Bzip2Tests.random(300_000)]
    let path = try folder.write(try parts.flatMap { try compressed($0) }, to: "file.bz2")
    #expect(try contents(path) == parts.flatMap { $0 })
  }

  private func failure(_ bytes: [UInt8]) throws -> String? {
    let path = try folder.write(bytes, to: "file.bz2")
    return #expect(throws: DumpError.self) { try contents(path) }?.description.replacing(folder.path + "/", with: "")
  }

  /// Parts of a file of several blocks, whose text is noise.
  private static let blocks = random(250_000)

  @Test func `a file that ends in the middle is refused`() throws {
    let whole = try compressed(Bzip2Tests.blocks, "-1")
    let lengths = Array(stride(from: 1, to: whole.count, by: 29_989)) + Array(whole.count - 16..<whole.count)
    for length in lengths { #expect(try failure(Array(whole[..<length])) != nil, "\(length)") }
    #expect(try failure(Array(whole[..<(whole.count / 2)])) == Bzip2Tests.middle)
    #expect(try failure(Array(whole.dropLast())) == Bzip2Tests.middle)
    #expect(try failure(Array(whole[..<4])) == Bzip2Tests.middle)
  }

  private static let middle = "file.bz2 ends in the middle: it was not downloaded to the end"
  private static let behind = "file.bz2 is damaged: there is something behind its end"

  @Test func `a damaged file is refused`() throws {
    let whole = try compressed(Bzip2Tests.random(950_000))
    for place in [200, 50_000, whole.count / 2, whole.count - 200_000] {
      var bytes = whole
      bytes[place] ^= 0x10
      #expect(try failure(bytes) != nil)
    }
    #expect(throws: DumpError.self) { try contents(folder.path + "/nothing") }
  }

  @Test func `an empty file, and one of another kind, are refused`() throws {
    #expect(try failure([]) == "file.bz2 is empty")
    #expect(try failure(Array("no archive at all".utf8)) == "file.bz2 is no bzip2 file")
    #expect(try failure(Array("BZ".utf8)) == "file.bz2 is no bzip2 file")
    #expect(try failure([0] + (try compressed([1]))) == "file.bz2 is no bzip2 file")
    // It does not fill the memory.
    #expect(try failure(Bzip2Tests.random(9_000_000))?.contains("is no bzip2 file") == true)
  }

  @Test(arguments: ["x", "garbage behind", "BZ", "BZh9", "BZh9 and more", "\0", "\0\0\0\0\0\0\0\0\0\0\0\0"])
  func `what is behind the end is refused, and so is a second file behind it`(garbage: String) throws {
    let whole = try compressed(Array("a line\n".utf8))
    let expected = garbage == "BZh9" ? Bzip2Tests.middle : Bzip2Tests.behind
    #expect(try failure(whole + Array(garbage.utf8)) == expected)
    #expect(try failure(whole + Array(garbage.utf8) + whole) == Bzip2Tests.behind)
    #expect(try failure(whole + whole + Array(garbage.utf8)) == expected)
  }

  @Test func `a block or the end of a stream that is missing is noticed`() throws {
    let whole = try compressed(Bzip2Tests.blocks, "-1")
    var pieces: [Bzip2Splitter.Piece] = []
    var splitter = Bzip2Splitter(path: "file.bz2")
    try whole.withUnsafeBytes { bytes in
      try splitter.add(bytes) { piece throws(DumpError) in pieces.append(piece) }
      try splitter.finish { piece throws(DumpError) in pieces.append(piece) }
    }
    #expect(pieces.count == 5 && pieces.map(\.bits).reduce(0, +) == whole.count * 8)
    #expect(Bzip2Tests.file(of: pieces) == whole)
    for left in 1..<pieces.count - 1 {
      var rest = pieces
      rest.remove(at: left)
      #expect(
        try failure(Bzip2Tests.file(of: rest)) == "file.bz2 is damaged: its checksum is not that of what is in it")
    }
    #expect(try failure(Bzip2Tests.file(of: pieces.dropLast())) != nil)
    var swapped = pieces
    swapped.swapAt(2, 3)
    #expect(try failure(Bzip2Tests.file(of: swapped)) != nil)
  }

  /// The bits of the pieces, one behind the other; zeros up to a whole byte.
  private static func file(of pieces: some Sequence<Bzip2Splitter.Piece>) -> [UInt8] {
    var bits: [Bool] = []
    for piece in pieces {
      for bit in piece.skippedBits..<piece.skippedBits + piece.bits {
        bits.append(piece.bytes[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1)
      }
    }
    return stride(from: 0, to: bits.count, by: 8).map { start in
      (0..<8).reduce(UInt8(0)) { $0 << 1 | (start + $1 < bits.count && bits[start + $1] ? 1 : 0) }
    }
  }

  /// lbzip2 passes over it.
  @Test func `what is behind the end is found without decompressing`() throws {
    let whole = try compressed(Bzip2Tests.blocks, "-1")
    func check(_ bytes: [UInt8]) throws {
      try Bzip2Ending(path: try folder.write(bytes, to: "file.bz2")).check()
    }
    try check(whole)
    try check(whole + whole)
    try check(try compressed([]) + whole + compressed([]))
    for garbage in ["x", "garbage behind", "BZ", "BZh9 and more"].map({ Array($0.utf8) }) {
      #expect(throws: DumpError.self) { try check(whole + garbage) }
      #expect(throws: DumpError.self) { try check(whole + garbage + whole) }
    }
    // What came twice, as after a download that went on in the wrong place.
    for start in [10_000, whole.count - 100] {
      #expect(throws: DumpError.self) { try check(whole + whole[start...]) }
    }
  }

  /// A mark that is none occurs once in some thousand exports: the block is cut there here.
  @Test(arguments: [96, 1_001, 4_444, 80_003]) func `a block that was cut in two is joined again`(cut: Int) throws {
    let library = try Bzip2Library()
    let text = Bzip2Tests.random(700_000)
    var blocks: [Bzip2Splitter.Piece] = []
    var splitter = Bzip2Splitter(path: "test.bz2")
    try compressed(text).withUnsafeBytes { bytes in
      try splitter.add(bytes) { piece throws(DumpError) in
        if piece.kind == .block { blocks.append(piece) }
      }
    }
    let block = try #require(blocks.first)
    #expect(blocks.count == 1)
    let middle = block.skippedBits + cut
    let first = Bzip2Splitter.Piece(
      kind: .block, bytes: Array(block.bytes[..<((middle + 7) / 8)]), skippedBits: block.skippedBits, bits: cut)
    // Either mark may occur by chance.
    let second = Bzip2Splitter.Piece(
      kind: .end, bytes: Array(block.bytes[(middle / 8)...]), skippedBits: middle % 8, bits: block.bits - cut)
    guard case .done(let bytes) = library.decompress(first.joined(with: second).stream, most: 1 << 20) else {
      Issue.record("the joined block cannot be decompressed")
      return
    }
    #expect(bytes == text)
  }
}
