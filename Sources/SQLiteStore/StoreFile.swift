internal import Cache
public import Core
internal import Glibc
public import Logging
public import SQLite

/// The one file that the tiers, and whatever else the processes of a pool share, are kept in. It opens the file when it
/// is first needed, lays it out where it is missing, and finds out what has become of it.
///
/// Everything here may fail at any time, and costs nothing but itself then.
public final class StoreFile {
  public struct Options {
    /// An absolute path. What is beside it begins with the same name.
    public var path: String
    /// How many bytes may be in use in it.
    public var maximumBytes: Int64
    /// How long a client waits for a lock, in milliseconds.
    public var awaitedMilliseconds: Int
    /// The file must not be in this directory: a web server hands out what is in there.
    public var documentRoot: String?
    public var clock: StoreClock
    public var fileSystem: (_ directory: String) -> FileSystemKind
    /// Whether a lock in this directory keeps another process out; it is asked on a network file system only.
    public var locksWork: (_ directory: String) -> Bool

    public init(
      path: String, maximumBytes: Int64 = 2 << 30, awaitedMilliseconds: Int = 5_000, documentRoot: String? = nil,
      clock: StoreClock = .machine, fileSystem: @escaping (String) -> FileSystemKind = FileSystemKind.of,
      locksWork: @escaping (String) -> Bool = { _ in true }
    ) {
      self.path = path
      self.maximumBytes = maximumBytes
      self.awaitedMilliseconds = awaitedMilliseconds
      self.documentRoot = documentRoot
      self.clock = clock
      self.fileSystem = fileSystem
      self.locksWork = locksWork
    }
  }

  let options: Options
  let logger: Logger
  var clock: StoreClock
  /// Stops what nobody waits for, as soon as somebody comes; nil while somebody waits.
  public var pulse: Pulse? {
    didSet { if let connection { wait(connection) } }
  }

  /// How long a lock is waited for at most, in milliseconds, while somebody has little time; nil: nobody is in a hurry.
  var hurry: Int? {
    didSet { if let connection { wait(connection) } }
  }

  var connection: SQLiteConnection?
  var access = SQLiteConnection.Access.readWrite
  var watch: StoreWatch?
  /// Which file was opened, or was to be.
  var identity: FileIdentity?
  /// How often the file has been opened: what is known of its rows holds for one time.
  var generation = 0
  /// Why the file is not used, or not written to; nil while all is well.
  public internal(set) var problem: StoreProblem?
  /// How much may be in use while the disk is full; nil while it is not.
  var ceiling: Int64?
  /// Whether something was written since the last look whether there is too much.
  var hasWritten = false
  var lastCare: UInt64 = 0
  var reading = Backoff(shortestMilliseconds: 200, longestMilliseconds: 5_000)
  var writing = Backoff(shortestMilliseconds: 200, longestMilliseconds: 5_000)

  /// How long work that nobody waits for waits for a lock, in milliseconds.
  private static let patientMilliseconds = 15_000
  /// How long the log may stay after it has been written into the file.
  static let journalBytes = 4 << 20

  public init(_ options: Options, logger: Logger) {
    self.options = options
    self.logger = logger
    clock = options.clock
  }

  deinit { close() }

  /// Whether it is worth asking now.
  public var isReadable: Bool { reading.isOpen() }
  /// Whether it is worth writing to now.
  public var isWritable: Bool { reading.isOpen() && writing.isOpen() }

  public var isOpen: Bool { connection != nil }

  public func close() {
    connection?.close(leavingLog: watch.map { !$0.isWhole } ?? false)
    connection = nil
    watch = nil
  }

  // MARK: - Asking

  /// Runs `work`, which only reads. Several statements of it need ``SQLiteConnection/reading(_:)`` to see one moment.
  public func read<Answer>(
    _ work: (SQLiteConnection) throws(SQLiteFailure) -> Answer
  ) throws(SourceError) -> Answer {
    guard isReadable else { throw leftAlone }
    do throws(StoreProblem) {
      let connection = try opened(thoroughly: false)
      return try known { () throws(SQLiteFailure) in try work(connection) }
    } catch {
      note(error)
      throw error.sourceError
    }
  }

