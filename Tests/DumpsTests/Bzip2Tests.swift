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

  @Test func `a file that ends in the middle is refused`() throws {
    let whole = try compressed(Bzip2Tests.random(950_000))
    for length in [whole.count / 3, whole.count / 2, whole.count - 30] {
      let path = try folder.write(Array(whole[..<length]), to: "file.bz2")
      #expect(throws: DumpError.self) { try contents(path) }
    }
  }

  @Test func `a damaged file is refused`() throws {
    let whole = try compressed(Bzip2Tests.random(950_000))
    for place in [200, 50_000, whole.count / 2, whole.count - 200_000] {
      var bytes = whole
      bytes[place] ^= 0x10
      let path = try folder.write(bytes, to: "file.bz2")
      #expect(throws: DumpError.self) { try contents(path) }
    }
    let path = try folder.write(Array("no archive at all".utf8), to: "file.bz2")
    #expect(try contents(path).isEmpty)
    #expect(throws: DumpError.self) { try contents(folder.path + "/nothing") }
  }

  /// A mark that is none occurs once in some thousand exports: the block is cut there here.
  @Test(arguments: [96, 1_001, 4_444, 80_003]) func `a block that was cut in two is joined again`(cut: Int) throws {
    let library = try Bzip2Library()
    let text = Bzip2Tests.random(700_000)
    var blocks: [Bzip2Splitter.Block] = []
    var splitter = Bzip2Splitter()
    try compressed(text).withUnsafeBytes { bytes in
      try splitter.add(bytes) { block, _ throws(DumpError) in blocks.append(block) }
    }
    let block = try #require(blocks.first)
    #expect(blocks.count == 1)
    let middle = block.skippedBits + cut
    let first = Bzip2Splitter.Block(
      bytes: Array(block.bytes[..<((middle + 7) / 8)]), skippedBits: block.skippedBits, bits: cut)
    let second = Bzip2Splitter.Block(
      bytes: Array(block.bytes[(middle / 8)...]), skippedBits: middle % 8, bits: block.bits - cut)
    guard case .done(let bytes) = library.decompress(first.joined(with: second).stream, most: 1 << 20) else {
      Issue.record("the joined block cannot be decompressed")
      return
    }
    #expect(bytes == text)
  }
}
