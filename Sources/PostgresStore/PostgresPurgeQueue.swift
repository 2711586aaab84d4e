public import Cache
public import Core
internal import Postgres

/// The queue of purges in the durable cache's database. The server counts all times.
public final class PostgresPurgeQueue: PurgeQueue {
  private let database: StoreDatabase
  private let policy: PurgeQueuePolicy

  public init(_ database: StoreDatabase, policy: PurgeQueuePolicy = PurgeQueuePolicy()) {
    self.database = database
    self.policy = policy
  }

  public var isAvailable: Bool { database.isAvailable && !database.isToBeLaidOut }

  public func add(_ keys: [CacheKey], delay: Int64) throws(SourceError) -> Int {
    guard !keys.isEmpty else { return 0 }
    // One process at a time, so that the limit holds.
    let queries = [
      PostgresQuery(.queueLock, []),
      PostgresQuery(
        .purgeAdd, names(of: keys) + [.int8(PurgeQueuePolicy.delay(delay)), .int8(Int64(policy.most))]),
    ]
    return try database.run(queries, into: 0, within: StoreDatabase.writeMilliseconds + keys.count / 10) {
      refused, index, row throws(PostgresFailure) in
      if index == 1 { refused = try row.int() }
    }
  }

  public func claim(
    _ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64
  ) throws(SourceError) -> [QueuedPurge] {
    guard limit > 0, !kinds.isEmpty else { return [] }
    let known = Dictionary(kinds.map { ($0.name, $0) }) { first, _ in first }
    let query = PostgresQuery(
      .purgeClaim, [.texts(kinds.map(\.name)), .int8(Int64(limit)), .int8(PurgeQueuePolicy.lease(seconds))])
    typealias Claimed = (purge: QueuedPurge, place: Int)
    let claimed = try database.run([query], into: [Claimed](), within: StoreDatabase.writeMilliseconds) {
      claimed, _, row throws(PostgresFailure) in
      guard let kind = known[try row.text()] else { return }
      let key = CacheKey(kind, try row.uuid())
      let attempts = try row.int()
      claimed.append((QueuedPurge(key: key, attempts: attempts, lease: Int64(try row.int())), try row.int()))
    }
    return claimed.sorted { $0.place < $1.place }.map(\.purge)
  }

  public func finish(_ purges: [QueuedPurge]) throws(SourceError) { try change(.purgeFinish, purges, []) }

  public func fail(_ purges: [QueuedPurge]) throws(SourceError) {
    try change(.purgeFail, purges, [.int8(policy.shortestPause), .int8(policy.longestPause)])
  }

  public func giveBack(_ purges: [QueuedPurge]) throws(SourceError) { try change(.purgeGiveBack, purges, []) }

  public func backlog() throws(SourceError) -> (count: Int, seconds: Int64) {
    try database.run(
      [PostgresQuery(.purgeBacklog, [])], into: (count: 0, seconds: Int64(0)), within: StoreDatabase.readMilliseconds
    ) { backlog, _, row throws(PostgresFailure) in
      backlog.count = try row.int()
      backlog.seconds = Int64(try row.optionalInt() ?? 0)
    }
  }

  private func change(
    _ statement: StoreStatement, _ purges: [QueuedPurge], _ more: [PostgresParameter]
  ) throws(SourceError) {
    guard !purges.isEmpty else { return }
    let held = names(of: purges.map(\.key)) + [.int8s(purges.map(\.lease))]
    try database.run(
      [PostgresQuery(statement, held + more)], into: (), within: StoreDatabase.writeMilliseconds
    ) { _, _, _ in }
  }

  private func names(of keys: [CacheKey]) -> [PostgresParameter] {
    [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id))]
  }
}
