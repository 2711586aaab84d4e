internal import Core
internal import Glibc

/// A row in PostgreSQL's COPY text format: fields with tabs between them, `\N` for null, backslashes before what would be
/// taken for something else.
///
/// Its bytes are there only while it is being read.
struct CopyRow {
  let table: DumpTable
  /// From 1 on.
  let line: Int
  private let bytes: UnsafeRawBufferPointer
  /// Where each field begins, and where one behind the last would.
  private let starts: UnsafeMutableBufferPointer<Int>

  /// - Parameter starts: room for one more than the table has columns.
  init(
    _ bytes: UnsafeRawBufferPointer, of table: DumpTable, line: Int, _ starts: UnsafeMutableBufferPointer<Int>
  ) throws(DumpError) {
    self.table = table
    self.line = line
    self.bytes = bytes
    self.starts = starts
    var (count, position) = (0, 0)
    starts[0] = 0
    while let base = bytes.baseAddress, position < bytes.count,
      let tab = memchr(base + position, Int32(UInt8(ascii: "\t")), bytes.count - position)
    {
      count += 1
      position = base.distance(to: UnsafeRawPointer(tab)) + 1
      guard count < table.columns else { break }
      starts[count] = position
    }
    guard count == table.columns - 1 else {
      throw failure(
        "has \(count < table.columns ? "\(count + 1)" : "more than \(table.columns)") columns, not \(table.columns)")
    }
    starts[table.columns] = bytes.count + 1
    // Within a text it would be `\r`.
    guard bytes.last != UInt8(ascii: "\r") else { throw failure("ends with a carriage return") }
  }

  /// Looks whether each column holds what is to be in it, also those that are not read: columns that changed their places
  /// are noticed.
  func checkForm() throws(DumpError) {
    for (column, form) in table.form.enumerated() where !isNull(column) {
      switch form {
      case .text: break
      case .int: _ = try int(column)
      case .long: _ = try long(column)
      case .id: _ = try id(column)
      case .bool: _ = try bool(column)
      case .time:
        let field = field(column)
        guard field.count >= 19, field[4] == UInt8(ascii: "-"), field[13] == UInt8(ascii: ":") else {
          throw failure("column \(column + 1) is no time")
        }
      case .presence:
        guard isEqual(column, "absent") || isEqual(column, "present") || isEqual(column, "darkened") else {
          throw failure("column \(column + 1) does not tell whether there is cover art")
        }
      }
    }
  }

  /// What is wrong with it, and where it is.
  func failure(_ what: String) -> DumpError {
    DumpError(.contradictory, "\(table.archive), table \(table.name), line \(line): \(what)")
  }

