public import Cache
public import Core
internal import SQLite

/// The queue of builds in the same file as the documents. Times are counted by the wall clock of the machine; one that
/// was set back delays nothing for longer than the longest lease or pause.
public final class SQLiteBuildQueue: BuildQueue {
  private let file: StoreFile
  private let policy: BuildQueuePolicy

  /// For more places than this, all of the queue is walked through once.
  private static let mostCounted = 8

  public init(_ file: StoreFile, policy: BuildQueuePolicy = BuildQueuePolicy()) {
    self.file = file
    self.policy = policy
  }

  public var isAvailable: Bool { file.isWritable }

  private var now: UnixTime { file.clock.wall() }

  // MARK: - Adding

  public func add(_ keys: [CacheKey], _ reason: BuildReason, client: UInt64?) throws(SourceError) -> [QueueOutcome] {
    guard !keys.isEmpty else { return [] }
    let now = now
    return try file.write { connection throws(SQLiteFailure) in
      var refusals: [CacheKey: QueueOutcome] = [:]
      let client = client.map { Int64(bitPattern: $0) }
      var (total, ofClient) = (0, 0)
      try connection.run(QueueStatement.count, [SQLiteBuildQueue.value(client)]) { row throws(SQLiteFailure) in
        total = Int(row.int(0))
        ofClient = Int(row.int(1))
      }
      if total == 0 { try self.keep(BuildRate(since: now), connection) }
      var admission = QueueAdmission(self.policy, reason, total: total, ofClient: ofClient)
      var seen: Set<CacheKey> = []
      for key in keys where seen.insert(key).inserted {
        let name = SQLiteBuildQueue.name(of: key)
        if let entry = try self.entry(name, connection) {
          guard reason.isBetter(than: entry.reason, rank: entry.rank),
            admission.raise(isCharged: client != nil && entry.client != client)
          else { continue }
          try connection.run(
            QueueStatement.raise,
            name + [
              .int(Int64(reason.rawValue)), .int(self.nextPlace(connection)), SQLiteBuildQueue.value(client),
            ])
        } else if let refusal = admission.add(isCharged: client != nil) {
          refusals[key] = refusal
        } else {
          try connection.run(
            QueueStatement.add,
            name + [
              .int(Int64(reason.rawValue)), .int(self.nextPlace(connection)), SQLiteBuildQueue.value(client),
              .int(now.seconds),
            ])
        }
      }
      let places = try self.places(of: keys, connection)
      return zip(keys, places).map { key, place in refusals[key] ?? .waiting(place: place ?? 1) }
    }
  }

  private struct Entry {
    var reason: BuildReason
    var rank: Int
    var client: Int64?
  }

  private func entry(_ name: [SQLiteValue], _ connection: SQLiteConnection) throws(SQLiteFailure) -> Entry? {
    var entry: Entry?
    try connection.run(QueueStatement.find, name) { row throws(SQLiteFailure) in
      entry = Entry(
        reason: SQLiteBuildQueue.reason(row.int(0)), rank: Int(row.int(1)), client: row.isNull(2) ? nil : row.int(2))
    }
    return entry
  }

  private func nextPlace(_ connection: SQLiteConnection) throws(SQLiteFailure) -> Int64 {
    try connection.int(QueueStatement.nextPlace) ?? 0
  }

  // MARK: - Places

  public func places(of keys: [CacheKey]) throws(SourceError) -> [Int?] {
    guard !keys.isEmpty else { return [] }
    return try file.read { connection throws(SQLiteFailure) in
      try connection.reading { () throws(SQLiteFailure) in try self.places(of: keys, connection) }
    }
  }

  private func places(of keys: [CacheKey], _ connection: SQLiteConnection) throws(SQLiteFailure) -> [Int?] {
    let now = SQLiteValue.int(now.seconds)
    if keys.count <= SQLiteBuildQueue.mostCounted {
      var places: [Int?] = []
      for key in keys {
        places.append(try connection.int(QueueStatement.place, SQLiteBuildQueue.name(of: key) + [now]).map { Int($0) })
      }
      return places
    }
    let kinds = Dictionary(keys.map { ($0.kind.name, $0.kind) }) { first, _ in first }
    var places: [CacheKey: Int] = [:]
    var place = 1
    try connection.run(QueueStatement.order, [now]) { row throws(SQLiteFailure) in
      if let kind = kinds[row.text(1)], let id = row.id(0) { places[CacheKey(kind, id)] = place }
      if row.int(2) != 0 { place += 1 }
    }
    return keys.map { places[$0] }
  }

  // MARK: - Building

