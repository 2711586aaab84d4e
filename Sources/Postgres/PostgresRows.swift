public import Core

/// The rows that one query found. They are read where they lie and freed when this goes out of scope.
public struct PostgresRows: ~Copyable {
  private let library: PostgresLibrary
  private let result: OpaquePointer
  public let count: Int

  /// Takes over `result`, which must be one of rows in binary format.
  init(taking result: OpaquePointer, _ library: PostgresLibrary) {
    self.library = library
    self.result = result
    count = Int(library.rowCount(result))
  }

  deinit { library.clear(result) }

  /// Calls `body` with every row; an error ends it.
  public func forEach(_ body: (inout PostgresRow) throws(PostgresFailure) -> Void) throws(PostgresFailure) {
    for index in 0..<Int32(count) {
      var row = PostgresRow(library: library, result: result, index: index)
      try body(&row)
    }
  }
}

/// One row, read column by column from the left; valid only within ``PostgresRows/forEach(_:)``.
public struct PostgresRow: ~Copyable {
  private let library: PostgresLibrary
  private let result: OpaquePointer
  private let index: Int32
  private var column: Int32 = 0

  fileprivate init(library: PostgresLibrary, result: OpaquePointer, index: Int32) {
    self.library = library
    self.result = result
    self.index = index
  }

  public var hasMoreColumns: Bool { column < library.columnCount(result) }

  public mutating func optionalInt() throws(PostgresFailure) -> Int? {
    guard let bytes = next() else { return nil }
    return try PostgresBinary.int(bytes)
  }

  public mutating func optionalText() -> String? {
    guard let bytes = next() else { return nil }
    return PostgresBinary.text(bytes)
  }

  public mutating func optionalUUID() throws(PostgresFailure) -> MBID? {
    guard let bytes = next() else { return nil }
    return try PostgresBinary.uuid(bytes)
  }

  public mutating func int() throws(PostgresFailure) -> Int { try PostgresBinary.int(try nextValue()) }
  public mutating func text() throws(PostgresFailure) -> String { PostgresBinary.text(try nextValue()) }
  public mutating func uuid() throws(PostgresFailure) -> MBID { try PostgresBinary.uuid(try nextValue()) }
  public mutating func bytes() throws(PostgresFailure) -> [UInt8] { Array(try nextValue()) }
  public mutating func optionalBytes() -> [UInt8]? { next().map { Array($0) } }
  public mutating func bool() throws(PostgresFailure) -> Bool { try PostgresBinary.bool(try nextValue()) }

  public mutating func texts() throws(PostgresFailure) -> [String] { try PostgresBinary.texts(try nextValue()) }
  public mutating func ints() throws(PostgresFailure) -> [Int] { try PostgresBinary.ints(try nextValue()) }
  public mutating func uuids() throws(PostgresFailure) -> [MBID] { try PostgresBinary.uuids(try nextValue()) }

  private mutating func nextValue() throws(PostgresFailure) -> UnsafeRawBufferPointer {
    guard let bytes = next() else { throw PostgresFailure(.misunderstood, "a null in the answer") }
    return bytes
  }

  /// The bytes of the next column, nil for null.
  private mutating func next() -> UnsafeRawBufferPointer? {
    defer { column += 1 }
    let length = library.getLength(result, index, column)
    guard length > 0 || library.getIsNull(result, index, column) == 0 else { return nil }
    return UnsafeRawBufferPointer(start: library.getValue(result, index, column), count: Int(length))
  }
}
