internal import Core
public import Logging
public import Postgres

/// The database that documents, small values and the queue of builds are kept in: one connection for all of them, how it
/// is laid out, and whether it is worth asking. It is created where it is missing.
public final class StoreDatabase {
  static let name = "durable cache"
  private static let layout = 4

  /// A request that finds nothing here goes on to the source: it must not wait for long.
  static let readMilliseconds = 500
  static let writeMilliseconds = 5_000
  private static let layoutMilliseconds = 10_000

  private let options: PostgresOptions
  let client: PostgresClient
  private let logger: Logger
  private var layoutState = LayoutState.unknown
  private var backoff = Backoff(shortestMilliseconds: 200, longestMilliseconds: 5_000)

  /// Whether small values are worth looking for that have expired. A process that writes one sets it with a chance of one
  /// in ``valuesPerTidying``: one that answers a single request does its share as well.
  var hasExpiredValues = false
  private var generator: any RandomNumberGenerator
  private static let valuesPerTidying: UInt64 = 200

  private enum LayoutState {
    case unknown, missing, present
  }

  public convenience init(options: PostgresOptions, logger: Logger) {
    self.init(options: options, logger: logger, generator: SystemRandomNumberGenerator())
  }

  init(options: PostgresOptions, logger: Logger, generator: any RandomNumberGenerator) {
    self.generator = generator
    var options = options
    // A cache that loses its last half second in a crash has lost nothing.
    options.serverSettings = ["jit": "off", "plan_cache_mode": "force_generic_plan", "synchronous_commit": "off"]
    self.options = options
    self.logger = logger
    client = PostgresClient(name: StoreDatabase.name, options: options, logger: logger)
  }

  /// Whether the server is worth asking now.
  var isAvailable: Bool { backoff.isOpen() }

  /// Whether the tables are not there, or too old, as far as is known: somebody has to ``prepare()``.
  var isToBeLaidOut: Bool { layoutState == .missing }

  /// Creates the database and its tables where they are missing.
  func prepare() throws(SourceError) {
    guard layoutState == .missing else { return }
    do throws(PostgresFailure) {
      try layOut(by: .after(milliseconds: StoreDatabase.layoutMilliseconds))
      layoutState = .present
      backoff.succeeded()
    } catch {
      backoff.failed()
      throw error.sourceError(of: StoreDatabase.name)
    }
  }

  /// Tells that so many small values are being written.
  func noteValues(_ count: Int) {
    for _ in 0..<min(count, 64) where !hasExpiredValues {
      hasExpiredValues = generator.next() % StoreDatabase.valuesPerTidying == 0
    }
  }

  /// Runs queries in one transaction and round trip, and returns what `add` made of their rows, beginning with
  /// `initial`. `add` is also told which query a row is of.
  func run<Answer>(
    _ queries: [PostgresQuery], into initial: Answer, within milliseconds: Int, whileAllowedBy pulse: Pulse? = nil,
    closesWhenLate: Bool = true, _ add: (inout Answer, Int, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Answer {
    try attempt(within: milliseconds, whileAllowedBy: pulse, closesWhenLate: closesWhenLate) {
      deadline throws(PostgresFailure) in
      try client.run({ _ in queries }, into: initial, by: deadline) { answer, index, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in try add(&answer, index, &row) }
      }
    }
  }

  /// - Parameters:
  ///   - pulse: stops the work as soon as somebody comes; nil while somebody waits for it.
  ///   - closesWhenLate: whether the server is left alone for a while when this takes too long.
  func attempt<Answer>(
    within milliseconds: Int, whileAllowedBy pulse: Pulse? = nil, closesWhenLate: Bool = true,
    _ work: (Deadline) throws(PostgresFailure) -> Answer
  ) throws(SourceError) -> Answer {
    // That says nothing about the server.
    if let pulse, pulse.hasStopped { throw SourceError(.timedOut, "\(StoreDatabase.name): somebody waits") }
    guard backoff.isOpen() else { throw SourceError(.unavailable, "\(StoreDatabase.name) is left alone") }
    if layoutState == .missing { throw SourceError(.unavailable, "\(StoreDatabase.name) has yet to be laid out") }
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
      throw error.sourceError(of: StoreDatabase.name)
    }
  }

  // MARK: - Laying out

  private func look(by deadline: Deadline) throws(PostgresFailure) {
    guard try laidOutVersion(by: deadline) ?? 0 >= StoreDatabase.layout else {
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
    guard version ?? 0 < StoreDatabase.layout else { return }
    try client.run(script: StoreStatement.text(.migrate), by: deadline)
    logger.info("\(StoreDatabase.name): laid out", metadata: ["version": "\(StoreDatabase.layout)"])
  }

  private func laidOutVersion(by deadline: Deadline) throws(PostgresFailure) -> Int? {
    try client.run({ _ in [PostgresQuery(StoreStatement.layout.prepared)] }, into: nil, by: deadline) {
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
      try PostgresClient(name: StoreDatabase.name, options: maintenance, logger: logger)
        .run(script: "CREATE DATABASE \"\(quoted)\"", by: deadline)
      logger.info("\(StoreDatabase.name): database created")
    } catch {
      // 42P04, 23505: another process was faster.
      guard error.sqlState == "42P04" || error.sqlState == "23505" else { throw error }
    }
    client.forgetFailure()
  }
}

extension PostgresQuery {
  init(_ statement: StoreStatement, _ parameters: [PostgresParameter]) {
    self.init(statement.prepared)
    self.parameters = parameters
  }
}
