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

  private func failure(_ bytes: [UInt8]) -> String? {
    #expect(throws: DumpError.self) { try files(bytes, pieces: 300) }?.description
  }

  private static let middle = "test.tar ends in the middle: it was not downloaded to the end"
  private static let behind = "test.tar is damaged: there is something behind its end"

  @Test func `an archive that ends in the middle, or has nonsense for a header, is refused`() throws {
    let bytes = try archive(["a": Array(repeating: 7, count: 3_000), "b": [1]])
    #expect(failure([]) == TarTests.middle)
    // 512 and 3,072 bytes of the first file, 512 and 512 of the second.
    for length in [100, 512, 1_000, 3_600, 4_096, 4_097] {
      #expect(failure(Array(bytes[..<length])) == TarTests.middle)
    }
    var wrong = bytes
    wrong[3] = 9
    #expect(failure(wrong) == "test.tar is damaged: no header where one must be")
  }

  @Test func `an archive without both blocks of its end is refused, and one with more of them is not`() throws {
    let whole = try archive(["a": [1]])
    let files = Array(whole[..<1_024])
    #expect(failure(files) == TarTests.middle)
    #expect(failure(files + zeros(512)) == TarTests.middle)
    #expect(failure(files + zeros(1_000)) == TarTests.middle)
    for length in [1_024, 1_025, 20_480] { #expect(try self.files(files + zeros(length), pieces: 300) == ["a": [1]]) }
  }

  private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  @Test func `what is behind the end of an archive is refused`() throws {
    let whole = try archive(["a": [1]])
    #expect(failure(whole + [1]) == TarTests.behind)
    #expect(failure(whole + whole) == TarTests.behind)
    // Between both blocks of the end.
    #expect(failure(whole[..<1_024] + zeros(512) + whole) == TarTests.behind)
    #expect(failure(whole[..<1_024] + zeros(1_030) + [7] + zeros(30)) == TarTests.behind)
  }

  @Test func `links, and files with holes, are not taken for files without contents`() throws {
    _ = try archive(["a": [1]])
    try run(["ln", "-s", "a", folder.path + "/in/b"])
    let link = try run(["tar", "-C", folder.path + "/in", "-cf", "-", "a", "b"])
    #expect(failure(link) == "test.tar is damaged: there is something in it that is no file")
    try run(["truncate", "-s", "1M", folder.path + "/in/hole"])
    for format in ["gnu", "posix"] {
      let sparse = try run(["tar", "-C", folder.path + "/in", "-S", "-H", format, "-cf", "-", "hole"])
      #expect(failure(sparse)?.hasPrefix("test.tar is damaged: ") == true)
    }
    try run(["mkdir", folder.path + "/in/folder"])
    let directory = try run(["tar", "-C", folder.path + "/in", "-cf", "-", "folder", "a"])
    #expect(try files(directory, pieces: 300) == ["folder/": [], "a": [1]])
  }

  @Test func `lengths in the forms of GNU tar and pax are read, and those that no file has are refused`() throws {
    let whole = try archive(["a": [1, 2, 3]])
    func changed(_ field: [UInt8]) -> [UInt8] {
      var bytes = whole
      bytes.replaceSubrange(124..<136, with: field)
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(bytes[$1])) }
      let octal = String(sum, radix: 8)
      bytes.replaceSubrange(
        148..<156, with: Array((String(repeating: "0", count: 6 - octal.count) + octal).utf8) + [0, 32])
      return bytes
    }
    #expect(try files(changed([0x80] + zeros(10) + [3]), pieces: 300) == ["a": [1, 2, 3]])
    let lengths: [[UInt8]] = [
      [0x80, 0, 0, 0, 0x7f] + [UInt8](repeating: 0xff, count: 7), [UInt8](repeating: 0xff, count: 12),
      [0x80] + [UInt8](repeating: 0xff, count: 11), Array("            ".utf8),
    ]
    for length in lengths { #expect(failure(changed(length)) == "test.tar is damaged: a length cannot be read") }
    #expect(failure(changed(Array("77777777777 ".utf8))) == TarTests.middle)

    func pax(_ record: String) throws -> [UInt8] {
      let header = try archive([record: Array(record.utf8)], ["--format=ustar"])
      var bytes = Array(header[..<1_024])
      bytes[156] = UInt8(ascii: "x")
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(bytes[$1])) }
      let octal = String(sum, radix: 8)
      bytes.replaceSubrange(
        148..<156, with: Array((String(repeating: "0", count: 6 - octal.count) + octal).utf8) + [0, 32])
      return bytes + whole
    }
    #expect(try files(pax("9 size=1\n"), pieces: 300)["a"] == [1])
    #expect(try files(pax("10 path=b\n"), pieces: 300) == ["b": [1, 2, 3]])
    for record in ["9 size=x\n", "10 size=-1\n", "99 size=1\n", "8 size=1\n", "size=1\n", "9 size 1\n"] {
      #expect(failure(try pax(record))?.hasPrefix("test.tar is damaged: ") == true, "\(record)")
    }
  }
}
