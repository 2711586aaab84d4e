internal import CSQLite
public import Core
internal import Glibc

/// A connection to a database file. It keeps the statements that it has prepared, and closes when it goes away.
public final class SQLiteConnection {
  public enum Access: Sendable {
    case readWrite
    case readOnly
    /// Without any lock, for a file that nobody can write to. A log beside it would be passed over.
    case immutable
  }

  private let handle: OpaquePointer
  private let busy = BusyWait()
  private var prepared: [ObjectIdentifier: OpaquePointer] = [:]
  /// They live as long as the keys above, which are their addresses.
  private var statements: [SQLiteStatement] = []
  private var isClosed = false

  /// Opens a file that exists.
  ///
  /// - Parameter path: an absolute one.
  public init(path: String, _ access: Access = .readWrite) throws(SQLiteFailure) {
    var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    var name = path
    switch access {
    case .readWrite: flags |= SQLITE_OPEN_READWRITE
    case .readOnly: flags |= SQLITE_OPEN_READONLY
    case .immutable:
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      name = "file:\(SQLiteConnection.escaped(path))?immutable=1"
    }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(name, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      // "Whether or not an error occurs when it is opened, resources should be released by sqlite3_close()."
      let failure = SQLiteFailure(code: code, systemError: opened.map { sqlite3_system_errno($0) } ?? 0)
      sqlite3_close_v2(opened)
      throw failure
    }
    handle = opened
    // A schema that somebody else has written must not run functions that write.
    linernotes_configure(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
    linernotes_configure(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    // The handler lives as long as the connection, which outlives every call of SQLite.
    sqlite3_busy_handler(
      handle,
      { context, attempt in
        guard let context else { return 0 }
        return Unmanaged<BusyWait>.fromOpaque(context).takeUnretainedValue().wait(attempt: attempt) ? 1 : 0
      }, Unmanaged.passUnretained(busy).toOpaque())
  }

  deinit { close() }

  /// Closes it now. The last of all connections writes the log into the file and removes it.
  ///
  /// - Parameter leavingLog: leaves the log where it is. For when the files beside the database are not what they were:
  ///   to read a part of a mapped file that is gone would end the process (SIGBUS).
  public func close(leavingLog: Bool = false) {
    guard !isClosed else { return }
    isClosed = true
    if leavingLog { linernotes_configure(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1) }
    for statement in prepared.values { sqlite3_finalize(statement) }
    prepared = [:]
    sqlite3_close_v2(handle)
  }

  /// For how long to wait for a lock, in milliseconds, and what ends the wait earlier.
  public func wait(milliseconds: Int, _ pulse: Pulse? = nil) {
    busy.tell(milliseconds: milliseconds, pulse)
  }

  /// How many rows the last INSERT, UPDATE or DELETE has changed.
  public var changes: Int { isClosed ? 0 : Int(sqlite3_changes(handle)) }

  // MARK: - Statements

  /// Runs a statement and hands out its rows.
  public func run(
    _ statement: SQLiteStatement, _ values: [SQLiteValue] = [],
    _ each: (borrowing SQLiteRow) throws(SQLiteFailure) -> Void = { _ in }
  ) throws(SQLiteFailure) {
    let prepared = try prepare(statement)
    defer {
      sqlite3_reset(prepared)
      sqlite3_clear_bindings(prepared)
    }
    for (index, value) in values.enumerated() { try bind(value, Int32(index + 1), prepared) }
    while true {
      let code = sqlite3_step(prepared)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw failure(code) }
      try each(SQLiteRow(statement: prepared))
    }
  }

  /// The first column of the first row; nil when there is none.
  public func int(_ statement: SQLiteStatement, _ values: [SQLiteValue] = []) throws(SQLiteFailure) -> Int64? {
    var answer: Int64?
    try run(statement, values) { row throws(SQLiteFailure) in if answer == nil, !row.isNull(0) { answer = row.int(0) } }
    return answer
  }

  /// Runs several statements that answer nothing and are needed once.
  public func execute(_ script: String) throws(SQLiteFailure) {
    guard !isClosed else { throw closed }
    let code = sqlite3_exec(handle, script, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  private func prepare(_ statement: SQLiteStatement) throws(SQLiteFailure) -> OpaquePointer {
    guard !isClosed else { throw closed }
    if let known = prepared[ObjectIdentifier(statement)] { return known }
    var made: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, statement.sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
    guard code == SQLITE_OK, let made else { throw failure(code) }
    prepared[ObjectIdentifier(statement)] = made
    statements.append(statement)
    return made
  }

  private func bind(_ value: SQLiteValue, _ place: Int32, _ statement: OpaquePointer) throws(SQLiteFailure) {
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(statement, place)
    case .int(let value): code = sqlite3_bind_int64(statement, place, value)
    case .text(let text):
      var text = text
      code = text.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) {
          linernotes_bind_text(statement, place, $0.baseAddress, UInt64($0.count))
        }
      }
    case .blob(let bytes):
      // A null pointer would be bound as null; an empty array may have one.
      code =
        bytes.isEmpty
        ? sqlite3_bind_zeroblob(statement, place, 0)
        : bytes.withUnsafeBytes { linernotes_bind_blob(statement, place, $0.baseAddress, UInt64($0.count)) }
    case .id(let id):
      code = withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) {
        linernotes_bind_blob(statement, place, $0.baseAddress, 16)
      }
    }
    guard code == SQLITE_OK else { throw failure(code) }
  }

  private func failure(_ code: Int32) -> SQLiteFailure {
    // A busy handler that gives up because somebody waits says "busy".
    if code & 0xff == SQLITE_BUSY, busy.pulse?.hasStopped ?? false { return SQLiteFailure(.stopped, code: code) }
    return SQLiteFailure(code: code, systemError: sqlite3_system_errno(handle))
  }

  private var closed: SQLiteFailure { SQLiteFailure(.cannotOpen, code: SQLITE_MISUSE) }

  private static func escaped(_ path: String) -> String {
    // https://www.sqlite.org/uri.html: these end the path or stand for other bytes.
    path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
  }

  // MARK: - Transactions

  private static let begin = SQLiteStatement("BEGIN")
  private static let beginImmediate = SQLiteStatement("BEGIN IMMEDIATE")
  private static let commit = SQLiteStatement("COMMIT")
  private static let rollback = SQLiteStatement("ROLLBACK")

  /// Runs `work`, whose reads all see the same moment.
  public func reading<Answer>(_ work: () throws(SQLiteFailure) -> Answer) throws(SQLiteFailure) -> Answer {
    try transaction(SQLiteConnection.begin, work)
  }

  /// Runs `work` while no other process writes. Nothing that it wrote stays if it throws.
  public func writing<Answer>(_ work: () throws(SQLiteFailure) -> Answer) throws(SQLiteFailure) -> Answer {
    try transaction(SQLiteConnection.beginImmediate, work)
  }

  private func transaction<Answer>(
    _ begin: SQLiteStatement, _ work: () throws(SQLiteFailure) -> Answer
  ) throws(SQLiteFailure) -> Answer {
    try run(begin)
    do throws(SQLiteFailure) {
      let answer = try work()
      try run(SQLiteConnection.commit)
      return answer
    } catch {
      // After some errors SQLite has rolled back already.
      if !isClosed, sqlite3_get_autocommit(handle) == 0 { try? run(SQLiteConnection.rollback) }
      throw error
    }
  }
}