  public func claim(
    _ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64
  ) throws(SourceError) -> [QueuedBuild] {
    guard limit > 0, !kinds.isEmpty else { return [] }
    let now = now
    let known = Dictionary(kinds.map { ($0.name, $0) }) { first, _ in first }
    let names = "," + kinds.map(\.name).joined(separator: ",") + ","
    return try file.write { connection throws(SQLiteFailure) in
      var builds: [QueuedBuild] = []
      try connection.run(
        QueueStatement.claimable,
        [
          .int(now.seconds), .int(Int64(self.policy.attemptsBeforeEnd)), .int(self.policy.longestPause),
          .int(BuildQueuePolicy.longestLease), .int(BuildQueuePolicy.mostPause), .text(names), .int(Int64(limit)),
        ]
      ) { row throws(SQLiteFailure) in
        guard let id = row.id(0), let kind = known[row.text(1)] else { return }
        builds.append(
          QueuedBuild(
            key: CacheKey(kind, id), reason: SQLiteBuildQueue.reason(row.int(2)),
            attempts: Int(clamping: row.int(3)) &+ 1, added: UnixTime(seconds: row.int(4)),
            lease: .random(in: 1 ... .max)))
      }
      let until = SQLiteValue.int((now + BuildQueuePolicy.lease(seconds)).seconds)
      for build in builds {
        try connection.run(
          QueueStatement.claim, SQLiteBuildQueue.held(build) + [until, .int(Int64(self.policy.attemptsBeforeEnd))])
      }
      return builds
    }
  }

  public func renew(_ builds: [QueuedBuild], seconds: Int64) throws(SourceError) -> [Bool] {
    let until = SQLiteValue.int((now + BuildQueuePolicy.lease(seconds)).seconds)
    return try change(builds) { build, connection throws(SQLiteFailure) in
      try connection.run(QueueStatement.renew, SQLiteBuildQueue.held(build) + [until])
    }
  }

  public func finish(_ builds: [QueuedBuild]) throws(SourceError) {
    guard !builds.isEmpty else { return }
    let now = now
    try file.write { connection throws(SQLiteFailure) in
      var done = 0
      for build in builds {
        try connection.run(QueueStatement.finish, SQLiteBuildQueue.held(build))
        done += connection.changes
      }
      guard done > 0, var rate = try self.rate(connection) else { return }
      rate.count(done, at: now)
      try self.keep(rate, connection)
    }
  }

  public func fail(_ builds: [QueuedBuild], pausing seconds: Int64) throws(SourceError) {
    let now = now
    _ = try change(builds) { build, connection throws(SQLiteFailure) in
      let held = SQLiteBuildQueue.held(build)
      let attempts = Int(clamping: try connection.int(QueueStatement.attempts, held) ?? 1)
      let pause = self.policy.pause(afterAttempts: attempts, atLeast: seconds)
      try connection.run(QueueStatement.fail, held + [.int((now + pause).seconds)])
    }
  }

  public func giveBack(_ builds: [QueuedBuild]) throws(SourceError) {
    _ = try change(builds) { build, connection throws(SQLiteFailure) in
      try connection.run(
        QueueStatement.giveBack, SQLiteBuildQueue.held(build) + [.int(Int64(self.policy.attemptsBeforeEnd))])
    }
  }

  /// - Returns: whether each was still held.
  private func change(
    _ builds: [QueuedBuild], _ change: (QueuedBuild, SQLiteConnection) throws(SQLiteFailure) -> Void
  ) throws(SourceError) -> [Bool] {
    guard !builds.isEmpty else { return [] }
    return try file.write { connection throws(SQLiteFailure) in
      var held: [Bool] = []
      for build in builds {
        try change(build, connection)
        held.append(connection.changes > 0)
      }
      return held
    }
  }

  // MARK: - Progress

  public func progress() throws(SourceError) -> QueueProgress {
    let now = now
    return try file.read { connection throws(SQLiteFailure) in
      try connection.reading { () throws(SQLiteFailure) in
        let rate = try self.rate(connection) ?? BuildRate(since: now)
        var (waiting, underWay) = (0, 0)
        var oldest: Int?
        try connection.run(QueueStatement.progress, [.int(now.seconds)]) { row throws(SQLiteFailure) in
          waiting = Int(clamping: row.int(0))
          underWay = Int(clamping: row.int(1))
          if !row.isNull(2) { oldest = Int(clamping: max(0, now - UnixTime(seconds: row.int(2)))) }
        }
        return QueueProgress(
          waiting: waiting, underWay: underWay, done: rate.done, since: rate.began, elapsed: now - rate.began,
          oldest: oldest)
      }
    }
  }

  private func rate(_ connection: SQLiteConnection) throws(SQLiteFailure) -> BuildRate? {
    var rate: BuildRate?
    try connection.run(QueueStatement.rate) { row throws(SQLiteFailure) in
      rate = BuildRate(
        earlierSince: UnixTime(seconds: row.int(0)), earlierDone: Int(clamping: row.int(1)),
        since: UnixTime(seconds: row.int(2)), done: Int(clamping: row.int(3)))
    }
    return rate
  }

  private func keep(_ rate: BuildRate, _ connection: SQLiteConnection) throws(SQLiteFailure) {
    try connection.run(
      QueueStatement.keepRate,
      [
        .int(rate.earlierSince.seconds), .int(Int64(rate.earlierDone)), .int(rate.since.seconds),
        .int(Int64(rate.latestDone)),
      ])
  }

  // MARK: - Values

  private static func name(of key: CacheKey) -> [SQLiteValue] { [.id(key.id), .text(key.kind.name)] }
  private static func held(_ build: QueuedBuild) -> [SQLiteValue] { name(of: build.key) + [.int(build.lease)] }
  private static func value(_ client: Int64?) -> SQLiteValue { client.map { .int($0) } ?? .null }
  private static func reason(_ number: Int64) -> BuildReason {
    BuildReason(rawValue: Int(clamping: number)) ?? .scheduled
  }
}
