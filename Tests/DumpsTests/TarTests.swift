import Testing

@testable import Dumps

@Suite struct TarTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// The files of an archive, which comes in pieces of this size.
  private func files(_ bytes: [UInt8], pieces: Int) throws -> [String: [UInt8]] {
    var rest = bytes[...]
    var tar = TarReader(path: "test.tar") { () throws(DumpError) in
      guard !rest.isEmpty else { return nil }
      defer { rest = rest.dropFirst(pieces) }
      return Array(rest.prefix(pieces))
    }
    var files: [String: [UInt8]] = [:]
    while let name = try tar.next() {
      // Every other file is passed over.
      guard !name.hasSuffix("skipped") else { continue }
      files[name] = try tar.readAll(upTo: 1 << 20)
    }
    return files
  }

  private func archive(_ files: [String: [UInt8]], _ options: [String] = []) throws -> [UInt8] {
    for (name, bytes) in files { _ = try folder.write(bytes, to: "in/\(name)") }
    return try run(["tar", "-C", folder.path + "/in", "-cf", "-"] + options + files.keys.sorted())
  }

  @Test(arguments: [1, 7, 512, 1_000, 100_000], [["--format=gnu"], ["--format=ustar"], ["--format=pax"]])
  func `files are read whatever the form and the pieces`(pieces: Int, options: [String]) throws {
    let long = String(repeating: "long/", count: 20) + "name"
    let contents: [String: [UInt8]] = [
      "TIMESTAMP": Array("now\n".utf8), "mbdump/empty": [], "mbdump/skipped": Array(repeating: 1, count: 5_000),
      "mbdump/table": Array(repeating: 65, count: 1_024), long: [1, 2, 3],
    ]
    var expected = contents
    expected["mbdump/skipped"] = nil
    #expect(try files(try archive(contents, options), pieces: pieces) == expected)
  }

  @Test func `an archive that ends in the middle, or has nonsense for a header, is refused`() throws {
    let bytes = try archive(["a": Array(repeating: 7, count: 3_000), "b": [1]])
    for length in [100, 512, 1_000, 3_600] {
      #expect(throws: DumpError.self) { try files(Array(bytes[..<length]), pieces: 300) }
    }
    var wrong = bytes
    wrong[3] = 9
    #expect(throws: DumpError.self) { try files(wrong, pieces: 300) }
  }
}
