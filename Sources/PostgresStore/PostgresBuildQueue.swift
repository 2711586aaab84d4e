public import Cache
public import Core
internal import Postgres

/// The queue of builds in the durable cache's database. The server counts all times.
///
/// Where a connection is lost in the middle of a claim, it is repeated; builds that were leased in vain are free again
/// when their leases run out.
public final class PostgresBuildQueue: BuildQueue {
  private let database: StoreDatabase
  private let policy: BuildQueuePolicy

  /// For more places than this, all of the queue is sorted once.
  private static let mostCounted = 8

  public init(_ database: StoreDatabase, policy: BuildQueuePolicy = BuildQueuePolicy()) {
    self.database = database
    self.policy = policy
  }

  public var isAvailable: Bool { database.isAvailable && !database.isToBeLaidOut }

  public func add(_ keys: [CacheKey], _ reason: BuildReason, client: UInt64?) throws(SourceError) -> [QueueOutcome] {
    guard !keys.isEmpty else { return [] }
    let kinds = Dictionary(keys.map { ($0.kind.name, $0.kind) }) { first, _ in first }
    // Nobody's is 0 in the database, so somebody's never is.
    let client = client.map { max(1, $0) } ?? 0
    let names = names(of: keys)
    let queries = [
      PostgresQuery(.queueLock, []),
      PostgresQuery(
        .queueAdd,
        names + [
          .int8(Int64(reason.rawValue)), .int8(Int64(bitPattern: client)), .int8(Int64(policy.most(for: reason))),
          .int8(Int64(policy.mostOfClient)),
        ]),
      placesQuery(keys),
    ]
    var answer = (refusals: [CacheKey: QueueOutcome](), places: [Int?](repeating: nil, count: keys.count))
    answer = try database.run(queries, into: answer, within: StoreDatabase.readMilliseconds) {
      answer, index, row throws(PostgresFailure) in
      switch index {
      case 1:
        guard let kind = kinds[try row.text()] else { return }
        let key = CacheKey(kind, try row.uuid())
        switch try row.int() {
        case 1: answer.refusals[key] = .full
        case 2: answer.refusals[key] = .clientHasEnough
        default: break
        }
      case 2: try PostgresBuildQueue.add(&row, to: &answer.places)
      default: break
      }
    }
    // What was finished between the two statements had the first place.
    return zip(keys, answer.places).map { key, place in answer.refusals[key] ?? .waiting(place: place ?? 1) }
  }

  public func places(of keys: [CacheKey]) throws(SourceError) -> [Int?] {
    guard !keys.isEmpty else { return [] }
    return try database.run(
      [placesQuery(keys)], into: [Int?](repeating: nil, count: keys.count),
      within: StoreDatabase.readMilliseconds
    ) { places, _, row throws(PostgresFailure) in try PostgresBuildQueue.add(&row, to: &places) }
  }

  private func placesQuery(_ keys: [CacheKey]) -> PostgresQuery {
    PostgresQuery(keys.count <= PostgresBuildQueue.mostCounted ? .queuePlace : .queuePlaces, names(of: keys))
  }

  private static func add(_ row: inout PostgresRow, to places: inout [Int?]) throws(PostgresFailure) {
    let index = try row.int() - 1
    let place = try row.int()
    if places.indices.contains(index) { places[index] = place }
  }

  public func claim(
    _ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64
  ) throws(SourceError) -> [QueuedBuild] {
    guard limit > 0, !kinds.isEmpty else { return [] }
    let known = Dictionary(kinds.map { ($0.name, $0) }) { first, _ in first }
    let query = PostgresQuery(
      .queueClaim,
      [
        .texts(kinds.map(\.name)), .int8(Int64(limit)), .int8(BuildQueuePolicy.lease(seconds)),
        .int8(Int64(policy.attemptsBeforeEnd)), .int8(policy.longestPause),
      ])
    typealias Claimed = (rank: Int, place: Int, build: QueuedBuild)
    let claimed = try database.run([query], into: [Claimed](), within: StoreDatabase.readMilliseconds) {
      claimed, _, row throws(PostgresFailure) in
      guard let kind = known[try row.text()] else { return }
      let id = try row.uuid()
      let reason = BuildReason(rawValue: try row.int()) ?? .scheduled
      let attempts = try row.int()
      let added = UnixTime(seconds: Int64(try row.int()))
      let lease = Int64(try row.int())
      let build = QueuedBuild(
        key: CacheKey(kind, id), reason: reason, attempts: attempts, added: added, lease: lease)
      claimed.append((try row.int(), try row.int(), build))
    }
    return claimed.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.build)
  }

  public func renew(_ builds: [QueuedBuild], seconds: Int64) throws(SourceError) -> [Bool] {
    guard !builds.isEmpty else { return [] }
    let held = try database.run(
      [PostgresQuery(.queueRenew, leases(of: builds) + [.int8(BuildQueuePolicy.lease(seconds))])], into: Set<Int64>(),
      within: StoreDatabase.readMilliseconds
    ) { held, _, row throws(PostgresFailure) in held.insert(Int64(try row.int())) }
    return builds.map { held.contains($0.lease) }
  }

  public func finish(_ builds: [QueuedBuild]) throws(SourceError) {
    try change(.queueFinish, builds, [])
  }

  public func fail(_ builds: [QueuedBuild], pausing seconds: Int64) throws(SourceError) {
    try change(
      .queueFail, builds,
      [
        .int8(min(max(0, seconds), BuildQueuePolicy.mostPause)), .int8(policy.shortestPause),
        .int8(policy.longestPause),
      ])
  }

  public func giveBack(_ builds: [QueuedBuild]) throws(SourceError) {
    try change(.queueGiveBack, builds, [.int8(Int64(policy.attemptsBeforeEnd))])
  }

  public func progress() throws(SourceError) -> QueueProgress {
    let empty = QueueProgress(waiting: 0, underWay: 0, done: 0, since: .now, elapsed: 0)
    return try database.run(
      [PostgresQuery(.queueProgress, [])], into: empty, within: StoreDatabase.readMilliseconds
    ) { progress, _, row throws(PostgresFailure) in
      progress = QueueProgress(
        waiting: try row.int(), underWay: try row.int(), done: try row.int(),
        since: UnixTime(seconds: Int64(try row.int())), elapsed: Int64(try row.int()),
        oldest: try row.optionalInt().map { max(0, $0) })
    }
  }

  private func change(
    _ statement: StoreStatement, _ builds: [QueuedBuild], _ more: [PostgresParameter]
  ) throws(SourceError) {
    guard !builds.isEmpty else { return }
    try database.run(
      [PostgresQuery(statement, leases(of: builds) + more)], into: (), within: StoreDatabase.writeMilliseconds
    ) { _, _, _ in }
  }

  private func names(of keys: [CacheKey]) -> [PostgresParameter] {
    [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id))]
  }

  private func leases(of builds: [QueuedBuild]) -> [PostgresParameter] {
    names(of: builds.map(\.key)) + [.int8s(builds.map(\.lease))]
  }
}
