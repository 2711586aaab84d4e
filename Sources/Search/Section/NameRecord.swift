internal import Core

/// A name as the writer keeps it until it is a row.
struct NameRecord {
  var form: UInt8
  var key: UnsafeRawBufferPointer
  var name: UnsafeRawBufferPointer
  var words: UnsafeRawBufferPointer

  /// A credit of more bytes is cut.
  static let longestText = 4_000

  static func append(_ entry: NameEntries.Entry, words: String, to record: inout [UInt8]) {
    record.append(UInt8(entry.form.rawValue))
    record.append(text: entry.key.utf8)
    record.append(text: entry.name.utf8)
    record.append(text: words.utf8)
  }

  /// - Returns: nil at the end.
  init?(_ reader: inout RecordReader) {
    guard let form = reader.rest.first else { return nil }
    _ = reader.take(1)
    self.form = form
    key = reader.text()
    name = reader.text()
    words = reader.text()
  }
}

/// Reads what the writer has written into a record.
struct RecordReader {
  private(set) var rest: UnsafeRawBufferPointer

  init(_ record: UnsafeRawBufferPointer) { rest = record }

  mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
    let count = min(max(count, 0), rest.count)
    defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
    return UnsafeRawBufferPointer(rebasing: rest[..<count])
  }

  /// A sortable number of so many bytes.
  mutating func number(_ count: Int) -> Int { take(count).reduce(0) { $0 << 8 | Int($1) } }

  mutating func text() -> UnsafeRawBufferPointer {
    var cursor = SectionCursor(SectionBytes(rest), at: 0)
    let count = cursor.number() ?? 0
    _ = take(cursor.position)
    return take(count)
  }
}
