public import Cache
public import Core
public import Documents
public import Logging
public import Postgres

/// The durable tier in a PostgreSQL database of its own, which it creates and lays out where that is missing.
public final class PostgresDurableTier: DurableTier {
  private static let name = "durable cache"
  private static let layout = 1

  private let options: PostgresOptions
  private let client: PostgresClient
  private let generation: String
  private let logger: Logger
  private let now: () -> UnixTime
  private var isLaidOut = false
  private var backoff = Backoff(shortestMilliseconds: 200, longestMilliseconds: 5_000)

  /// A request that finds nothing here goes on to the source: it must not wait for long.
  private static let readMilliseconds = 500
  private static let writeMilliseconds = 5_000
  private static let layoutMilliseconds = 10_000

  /// - Parameter generation: whatever changes what is in a document, as for ``DocumentStore``.
  public init(
    options: PostgresOptions, generation: String, logger: Logger, now: @escaping () -> UnixTime = { .now }
  ) {
    var options = options
    // A cache that loses its last half second in a crash has lost nothing.
    options.serverSettings = ["jit": "off", "plan_cache_mode": "force_generic_plan", "synchronous_commit": "off"]
    self.options = options
    self.generation = generation
    self.logger = logger
    self.now = now
    client = PostgresClient(name: PostgresDurableTier.name, options: options, logger: logger)
  }

  public var isAvailable: Bool { backoff.isOpen() }

