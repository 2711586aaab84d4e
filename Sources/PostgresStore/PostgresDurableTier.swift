public import Cache
public import Core
public import Documents
public import Logging
public import Postgres

/// The durable tier in a PostgreSQL database. It creates the database and its tables where they are missing.
public final class PostgresDurableTier: DurableTier {
  private static let name = "durable cache"
  private static let layout = 2

  private let options: PostgresOptions
  private let client: PostgresClient
  private let logger: Logger
  private let now: () -> UnixTime
  private var layoutState = LayoutState.unknown
  public var pulse: Pulse?
  private var backoff = Backoff(shortestMilliseconds: 200, longestMilliseconds: 5_000)

  private enum LayoutState {
    case unknown, missing, present
  }

  /// A request that finds nothing here goes on to the source: it must not wait for long.
  private static let readMilliseconds = 500
  private static let writeMilliseconds = 5_000
  private static let layoutMilliseconds = 10_000

  public init(options: PostgresOptions, logger: Logger, now: @escaping () -> UnixTime = { .now }) {
    var options = options
    // A cache that loses its last half second in a crash has lost nothing.
    options.serverSettings = ["jit": "off", "plan_cache_mode": "force_generic_plan", "synchronous_commit": "off"]
    self.options = options
    self.logger = logger
    self.now = now
    client = PostgresClient(name: PostgresDurableTier.name, options: options, logger: logger)
  }

  public var isAvailable: Bool { backoff.isOpen() }

  /// Creates the database and its tables where they are missing.
  public func prepare() throws(SourceError) {
    guard layoutState == .missing else { return }
    do throws(PostgresFailure) {
      try layOut(by: .after(milliseconds: PostgresDurableTier.layoutMilliseconds))
      layoutState = .present
      backoff.succeeded()
    } catch {
      backoff.failed()
      throw error.sourceError(of: PostgresDurableTier.name)
    }
  }