  /// Runs `work` in a transaction that begins with the lock for writing.
  public func write<Answer>(
    _ work: (SQLiteConnection) throws(SQLiteFailure) -> Answer
  ) throws(SourceError) -> Answer {
    guard isWritable else { throw leftAlone }
    do throws(StoreProblem) {
      let answer = try writeOnce(work)
      wroteWell()
      return answer
    } catch {
      guard note(error), let answer = try? writeOnce(work) else { throw error.sourceError }
      wroteWell()
      return answer
    }
  }

  /// Runs `work`, which makes its own transactions.
  func maintain(_ work: (SQLiteConnection) throws(SQLiteFailure) -> Void) throws(SourceError) {
    do throws(StoreProblem) {
      let connection = try opened(thoroughly: true)
      guard access == .readWrite else { throw .readOnly }
      try known { () throws(SQLiteFailure) in try work(connection) }
    } catch {
      note(error)
      throw error.sourceError
    }
  }

  private func writeOnce<Answer>(
    _ work: (SQLiteConnection) throws(SQLiteFailure) -> Answer
  ) throws(StoreProblem) -> Answer {
    let connection = try opened(thoroughly: true)
    guard access == .readWrite else { throw .readOnly }
    try keepLogShort(connection)
    hasWritten = true
    return try known { () throws(SQLiteFailure) in
      try connection.writing { () throws(SQLiteFailure) in try work(connection) }
    }
  }

  func known<Answer>(_ work: () throws(SQLiteFailure) -> Answer) throws(StoreProblem) -> Answer {
    do throws(SQLiteFailure) { return try work() } catch { throw .failed(error) }
  }

  private var leftAlone: SourceError {
    SourceError(.unavailable, "\(StoreFile.name) is left alone" + (problem.map { ": \($0)" } ?? ""))
  }

  static let name = "SQLite store"

  /// The connection, after a look whether the file is still the one that it was opened for.
  private func opened(thoroughly: Bool) throws(StoreProblem) -> SQLiteConnection {
    if let connection, let watch {
      switch watch.look(thoroughly: thoroughly) {
      case .same:
        wait(connection)
        return connection
      case .other:
        logger.notice("\(StoreFile.name): the file was replaced, removed or cut off, and is opened anew")
        close()
        if watch.isReplaced { removeLog(of: watch) }
      }
    }
    return try open()
  }

  func wait(_ connection: SQLiteConnection) {
    let awaited = min(options.awaitedMilliseconds, hurry ?? .max)
    connection.wait(milliseconds: pulse == nil ? awaited : StoreFile.patientMilliseconds, pulse)
  }

  private func wroteWell() {
    reading.succeeded()
    writing.succeeded()
    if let problem {
      logger.notice("\(StoreFile.name): works again", metadata: ["after": "\(problem)"])
      self.problem = nil
    }
  }

  /// Does what can be done about a failure.
  ///
  /// - Returns: whether it is worth trying once more.
  @discardableResult
  private func note(_ failure: StoreProblem) -> Bool {
    if case .failed(let reason) = failure {
      switch reason.kind {
      // It says nothing about the file.
      case .stopped: return false
      case .damaged:
        if setAside() { return true }
      case .full:
        remember(failure)
        if makeRoom() { return true }
        writing.failed()
        return false
      case .busy, .readOnly:
        // A file that was replaced is refused to writers, too.
        if reason.kind == .readOnly { close() }
        remember(failure)
        writing.failed()
        return false
      case .cannotOpen, .io, .failed: break
      }
    }
    remember(failure)
    if failure == .readOnly || failure == .logTooLong {
      writing.failed()
      return false
    }
    close()
    reading.failed()
    return false
  }

  func remember(_ failure: StoreProblem) {
    if problem != failure {
      logger.warning("\(StoreFile.name): \(failure)", metadata: ["path": "\(options.path)"])
    }
    problem = failure
  }
}