  private func field(_ column: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[starts[column]..<starts[column + 1] - 1])
  }

  func isNull(_ column: Int) -> Bool {
    let field = field(column)
    return field.count == 2 && field[0] == UInt8(ascii: "\\") && field[1] == UInt8(ascii: "N")
  }

  func int(_ column: Int) throws(DumpError) -> Int {
    guard let value = try optionalInt(column) else { throw failure("column \(column + 1) is null") }
    return value
  }

  /// A number of 32 bits, but not the lowest: scratch files have that for null.
  func optionalInt(_ column: Int) throws(DumpError) -> Int? {
    guard let value = try optionalLong(column) else { return nil }
    guard abs(value) <= Int(Int32.max) else { throw failure("column \(column + 1) is a number beyond all others") }
    return value
  }

  /// A number of 64 bits.
  func long(_ column: Int) throws(DumpError) -> Int {
    guard let value = try optionalLong(column) else { throw failure("column \(column + 1) is null") }
    return value
  }

  private func optionalLong(_ column: Int) throws(DumpError) -> Int? {
    let field = field(column)
    var value = 0
    let isNegative = field.first == UInt8(ascii: "-")
    let digits = isNegative ? field[1...] : field[...]
    guard !digits.isEmpty, digits.count <= 18 else {
      if isNull(column) { return nil }
      throw failure("column \(column + 1) is no number")
    }
    for byte in digits {
      guard byte >= 48, byte <= 57 else {
        if isNull(column) { return nil }
        throw failure("column \(column + 1) is no number")
      }
      value = value * 10 + Int(byte - 48)
    }
    return isNegative ? -value : value
  }

  /// The key of a row, which is below 2^31 and above 0.
  func key(_ column: Int) throws(DumpError) -> Int {
    let value = try int(column)
    guard value > 0, value <= Int(Int32.max) else { throw failure("column \(column + 1) is no key") }
    return value
  }

  func optionalKey(_ column: Int) throws(DumpError) -> Int? { isNull(column) ? nil : try key(column) }

  func id(_ column: Int) throws(DumpError) -> MBID {
    let field = field(column)
    let id = field.withMemoryRebound(to: UInt8.self) { $0.count == 36 ? MBID(utf8: $0) : nil }
    guard let id else { throw failure("column \(column + 1) is no UUID") }
    return id
  }

  func bool(_ column: Int) throws(DumpError) -> Bool {
    let field = field(column)
    guard field.count == 1, field[0] == UInt8(ascii: "t") || field[0] == UInt8(ascii: "f") else {
      throw failure("column \(column + 1) is neither true nor false")
    }
    return field[0] == UInt8(ascii: "t")
  }

  func text(_ column: Int) throws(DumpError) -> String {
    var bytes: [UInt8] = []
    try appendText(column, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  func optionalText(_ column: Int) throws(DumpError) -> String? { isNull(column) ? nil : try text(column) }

  /// Whether a field without anything to unescape is this text.
  func isEqual(_ column: Int, _ text: StaticString) -> Bool {
    let field = field(column)
    return field.count == text.utf8CodeUnitCount
      && field.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  func hasPrefix(_ column: Int, _ text: StaticString) -> Bool {
    field(column).prefix(text.utf8CodeUnitCount).elementsEqual(
      UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends the text of a field, which is not null.
  func appendText(_ column: Int, to output: inout [UInt8]) throws(DumpError) {
    let field = field(column)
    guard !isNull(column) else { throw failure("column \(column + 1) is null") }
    let start = output.count
    if let base = field.baseAddress, memchr(base, Int32(UInt8(ascii: "\\")), field.count) != nil {
      try unescape(field, column, to: &output)
    } else {
      output.append(contentsOf: field)
    }
    var high: UInt8 = 0
    var isNUL: UInt8 = 0
    for index in start..<output.count {
      high |= output[index]
      isNUL |= output[index] == 0 ? 1 : 0
    }
    guard isNUL == 0 else { throw failure("column \(column + 1) holds a NUL, which PostgreSQL does not store") }
    guard high & 0x80 == 0 || String(validating: output[start...], as: UTF8.self) != nil else {
      throw failure("column \(column + 1) is not UTF-8")
    }
  }

  private func unescape(
    _ field: UnsafeRawBufferPointer, _ column: Int, to output: inout [UInt8]
  ) throws(DumpError) {
    var index = 0
    while index < field.count {
      let byte = field[index]
      index += 1
      guard byte == UInt8(ascii: "\\") else {
        output.append(byte)
        continue
      }
      guard index < field.count else { throw failure("column \(column + 1) ends with a backslash") }
      switch field[index] {
      case UInt8(ascii: "b"): output.append(8)
      case UInt8(ascii: "f"): output.append(12)
      case UInt8(ascii: "n"): output.append(10)
      case UInt8(ascii: "r"): output.append(13)
      case UInt8(ascii: "t"): output.append(9)
      case UInt8(ascii: "v"): output.append(11)
      case UInt8(ascii: "\\"): output.append(UInt8(ascii: "\\"))
      // COPY reads others, and writes none.
      default: throw failure("column \(column + 1) has a backslash before what needs none")
      }
      index += 1
    }
  }
}

/// Cuts the contents of a table into rows.
struct CopyRows {
  private let table: DumpTable
  private var rest: [UInt8] = []
  private(set) var count = 0
  private static let longestLine = 16 << 20
  private static let checkedRows = 1_000
  private let starts: UnsafeMutableBufferPointer<Int>

  typealias Body = (CopyRow) throws(DumpError) -> Void

  init(_ table: DumpTable) {
    self.table = table
    starts = .allocate(capacity: table.columns + 2)
  }

  /// Frees what it has allocated. Nothing can be read after it.
  mutating func release() { starts.deallocate() }

  mutating func add(_ bytes: ArraySlice<UInt8>, _ body: Body) throws(DumpError) {
    var failure: DumpError?
    bytes.withUnsafeBytes { bytes in
      do throws(DumpError) {
        try add(bytes, body)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer, _ body: Body) throws(DumpError) {
    var position = 0
    if !rest.isEmpty {
      guard let end = CopyRows.lineEnd(in: bytes, from: 0) else {
        return try keep(bytes)
      }
      rest.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
      let whole = rest
      rest.removeAll(keepingCapacity: true)
      try whole.withBytes { line throws(DumpError) in try take(line, body) }
      position = end + 1
    }
    while let end = CopyRows.lineEnd(in: bytes, from: position) {
      try take(UnsafeRawBufferPointer(rebasing: bytes[position..<end]), body)
      position = end + 1
    }
    try keep(UnsafeRawBufferPointer(rebasing: bytes[position...]))
  }

  private mutating func keep(_ bytes: UnsafeRawBufferPointer) throws(DumpError) {
    guard rest.count + bytes.count <= CopyRows.longestLine else {
      throw DumpError(.damaged, "\(table.archive), table \(table.name), line \(count + 1): is too long")
    }
    rest.append(contentsOf: bytes)
  }

  /// The contents have ended.
  mutating func finish() throws(DumpError) {
    guard rest.isEmpty else {
      throw DumpError(.damaged, "\(table.archive), table \(table.name): ends in the middle of line \(count + 1)")
    }
  }

  private mutating func take(_ line: UnsafeRawBufferPointer, _ body: Body) throws(DumpError) {
    count += 1
    let row = try CopyRow(line, of: table, line: count, starts)
    // Where columns are not in their places, they are in no row.
    if count <= CopyRows.checkedRows || count % CopyRows.checkedRows == 0 { try row.checkForm() }
    try body(row)
  }

  private static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count,
      let end = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
    else { return nil }
    return base.distance(to: UnsafeRawPointer(end))
  }
}
