internal import CSQLite
public import Core

/// One row of an answer, with its columns numbered from 0; valid only while it is handed out.
///
/// A column of another type than is asked for, which only a damaged file has, is read as SQLite converts it.
public struct SQLiteRow: ~Copyable {
  let statement: OpaquePointer

  public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  public func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  public func text(_ column: Int32) -> String { String(decoding: blob(column), as: UTF8.self) }

  public func bytes(_ column: Int32) -> [UInt8] { Array(blob(column)) }

  /// nil when there are not 16 bytes.
  public func id(_ column: Int32) -> MBID? {
    let bytes = blob(column)
    guard bytes.count == 16, let start = bytes.baseAddress else { return nil }
    return MBID(bytes: start)
  }

  private func blob(_ column: Int32) -> UnsafeRawBufferPointer {
    // "The pointers returned are valid until a type conversion occurs", and the length is to be asked for last.
    let start = sqlite3_column_blob(statement, column)
    let count = sqlite3_column_bytes(statement, column)
    return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(count))
  }
}
