import Core
import Testing

@testable import Dumps

@Suite struct CopyRowTests {
  private let table = DumpTable(name: "test", archive: "mbdump.tar.bz2", form: [.text, .text, .text, .text])

  private func rows<Value>(
    _ text: String, pieces: Int = 5, _ read: (CopyRow) throws(DumpError) -> Value
  ) throws -> [Value] {
    var (rows, found) = (CopyRows(table), [Value]())
    defer { rows.release() }
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      try rows.add(bytes[start..<min(start + pieces, bytes.count)]) { row throws(DumpError) in
        found.append(try read(row))
      }
    }
    try rows.finish()
    return found
  }

  @Test(arguments: [1, 2, 3, 7, 1_000]) func `texts are read as COPY writes them`(pieces: Int) throws {
    let text = "1\ta\\tb\\\\c\\nd\t\\N\tt\n2\t\té\u{1F3B5}\tf\n"
    let found = try rows(text, pieces: pieces) { row throws(DumpError) in
      "\(try row.int(0))|\(try row.text(1))|\(try row.optionalText(2) ?? "null")|\(try row.bool(3))"
    }
    #expect(found == ["1|a\tb\\c\nd|null|true", "2||é\u{1F3B5}|false"])
  }

  @Test func `numbers and ids are checked`() throws {
    let id: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
    #expect(
      try rows("-12\t\(id)\t\\N\tx\n") { row throws(DumpError) in (try row.int(0), try row.id(1)) }[0] == (-12, id))
    #expect(try rows("\\N\tx\tx\tx\n") { row throws(DumpError) in try row.optionalInt(0) } == [nil])
    for text in ["", "x", "1x", "\\N", "99999999999999999999", "-", "2147483648", "-2147483648"] {
      #expect(throws: DumpError.self) { try rows("\(text)\t\t\t\n") { row throws(DumpError) in try row.int(0) } }
    }
    for text in ["0", "-1", "2147483648"] {
      #expect(throws: DumpError.self) { try rows("\(text)\t\t\t\n") { row throws(DumpError) in try row.key(0) } }
    }
    for text in ["", "472bc127", "472bc127-8861-45e8-bc9e-31e8dd32de7g", "{472bc127-8861-45e8-bc9e-31e8dd32de7a}"] {
      #expect(throws: DumpError.self) { try rows("\(text)\t\t\t\n") { row throws(DumpError) in try row.id(0) } }
    }
  }

  @Test(arguments: ["1\t2\t3", "1\t2\t3\t4\t5", "", "1"])
  func `a row of another number of columns is told with its place`(row: String) throws {
    let error = #expect(throws: DumpError.self) {
      try rows("1\t2\t3\t4\n\(row)\n") { row throws(DumpError) in try row.int(0) }
    }
    #expect(error?.description.hasPrefix("mbdump.tar.bz2, table test, line 2: has ") == true)
  }

  @Test func `what is not UTF-8 and a line that ends too soon are refused`() throws {
    var rows = CopyRows(table)
    defer { rows.release() }
    #expect(throws: DumpError.self) {
      try rows.add([49, 9, 0xc3, 0x28, 9, 9, 10][...]) { row throws(DumpError) in _ = try row.text(1) }
    }
    #expect(throws: DumpError.self) { try self.rows("1\t2\t3\t4\n5\t6") { row throws(DumpError) in try row.int(0) } }
    #expect(throws: DumpError.self) { try self.rows("1\ta\\\t3\t4\n") { row throws(DumpError) in try row.text(1) } }
  }

  @Test(arguments: [
    ("a\u{0}b", "column 2 holds a NUL, which PostgreSQL does not store"),
    ("\\x41", "column 2 has a backslash before what needs none"),
    ("a\\", "column 2 ends with a backslash"),
    ("\\N", "column 2 is null"),
  ])
  func `a text that COPY does not write is told with its place`(text: String, what: String) throws {
    let error = #expect(throws: DumpError.self) {
      try rows("1\t2\t3\t4\n1\t\(text)\t3\t4\n") { row throws(DumpError) in try row.text(1) }
    }
    #expect(error?.description == "mbdump.tar.bz2, table test, line 2: \(what)")
  }

  @Test(arguments: [
    ("1\t2\t3\t4\r\n", "line 1: ends with a carriage return"), ("1\t2\t3\t4\n\\.\n", "line 2: has 1 columns, not 4"),
  ])
  func `lines as of other systems, and a mark of the end, are refused`(text: String, what: String) throws {
    let error = #expect(throws: DumpError.self) { try rows(text) { row throws(DumpError) in row.line } }
    #expect(error?.description == "mbdump.tar.bz2, table test, \(what)")
  }

  @Test func `a long line is read, and one without an end does not fill the memory`() throws {
    let long = String(repeating: "a", count: 3_000_000)
    #expect(try rows("1\t\(long)\t\t\n", pieces: 1 << 20) { row throws(DumpError) in try row.text(1) } == [long])
    let piece = [UInt8](repeating: 97, count: 1 << 20)
    var rows = CopyRows(table)
    defer { rows.release() }
    let error = #expect(throws: DumpError.self) {
      while rows.count == 0 { try rows.add(piece[...]) { row throws(DumpError) in _ = row.line } }
    }
    #expect(error?.description == "mbdump.tar.bz2, table test, line 1: is too long")
  }

  @Test func `columns that hold something else are noticed, also those that are not read`() throws {
    let table = DumpTable(name: "test", archive: "mbdump.tar.bz2", form: [.int, .id, .bool, .time, .presence, .long])
    let id: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
    let columns = ["-5", "\(id)", "t", "2026-07-24 00:12:34.5+00", "darkened", "40000000000"]
    let nulls = Array(repeating: "\\N", count: columns.count)
    func read(_ columns: [String]) throws {
      var rows = CopyRows(table)
      defer { rows.release() }
      try rows.add(Array((columns.joined(separator: "\t") + "\n").utf8)[...]) { row throws(DumpError) in _ = row.line }
    }
    try read(columns)
    try read(nulls)
    for (left, right) in [(0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (1, 4)] {
      var swapped = columns
      swapped.swapAt(left, right)
      let error = #expect(throws: DumpError.self) { try read(swapped) }
      #expect(error?.description.hasPrefix("mbdump.tar.bz2, table test, line 1: column ") == true)
    }
  }
}