  public func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?] {
    let found = [Document?](repeating: nil, count: keys.count)
    return try run(
      .get, [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id)), .int8s(keys.map { generation(of: $0.kind) })],
      into: found, within: PostgresDurableTier.readMilliseconds
    ) { found, row throws(PostgresFailure) in
      let position = try row.int() - 1
      let expires = UnixTime(seconds: Int64(try row.int()))
      guard found.indices.contains(position), var document = Document(encoded: try row.bytes()) else { return }
      document.expires = expires
      found[position] = document
    }
  }

  public func set(_ documents: [CacheKey: Document]) throws(SourceError) {
    guard !documents.isEmpty else { return }
    let documents = Array(documents)
    try run(
      .set,
      [
        .texts(documents.map(\.key.kind.name)), .uuids(documents.map(\.key.id)),
        .int8s(documents.map { generation(of: $0.key.kind) }), .int8(now().seconds),
        .int8s(documents.map(\.value.expires.seconds)),
        .int8s(documents.map { Int64(bitPattern: $0.value.fingerprint) }),
        .byteStrings(documents.map { $0.value.encoded() }),
      ])
  }

  public func expire(_ keys: [CacheKey], at time: UnixTime) throws(SourceError) {
    try run(.expire, [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id)), .int8(time.seconds)])
  }

  public func delete(_ keys: [CacheKey]) throws(SourceError) {
    try run(.delete, [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id))])
  }

  public func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID] {
    try run(
      .due, [.text(kind.name), .int8(time.seconds), .int8(Int64(limit))], into: [],
      within: PostgresDurableTier.writeMilliseconds
    ) { ids, row throws(PostgresFailure) in ids.append(try row.uuid()) }
  }

  public func changed(
    _ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int
  ) throws(SourceError) -> [Change] {
    try run(
      .changed, [.texts(kinds.map(\.name)), .int8(time.seconds), .int8(Int64(limit))], into: [],
      within: PostgresDurableTier.writeMilliseconds
    ) { changes, row throws(PostgresFailure) in
      changes.append(Change(id: try row.uuid(), time: UnixTime(seconds: Int64(try row.int()))))
    }
  }

  public func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError) {
    try attempt(within: PostgresDurableTier.writeMilliseconds + ids.count / 10) { deadline throws(PostgresFailure) in
      try client.copy(
        ids, after: DurableStatement.text(.stage), into: "COPY incoming (kind, id) FROM STDIN",
        then: PostgresQuery(DurableStatement.insertStaged.prepared, .int8(generation(of: kind)), .int8(0)), by: deadline
      ) { id, line in
        line.append(contentsOf: kind.name.utf8)
        line.append(UInt8(ascii: "\t"))
        id.appendText(to: &line)
      }
    }
  }

  /// Makes sure that it answers.
  public func ping() throws(SourceError) {
    _ = try get([CacheKey(CacheKey.Kind("ping"), MBID(high: 0, low: 0))])
  }

  private func generation(of kind: CacheKey.Kind) -> Int64 {
    Int64(CacheKey.generationHash(kind.dependsOnSettings ? generation : ""))
  }

  // MARK: - Asking

  private func run(_ statement: DurableStatement, _ parameters: [PostgresParameter]) throws(SourceError) {
    try run(statement, parameters, into: (), within: PostgresDurableTier.writeMilliseconds) { _, _ in }
  }

  private func run<Answer>(
    _ statement: DurableStatement, _ parameters: [PostgresParameter], into initial: Answer, within milliseconds: Int,
    _ add: (inout Answer, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Answer {
    try attempt(within: milliseconds) { deadline throws(PostgresFailure) in
      var query = PostgresQuery(statement.prepared)
      query.parameters = parameters
      return try client.run({ _ in [query] }, into: initial, by: deadline) {
        answer, _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in try add(&answer, &row) }
      }
    }
  }

  private func attempt<Answer>(
    within milliseconds: Int, _ work: (Deadline) throws(PostgresFailure) -> Answer
  ) throws(SourceError) -> Answer {
    guard backoff.isOpen() else { throw SourceError(.unavailable, "\(PostgresDurableTier.name) is left alone") }
    do throws(PostgresFailure) {
      try layOut()
      let answer = try work(.after(milliseconds: milliseconds))
      backoff.succeeded()
      return answer
    } catch {
      backoff.failed()
      // Somebody may have dropped what was laid out.
      isLaidOut = false
      throw error.sourceError(of: PostgresDurableTier.name)
    }
  }

  // MARK: - Laying out

  private func layOut() throws(PostgresFailure) {
    guard !isLaidOut else { return }
    let deadline = Deadline.after(milliseconds: PostgresDurableTier.layoutMilliseconds)
    var version: Int?
    do throws(PostgresFailure) {
      version = try laidOutVersion(by: .after(milliseconds: PostgresDurableTier.readMilliseconds))
    } catch {
      switch error.sqlState {
      case "3D000": try createDatabase(by: deadline)
      case "42P01", "3F000": break
      default: throw error
      }
    }
    if version ?? 0 < PostgresDurableTier.layout {
      try client.run(script: DurableStatement.text(.migrate), by: deadline)
      logger.info("\(PostgresDurableTier.name): laid out", metadata: ["version": "\(PostgresDurableTier.layout)"])
    }
    isLaidOut = true
  }

  private func laidOutVersion(by deadline: Deadline) throws(PostgresFailure) -> Int? {
    try client.run({ _ in [PostgresQuery(DurableStatement.layout.prepared)] }, into: nil, by: deadline) {
      (version: inout Int?, _, rows) throws(PostgresFailure) in
      try rows.forEach { row throws(PostgresFailure) in version = try row.int() }
    }
  }

  /// Creates the database, from the one that every server has for that purpose.
  private func createDatabase(by deadline: Deadline) throws(PostgresFailure) {
    var maintenance = options
    maintenance.database = "postgres"
    let quoted = options.database.replacing("\"", with: "\"\"")
    do throws(PostgresFailure) {
      try PostgresClient(name: PostgresDurableTier.name, options: maintenance, logger: logger)
        .run(script: "CREATE DATABASE \"\(quoted)\"", by: deadline)
      logger.info("\(PostgresDurableTier.name): database created")
    } catch {
      // 42P04, 23505: another process was faster.
      guard error.sqlState == "42P04" || error.sqlState == "23505" else { throw error }
    }
    client.forgetFailure()
  }
}

/// What is asked of the durable tier's database. The SQL is in the files named so.
private enum DurableStatement: String, CaseIterable {
  case layout, migrate, get, set, expire, delete, due, changed, stage, insertStaged

  var prepared: PostgresStatement { DurableStatement.all[self] ?? PostgresStatement(rawValue, sql) }

  static func text(_ statement: DurableStatement) -> String { String(decoding: statement.sql, as: UTF8.self) }

  private static let all = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, PostgresStatement("cache_\($0.rawValue)", $0.sql)) })

  private var sql: [UInt8] {
    switch self {
    case .layout: PackageResources.layout_sql
    case .migrate: PackageResources.migrate_sql
    case .get: PackageResources.get_sql
    case .set: PackageResources.set_sql
    case .expire: PackageResources.expire_sql
    case .delete: PackageResources.delete_sql
    case .due: PackageResources.due_sql
    case .changed: PackageResources.changed_sql
    case .stage: PackageResources.stage_sql
    case .insertStaged: PackageResources.insert_staged_sql
    }
  }
}
