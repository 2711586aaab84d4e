internal import Core
internal import Glibc
internal import Logging
internal import SQLite

/// Keeping the file within its limits, and going on where the disk is full.
extension StoreFile {
  /// A file that is there to be deleted when the disk is full: to delete rows and to shorten the log take room
  /// themselves.
  var ballastPath: String { options.path + "-ballast" }
  static let ballastBytes: Int64 = 8 << 20

  private static let rowsAtOnce: Int64 = 50
  private static let careNanoseconds: UInt64 = 60_000_000_000

  /// How many bytes are in use in the file.
  func bytesInUse(_ connection: SQLiteConnection) throws(SQLiteFailure) -> Int64 {
    let pages = try connection.int(StoreStatement.pages) ?? 0
    let free = try connection.int(StoreStatement.freePages) ?? 0
    let (bytes, overflow) = max(0, pages - free).multipliedReportingOverflow(
      by: try connection.int(StoreStatement.pageSize) ?? 4_096)
    return overflow ? .max : bytes
  }

  /// Deletes up to 50 documents, the least recently used first.
  ///
  /// - Returns: whether there were any.
  private func evict(_ connection: SQLiteConnection) throws(SQLiteFailure) -> Bool {
    try connection.writing { () throws(SQLiteFailure) in
      try connection.run(
        StoreStatement.evictRevoked, [.int(StoreFile.rowsAtOnce), .int(options.clock.wall().seconds)])
      let marked = connection.changes
      try connection.run(StoreStatement.evict, [.int(StoreFile.rowsAtOnce)])
      return marked + connection.changes > 0
    }
  }

  /// Deletes what was used least recently until no more than `bytes` are in use, or somebody waits.
  func evict(to bytes: Int64, _ connection: SQLiteConnection, until isStopped: () -> Bool) throws(SQLiteFailure) {
    while try bytesInUse(connection) > bytes, !isStopped() {
      guard try evict(connection) else { return }
    }
  }

  // MARK: - A full disk

  /// Gives up the ballast, and documents: in the room that they had others are stored, and the file need not grow.
  ///
  /// - Returns: whether it is worth trying again.
  func makeRoom() -> Bool {
    guard let connection, access == .readWrite, unlink(ballastPath) == 0 else { return false }
    logger.warning("\(StoreFile.name): the disk is full; its ballast was deleted, and it does not grow any more")
    do throws(SQLiteFailure) {
      let used = try bytesInUse(connection)
      ceiling = used - used / 20
      let deadline = Deadline.after(milliseconds: 200)
      try evict(to: ceiling ?? used, connection) { deadline.hasPassed }
      try connection.run(StoreStatement.truncateLog)
      return true
    } catch {
      return false
    }
  }

  /// How many bytes of the disk others may still take; nil when that cannot be told.
  var freeBytes: Int64? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    return Int64(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
  }

  /// Puts the ballast beside the file where there is plenty of room.
  private func takeBallast() {
    guard access == .readWrite, let free = freeBytes, free > 8 * StoreFile.ballastBytes else { return }
    ceiling = nil
    guard FileIdentity(ballastPath)?.size ?? 0 < StoreFile.ballastBytes else { return }
    let file = FileNames.openOrMake(ballastPath)
    guard file >= 0 else { return }
    if posix_fallocate(file, 0, off_t(StoreFile.ballastBytes)) != 0 { unlink(ballastPath) }
    Glibc.close(file)
  }

  // MARK: - A long log

  /// While somebody reads, the log cannot be written into the file and grows with every write. Beyond this length
  /// nothing is written until it can.
  private var longestLog: Int64 { max(64 << 20, options.maximumBytes / 8) }

  func keepLogShort(_ connection: SQLiteConnection) throws(StoreProblem) {
    guard watch?.logBytes ?? 0 > longestLog else { return }
    var isBlocked = false
    connection.wait(milliseconds: 20)
    defer { wait(connection) }
    try known { () throws(SQLiteFailure) in
      try connection.run(StoreStatement.truncateLog) { row in isBlocked = row.int(0) != 0 }
    }
    if isBlocked { throw .logTooLong }
  }

  // MARK: - Care

  /// Whether something was written, or it is time to look after the file.
  var needsCare: Bool {
    isWritable && (hasWritten || Deadline.monotonicNanoseconds() >= lastCare + StoreFile.careNanoseconds)
  }

  /// Deletes what there is too much of.
  func care(whileNobodyWaits isSomebodyWaiting: () -> Bool) {
    guard needsCare, let connection, access == .readWrite else { return }
    let now = Deadline.monotonicNanoseconds()
    let isDue = now >= lastCare + StoreFile.careNanoseconds
    hasWritten = false
    let deadline = Deadline.after(milliseconds: 250, awaited: false)
    let isStopped = { deadline.hasPassed || isSomebodyWaiting() }
    if isDue {
      lastCare = now
      takeBallast()
      _ = try? write { connection throws(SQLiteFailure) in
        let now = self.clock.wall().seconds
        try connection.run(
          StoreStatement.outlived,
          [.int(now - SQLiteDurableTier.markSeconds), .int(now - SQLiteDurableTier.goneSeconds)])
        try connection.run(
          StoreStatement.noteOutlived, [.int(now), .int(self.clock.boot), .int(self.clock.sinceBoot())])
      }
      hasWritten = false
    }
    let limit = min(options.maximumBytes, ceiling ?? .max)
    do throws(SQLiteFailure) {
      guard try bytesInUse(connection) > limit else { return try shrink(connection) }
      try evict(to: limit - limit / 50, connection, until: isStopped)
      // There may be more to do after the next answer.
      hasWritten = true
    } catch {
      logger.warning("\(StoreFile.name): no room can be made", metadata: ["reason": "\(error)"])
    }
  }

  /// Gives the disk back what a file has that was once allowed to be larger.
  private func shrink(_ connection: SQLiteConnection) throws(SQLiteFailure) {
    guard let size = watch?.fileBytes, size > options.maximumBytes + options.maximumBytes / 8 else { return }
    try connection.execute("PRAGMA incremental_vacuum(1000)")
  }
}
