public import Core
internal import Documents
internal import Glibc
internal import SQLite

/// What is in the file, for those who look after it.
extension StoreFile {
  public struct Report: Sendable {
    public struct Kind: Sendable {
      public var name: String
      public var documents: Int64
      public var bytes: Int64
      public var stale: Int64
      /// Known to exist, or revoked, and yet to be computed.
      public var awaited: Int64
    }

    public var layout: String
    public var journalMode: String
    public var isOnNetwork: Bool
    public var isReadOnly: Bool
    /// Of the file; of its log; of what of the file is not in use.
    public var bytes: Int64
    public var logBytes: Int64
    public var freeBytes: Int64
    public var limit: Int64
  }

  public var path: String { options.path }
  public var exists: Bool { FileIdentity(options.path) != nil }

  /// What is not as it should be although the store answers; nil when there is nothing.
  public var notice: String? {
    if access != .readWrite { return "it can only be read" }
    if ceiling != nil { return "the disk is full: what is used least makes room for what is new" }
    if let free = freeBytes, free < StoreFile.ballastBytes { return "the disk is nearly full" }
    return problem.map { "\($0)" }
  }

  public func report() throws(SourceError) -> Report {
    try read { connection throws(SQLiteFailure) in
      let layout = try connection.int(StoreStatement.layout) ?? 0
      var mode = ""
      try connection.run(StoreStatement.journalMode) { row in mode = row.text(0) }
      let size = try connection.int(StoreStatement.pageSize) ?? 0
      return Report(
        layout: StoreLayout.text(layout), journalMode: mode,
        isOnNetwork: self.options.fileSystem(self.directory) == .network, isReadOnly: self.access != .readWrite,
        bytes: (try connection.int(StoreStatement.pages) ?? 0).multipliedReportingOverflow(by: size).partialValue,
        logBytes: FileIdentity(self.options.path + "-wal")?.size ?? 0,
        freeBytes: (try connection.int(StoreStatement.freePages) ?? 0).multipliedReportingOverflow(by: size)
          .partialValue,
        limit: self.options.maximumBytes)
    }
  }

  public func kinds() throws(SourceError) -> [Report.Kind] {
    try read { connection throws(SQLiteFailure) in
      var kinds: [Report.Kind] = []
      try connection.run(StoreStatement.kinds, [.int(self.options.clock.wall().seconds)]) { row in
        kinds.append(
          Report.Kind(
            name: row.text(0), documents: row.int(2), bytes: row.int(3), stale: row.int(4),
            awaited: max(0, row.int(1) - row.int(2))))
      }
      return kinds
    }
  }

  // MARK: - Checking

  public struct Findings: Sendable {
    /// SQLite's words about what is wrong with the file; at most 20.
    public var faults: [String] = []
    public var documents = 0
    /// Documents that are misses, because they are not what was stored.
    public var damaged = 0
  }

  /// Reads all of the file, and decodes every document.
  public func check() throws(SourceError) -> Findings {
    var findings = Findings()
    findings.faults = try read { connection throws(SQLiteFailure) in
      var faults: [String] = []
      try connection.run(StoreStatement.integrity) { row in faults.append(row.text(0)) }
      return faults == ["ok"] ? [] : faults
    }
    var last = Int64.min
    while true {
      // A few at a time: the log cannot be shortened while somebody reads.
      let count = try read { connection throws(SQLiteFailure) in
        var count = 0
        try connection.run(StoreStatement.after, [.int(last), 500]) { row in
          last = row.int(0)
          count += 1
          if !(Document(encoded: row.bytes(3))?.isIntact ?? false) { findings.damaged += 1 }
        }
        return count
      }
      findings.documents += count
      if count == 0 { return findings }
    }
  }

  /// Gives the disk back what is not in use.
  public func compact() throws(SourceError) {
    let report = try report()
    let hasRoom = freeBytes ?? 0 > 2 * (report.bytes - report.freeBytes)
    try maintain { connection throws(SQLiteFailure) in
      if hasRoom {
        try connection.execute("VACUUM")
      } else {
        try connection.execute("PRAGMA incremental_vacuum")
      }
      try connection.run(StoreStatement.truncateLog)
    }
  }
}