  public func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?] {
    let found = [Document?](repeating: nil, count: keys.count)
    return try run(
      .get, [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id))],
      into: found, within: PostgresDurableTier.readMilliseconds
    ) { found, row throws(PostgresFailure) in
      let position = try row.int() - 1
      let expires = UnixTime(seconds: Int64(try row.int()))
      guard found.indices.contains(position), var document = Document(encoded: try row.bytes()) else { return }
      document.expires = expires
      found[position] = document
    }
  }

  public func revision() throws(SourceError) -> Int64 {
    try run(
      .revision, [], into: 0, within: PostgresDurableTier.readMilliseconds
    ) { revision, row throws(PostgresFailure) in revision = Int64(try row.int()) }
  }

  public func set(_ documents: [CacheKey: Document], revision: Int64?) throws(SourceError) -> Set<CacheKey> {
    guard !documents.isEmpty else { return [] }
    let documents = Array(documents)
    let kinds = PostgresParameter.texts(documents.map(\.key.kind.name))
    let ids = PostgresParameter.uuids(documents.map(\.key.id))
    let content: [PostgresParameter] = [
      .int8s(documents.map(\.value.expires.seconds)),
      .int8s(documents.map { Int64(bitPattern: $0.value.fingerprint) }),
      .byteStrings(documents.map { $0.value.encoded() }),
    ]
    guard let revision else {
      try run(.settle, [kinds, ids, .int8(now().seconds)] + content)
      return []
    }
    let refused = Set(documents.map(\.key))
    let kindOfName = Dictionary(documents.map { ($0.key.kind.name, $0.key.kind) }) { first, _ in first }
    return try run(
      .set, [kinds, ids, .int8(revision), .int8(now().seconds)] + content, into: refused,
      within: PostgresDurableTier.writeMilliseconds
    ) { refused, row throws(PostgresFailure) in
      let kind = kindOfName[try row.text()]
      let id = try row.uuid()
      if let kind { refused.remove(CacheKey(kind, id)) }
    }
  }

  public func forget(_ keys: [CacheKey], revision: Int64?) throws(SourceError) {
    try run(
      .forget,
      [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id)), .int8(revision ?? 0), .int8(now().seconds)])
  }

  public func revoke(_ keys: [CacheKey]) throws(SourceError) {
    guard !keys.isEmpty else { return }
    try run(.revoke, [.texts(keys.map(\.kind.name)), .uuids(keys.map(\.id)), .int8(now().seconds)])
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
    // It takes longer than any other question; that it took too long tells nothing of those.
    try run(
      .changed, [.texts(kinds.map(\.name)), .int8(time.seconds), .int8(Int64(limit))], into: [],
      within: PostgresDurableTier.writeMilliseconds, closesWhenLate: false
    ) { changes, row throws(PostgresFailure) in
      changes.append(Change(id: try row.uuid(), time: UnixTime(seconds: Int64(try row.int()))))
    }
  }

  public func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError) {
    try attempt(within: PostgresDurableTier.writeMilliseconds + ids.count / 10) { deadline throws(PostgresFailure) in
      try client.copy(
        ids, after: DurableStatement.text(.stage), into: "COPY incoming (kind, id) FROM STDIN",
        then: PostgresQuery(DurableStatement.insertStaged.prepared), by: deadline
      ) { id, line in
        line.append(contentsOf: kind.name.utf8)
        line.append(UInt8(ascii: "\t"))
        id.appendText(to: &line)
      }
    }
  }

  /// Makes sure that it answers, after creating its tables if that has yet to be done.
  public func ping() throws(SourceError) {
    let nothing = [CacheKey(CacheKey.Kind("ping"), MBID(high: 0, low: 0))]
    do throws(SourceError) {
      _ = try get(nothing)
    } catch {
      guard layoutState == .missing else { throw error }
      try prepare()
      _ = try get(nothing)
    }
  }

  // MARK: - Asking

  private func run(_ statement: DurableStatement, _ parameters: [PostgresParameter]) throws(SourceError) {
    try run(statement, parameters, into: (), within: PostgresDurableTier.writeMilliseconds) { _, _ in }
  }

  private func run<Answer>(
    _ statement: DurableStatement, _ parameters: [PostgresParameter], into initial: Answer, within milliseconds: Int,
    closesWhenLate: Bool = true, _ add: (inout Answer, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Answer {
    try attempt(within: milliseconds, closesWhenLate: closesWhenLate) { deadline throws(PostgresFailure) in
      var query = PostgresQuery(statement.prepared)
      query.parameters = parameters
      return try client.run({ _ in [query] }, into: initial, by: deadline) {
        answer, _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in try add(&answer, &row) }
      }
    }
  }

  /// - Parameter closesWhenLate: whether the tier is left alone for a while when this takes too long.
  private func attempt<Answer>(
    within milliseconds: Int, closesWhenLate: Bool = true, _ work: (Deadline) throws(PostgresFailure) -> Answer
  ) throws(SourceError) -> Answer {
    // That says nothing about the server.
    if let pulse, pulse.hasStopped { throw SourceError(.timedOut, "\(PostgresDurableTier.name): somebody waits") }
    guard backoff.isOpen() else { throw SourceError(.unavailable, "\(PostgresDurableTier.name) is left alone") }
    if layoutState == .missing { throw SourceError(.unavailable, "\(PostgresDurableTier.name) has yet to be laid out") }
    do throws(PostgresFailure) {
      var deadline = Deadline.after(milliseconds: milliseconds, awaited: pulse == nil)
      if let pulse { deadline = deadline.with(pulse) }
      if layoutState == .unknown { try look(by: deadline) }
      let answer = try work(deadline)
      backoff.succeeded()
      return answer
    } catch {
      // Somebody may have dropped what was laid out, or it has never been. Laying out takes longer than a client waits.
      if ["3D000", "3F000", "42P01", "42703"].contains(error.sqlState) {
        layoutState = .missing
      } else {
        layoutState = .unknown
        if closesWhenLate || error.kind != .timedOut { backoff.failed() }
      }
      throw error.sourceError(of: PostgresDurableTier.name)
    }
  }

  // MARK: - Laying out

  private func look(by deadline: Deadline) throws(PostgresFailure) {
    guard try laidOutVersion(by: deadline) ?? 0 >= PostgresDurableTier.layout else {
      throw PostgresFailure(.refused, "an older layout", sqlState: "42P01")
    }
    layoutState = .present
  }

  private func layOut(by deadline: Deadline) throws(PostgresFailure) {
    client.forgetFailure()
    var version: Int?
    do throws(PostgresFailure) {
      version = try laidOutVersion(by: deadline)
    } catch {
      switch error.sqlState {
      case "3D000": try createDatabase(by: deadline)
      case "42P01", "3F000": break
      default: throw error
      }
    }
    guard version ?? 0 < PostgresDurableTier.layout else { return }
    try client.run(script: DurableStatement.text(.migrate), by: deadline)
    logger.info("\(PostgresDurableTier.name): laid out", metadata: ["version": "\(PostgresDurableTier.layout)"])
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
  case layout, migrate, get, revision, set, settle, forget, revoke, due, changed, stage, insertStaged

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
    case .revision: PackageResources.revision_sql
    case .settle: PackageResources.settle_sql
    case .forget: PackageResources.forget_sql
    case .revoke: PackageResources.revoke_sql
    case .due: PackageResources.due_sql
    case .changed: PackageResources.changed_sql
    case .stage: PackageResources.stage_sql
    case .insertStaged: PackageResources.insert_staged_sql
    }
  }
}
