internal import Core
internal import Logging
internal import Metadata

/// Keeps one connection: makes it when it is needed, replaces it when it is lost, and leaves a server alone for half a
/// second after it could not be reached.
final class PostgresClient {
  private let options: PostgresOptions
  private let logger: Logger
  private let now: () -> UInt64
  private var session: Session?
  private var breaker = Breaker(pauseMilliseconds: 500)

  private struct Session {
    var connection: PostgresConnection
    var hasCoverArt: Bool
  }

  init(options: PostgresOptions, logger: Logger, now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds) {
    self.options = options
    self.logger = logger
    self.now = now
  }

  /// Runs queries in one round trip and returns what `receive` made of their rows, beginning with `initial`.
  ///
  /// `queries` is told whether the Cover Art Archive's tables are there. Everything is done once more, on a new
  /// connection, if the kept one turns out to be dead: it only reads.
  func run<Answer>(
    _ queries: (_ hasCoverArt: Bool) -> [PostgresQuery], into initial: Answer, by deadline: Deadline,
    _ receive: (inout Answer, Int, borrowing PostgresRows) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Answer {
    let deadline = deadline.orAfter(milliseconds: options.commandTimeoutMilliseconds)
    do throws(PostgresFailure) {
      guard !deadline.hasPassed else { throw PostgresFailure(.timedOut, "no time left to ask") }
      if let kept = session {
        do throws(PostgresFailure) {
          return try run(queries, on: kept, into: initial, by: deadline, receive)
        } catch {
          guard error.blamesConnection else { throw error }
          logger.debug("MusicBrainz database: reconnecting, \(error.reason)")
          session = nil
        }
      }
      let fresh = try connect(by: deadline)
      session = fresh
      return try run(queries, on: fresh, into: initial, by: deadline, receive)
    } catch {
      throw error.sourceError
    }
  }

  private func run<Answer>(
    _ queries: (Bool) -> [PostgresQuery], on session: Session, into initial: Answer, by deadline: Deadline,
    _ receive: (inout Answer, Int, borrowing PostgresRows) throws(PostgresFailure) -> Void
  ) throws(PostgresFailure) -> Answer {
    var answer = initial
    do throws(PostgresFailure) {
      try session.connection.run(queries(session.hasCoverArt), by: deadline) { index, rows throws(PostgresFailure) in
        try receive(&answer, index, rows)
      }
    } catch {
      // After a time-out its answer may still come, in front of the next one's.
      if error.kind == .timedOut || error.blamesConnection { self.session = nil }
      throw error
    }
    return answer
  }

  private func connect(by deadline: Deadline) throws(PostgresFailure) -> Session {
    if let reason = breaker.reasonToWait(at: now()) {
      throw PostgresFailure(.unreachable, "\(reason), left alone for a moment")
    }
    // A server must not be left alone because the request had no time to ask it.
    guard !deadline.hasPassed else { throw PostgresFailure(.timedOut, "no time left to connect") }
    var failure = PostgresFailure(.unreachable, "no host is configured")
    var hanging: Set<String> = []
    let attempts = options.attempts
    for (index, attempt) in attempts.enumerated() where !hanging.contains(attempt.host) {
      let share = deadline.millisecondsLeft / (attempts.count - index)
      let limit = deadline.orAfter(milliseconds: min(share, options.connectTimeoutMilliseconds))
      do throws(PostgresFailure) {
        return try open(attempt, by: limit)
      } catch {
        let isHanging = error.kind == .timedOut
        if isHanging { hanging.insert(attempt.host) }
        // A primary is no news when a standby would be preferred; it is asked again in the second pass.
        let level: Logger.Level = attempt.sessionAttributes == "standby" && !isHanging ? .debug : .warning
        logger.log(level: level, "MusicBrainz database: \(error.reason)", metadata: ["host": "\(attempt.host)"])
        failure = error
      }
    }
    breaker.failed(at: now(), because: failure.reason)
    throw failure
  }

  private func open(_ attempt: PostgresOptions.Attempt, by deadline: Deadline) throws(PostgresFailure) -> Session {
    let connection = try PostgresConnection(options.parameters(for: attempt), by: deadline)
    var hasSettings = false
    var hasCoverArt = false
    try connection.run([PostgresQuery(Statement.session.prepared)], by: deadline) { _, rows throws(PostgresFailure) in
      try rows.forEach { row throws(PostgresFailure) in
        hasSettings = try row.bool()
        hasCoverArt = try row.bool()
      }
    }
    // Without one snapshot for all statements of a pipeline, a document could mix two states of the database.
    guard hasSettings else {
      throw PostgresFailure(.refused, "the settings in the connection's options are not in force (a pooler's doing?)")
    }
    logger.debug("MusicBrainz database: connected", metadata: ["host": "\(attempt.host)"])
    return Session(connection: connection, hasCoverArt: hasCoverArt)
  }
}
