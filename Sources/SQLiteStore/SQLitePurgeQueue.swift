public import Cache
public import Core
internal import SQLite

/// The queue of purges in the same file as the documents. Times are counted by the wall clock of the machine; one that was
/// set back delays nothing for longer than the longest lease or pause.
public final class SQLitePurgeQueue: PurgeQueue {
  private let file: StoreFile
  private let policy: PurgeQueuePolicy

  public init(_ file: StoreFile, policy: PurgeQueuePolicy = PurgeQueuePolicy()) {
    self.file = file
    self.policy = policy
  }

  public var isAvailable: Bool { file.isWritable }

  private var now: UnixTime { file.clock.wall() }

  public func add(_ keys: [CacheKey], delay: Int64) throws(SourceError) -> Int {
    guard !keys.isEmpty else { return 0 }
    let now = now
    let notBefore = SQLiteValue.int((now + PurgeQueuePolicy.delay(delay)).seconds)
    return try file.write { connection throws(SQLiteFailure) in
      var count = Int(clamping: try connection.int(PurgeStatement.count) ?? 0)
      var refused = 0
      for key in Set(keys) {
        let name = SQLitePurgeQueue.name(of: key)
        try connection.run(PurgeStatement.again, name + [notBefore])
        if connection.changes > 0 { continue }
        guard count < self.policy.most else {
          refused += 1
          continue
        }
        try connection.run(PurgeStatement.add, name + [notBefore, .int(now.seconds)])
        count += 1
      }
      return refused
    }
  }

  public func claim(
    _ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64
  ) throws(SourceError) -> [QueuedPurge] {
    guard limit > 0, !kinds.isEmpty else { return [] }
    let now = now
    let known = Dictionary(kinds.map { ($0.name, $0) }) { first, _ in first }
    let names = "," + kinds.map(\.name).joined(separator: ",") + ","
    return try file.write { connection throws(SQLiteFailure) in
      var purges: [QueuedPurge] = []
      try connection.run(
        PurgeStatement.claimable,
        [
          .int(now.seconds), .int(PurgeQueuePolicy.mostDelay), .int(PurgeQueuePolicy.longestLease), .text(names),
          .int(Int64(limit)),
        ]
      ) { row throws(SQLiteFailure) in
        guard let id = row.id(0), let kind = known[row.text(1)] else { return }
        purges.append(
          QueuedPurge(
            key: CacheKey(kind, id), attempts: Int(clamping: row.int(2)) &+ 1, lease: .random(in: 1 ... .max)))
      }
      let until = SQLiteValue.int((now + PurgeQueuePolicy.lease(seconds)).seconds)
      for purge in purges { try connection.run(PurgeStatement.claim, SQLitePurgeQueue.held(purge) + [until]) }
      return purges
    }
  }

  public func finish(_ purges: [QueuedPurge]) throws(SourceError) {
    try change(purges) { purge, connection throws(SQLiteFailure) in
      try connection.run(PurgeStatement.finish, SQLitePurgeQueue.held(purge))
    }
  }

  public func fail(_ purges: [QueuedPurge]) throws(SourceError) {
    let now = now
    try change(purges) { purge, connection throws(SQLiteFailure) in
      let next = now + self.policy.pause(afterAttempts: purge.attempts)
      try connection.run(PurgeStatement.fail, SQLitePurgeQueue.held(purge) + [.int(next.seconds)])
    }
  }

  public func giveBack(_ purges: [QueuedPurge]) throws(SourceError) {
    try change(purges) { purge, connection throws(SQLiteFailure) in
      try connection.run(PurgeStatement.giveBack, SQLitePurgeQueue.held(purge))
    }
  }

  public func backlog() throws(SourceError) -> (count: Int, seconds: Int64) {
    let now = now
    return try file.read { connection throws(SQLiteFailure) in
      var backlog = (count: 0, seconds: Int64(0))
      try connection.run(PurgeStatement.backlog) { row in
        backlog.count = Int(clamping: row.int(0))
        if !row.isNull(1) { backlog.seconds = max(0, now - UnixTime(seconds: row.int(1))) }
      }
      return backlog
    }
  }

  private func change(
    _ purges: [QueuedPurge], _ change: (QueuedPurge, SQLiteConnection) throws(SQLiteFailure) -> Void
  ) throws(SourceError) {
    guard !purges.isEmpty else { return }
    try file.write { connection throws(SQLiteFailure) in
      for purge in purges { try change(purge, connection) }
    }
  }

  private static func name(of key: CacheKey) -> [SQLiteValue] { [.id(key.id), .text(key.kind.name)] }

  private static func held(_ purge: QueuedPurge) -> [SQLiteValue] { name(of: purge.key) + [.int(purge.lease)] }
}

/// What is asked of the queue of purges. The SQL is in the files named so.
enum PurgeStatement {
  static let count = SQLiteStatement(PackageResources.purge_count_sql)
  static let again = SQLiteStatement(PackageResources.purge_again_sql)
  static let add = SQLiteStatement(PackageResources.purge_add_sql)
  static let claimable = SQLiteStatement(PackageResources.purge_claimable_sql)
  static let claim = SQLiteStatement(PackageResources.purge_claim_sql)
  static let finish = SQLiteStatement(PackageResources.purge_finish_sql)
  static let fail = SQLiteStatement(PackageResources.purge_fail_sql)
  static let giveBack = SQLiteStatement(PackageResources.purge_give_back_sql)
  static let backlog = SQLiteStatement(PackageResources.purge_backlog_sql)
}
