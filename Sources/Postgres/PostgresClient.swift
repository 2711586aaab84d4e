public import Core
public import Logging

/// Keeps one connection: makes it when it is needed, replaces it when it is lost, and leaves a server alone for half a
/// second after it could not be reached.
public final class PostgresClient {
  /// What is asked of every new connection before it is used.
  public struct Greeting: Sendable {
    /// Answers with one row of booleans. The first tells whether the connection is fit for use, the others are facts
    /// that queries may depend on.
    public var statement: PostgresStatement
    /// Why it is not, when it is not.
    public var refusal: String

    public init(_ statement: PostgresStatement, refusal: String) {
      self.statement = statement
      self.refusal = refusal
    }
  }

  private let name: String
  private let options: PostgresOptions
  private let greeting: Greeting?
  private let logger: Logger
  private let now: () -> UInt64
  private let hostNames: HostNames
  private var library: LazyLibrary<PostgresLibrary>
  private var session: Session?
  private var backoff = PostgresClient.freshBackoff
  private var lastFailure = ""

  private static var freshBackoff: Backoff { Backoff(shortestMilliseconds: 500, longestMilliseconds: 500) }

  private struct Session {
    var connection: PostgresConnection
    /// How it was connected.
    var attempt: PostgresOptions.Attempt
    /// What the greeting told of it.
    var facts: [Bool]
  }

  /// - Parameter name: what the database is called in logs and errors.
  public convenience init(
    name: String, options: PostgresOptions, greeting: Greeting? = nil, logger: Logger,
    now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds
  ) {
    self.init(name: name, options: options, greeting: greeting, logger: logger, now: now, hostNames: HostNames())
  }

  init(
    name: String, options: PostgresOptions, greeting: Greeting? = nil, logger: Logger,
    now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds, hostNames: HostNames,
    open: @escaping () throws(LibraryFailure) -> PostgresLibrary = PostgresLibrary.init
  ) {
    self.name = name
    self.options = options
    self.greeting = greeting
    self.logger = logger
    self.now = now
    self.hostNames = hostNames
    library = LazyLibrary(now: now) { () throws(LibraryFailure) in
      do throws(LibraryFailure) {
        return try open()
      } catch {
        logger.error("\(name): \(error)")
        throw error
      }
    }
  }

  /// Why databases cannot be asked on this machine, whatever their servers do; nil when they can.
  public static var libraryFailure: LibraryFailure? { SharedLibrary.failure(toOpen: PostgresLibrary.name) }

  /// Runs queries in one round trip and returns what `receive` made of their rows, beginning with `initial`.
  ///
  /// `queries` is told the greeting's facts. Everything is done once more, on a new connection, if the kept one turns
  /// out to be dead: queries must read, or bear being repeated.
  public func run<Answer>(
    _ queries: (_ facts: [Bool]) -> [PostgresQuery], into initial: Answer, by deadline: Deadline,
    _ receive: (inout Answer, Int, borrowing PostgresRows) throws(PostgresFailure) -> Void
  ) throws(PostgresFailure) -> Answer {
    let deadline = deadline.orAfter(milliseconds: options.commandTimeoutMilliseconds)
    return try withSession(by: deadline) { session throws(PostgresFailure) in
      try run(queries, on: session, into: initial, by: deadline, receive)
    }
  }

  /// Runs a script of statements without parameters, in one transaction.
  public func run(script: String, by deadline: Deadline) throws(PostgresFailure) {
    try withSession(by: deadline) { session throws(PostgresFailure) in
      do throws(PostgresFailure) {
        try session.connection.run(script: script, by: deadline)
      } catch {
        giveUp(session, after: error)
        throw error
      }
    }
  }

  /// Copies lines into a table and runs a query on what is there then, in one transaction.
  ///
  /// - Parameters:
  ///   - script: makes the table ready.
  ///   - command: `COPY … FROM STDIN`, in text format.
  ///   - line: writes one element, without the end of the line.
  public func copy<Elements: Collection>(
    _ elements: Elements, after script: String, into command: String, then query: PostgresQuery,
    by deadline: Deadline, line: (Elements.Element, inout [UInt8]) -> Void
  ) throws(PostgresFailure) {
    try withSession(by: deadline) { session throws(PostgresFailure) in
      do throws(PostgresFailure) {
        try session.connection.run(script: script, by: deadline)
        try session.connection.copy(elements, into: command, by: deadline, line: line)
        try session.connection.run([query], by: deadline) { _, _ in }
      } catch {
        giveUp(session, after: error)
        // Half of a copy may be on its way.
        if self.session?.connection === session.connection { self.session = nil }
        throw error
      }
    }
  }

  /// Lets the next question try to connect at once: whatever kept it from connecting has been mended.
  public func forgetFailure() {
    backoff = PostgresClient.freshBackoff
  }

  private func withSession<Answer>(
    by deadline: Deadline, _ work: (Session) throws(PostgresFailure) -> Answer
  ) throws(PostgresFailure) -> Answer {
    guard !deadline.hasPassed else { throw PostgresFailure(.timedOut, "no time left to ask") }
    if let kept = session {
      do throws(PostgresFailure) {
        return try work(kept)
      } catch {
        guard error.blamesConnection else { throw error }
        logger.debug("\(name): reconnecting, \(error.reason)")
        session = nil
      }
    }
    let fresh = try connect(by: deadline)
    session = fresh
    return try work(fresh)
  }

  private func run<Answer>(
    _ queries: ([Bool]) -> [PostgresQuery], on session: Session, into initial: Answer, by deadline: Deadline,
    _ receive: (inout Answer, Int, borrowing PostgresRows) throws(PostgresFailure) -> Void
  ) throws(PostgresFailure) -> Answer {
    var answer = initial
    do throws(PostgresFailure) {
      try session.connection.run(queries(session.facts), by: deadline) { index, rows throws(PostgresFailure) in
        try receive(&answer, index, rows)
      }
    } catch {
      giveUp(session, after: error)
      throw error
    }
    return answer
  }

  /// A server that did not let us in within less is not to blame, in milliseconds.
  private static let leastMillisecondsToBlame = 100

  private func connect(by deadline: Deadline) throws(PostgresFailure) -> Session {
    guard backoff.isOpen(at: now()) else {
      throw PostgresFailure(.unreachable, "\(lastFailure), left alone for a moment")
    }
    // A server must not be left alone because the request had no time to ask it, or stopped waiting.
    guard !deadline.hasPassed else { throw PostgresFailure(.timedOut, "no time left to connect") }
    let library = try openLibrary()
    let isEnoughTime = deadline.millisecondsLeft >= PostgresClient.leastMillisecondsToBlame
    var failure = PostgresFailure(.unreachable, "no host is configured")
    var hanging: Set<String> = []
    let attempts = options.attempts
    for (index, attempt) in attempts.enumerated() where !hanging.contains(attempt.host) {
      let share = deadline.millisecondsLeft / (attempts.count - index)
      let limit = deadline.orAfter(milliseconds: min(share, options.connectTimeoutMilliseconds))
      do throws(PostgresFailure) {
        return try open(attempt, library, by: limit)
      } catch {
        let isHanging = error.kind == .timedOut
        if isHanging { hanging.insert(attempt.host) }
        // A primary is no news when a standby would be preferred; it is asked again in the second pass.
        let level: Logger.Level = attempt.sessionAttributes == "standby" && !isHanging ? .debug : .warning
        logger.log(level: level, "\(name): \(error.reason)", metadata: ["host": "\(attempt.host)"])
        failure = error
      }
    }
    if failure.kind != .timedOut || (isEnoughTime && deadline.beat()) {
      backoff.failed(at: now())
      lastFailure = failure.reason
    }
    throw failure
  }

  private func openLibrary() throws(PostgresFailure) -> PostgresLibrary {
    do throws(LibraryFailure) {
      return try library.contents()
    } catch {
      throw PostgresFailure(error)
    }
  }

  /// Opens a connection to the first of the host's addresses where one is to be had.
  private func open(
    _ attempt: PostgresOptions.Attempt, _ library: PostgresLibrary, by deadline: Deadline
  ) throws(PostgresFailure) -> Session {
    let addresses: [String]
    do throws(HostNames.Failure) {
      addresses = try hostNames.addresses(of: attempt.host, by: deadline)
    } catch {
      throw switch error {
      case .noSuchHost: PostgresFailure(.unreachable, "cannot connect: could not translate host name")
      case .timedOut: PostgresFailure(.timedOut, "the name of the host was not resolved in time")
      }
    }
    guard !addresses.isEmpty else { return try greet(attempt, library, by: deadline) }
    var failures: [PostgresFailure] = []
    for (index, address) in addresses.enumerated() {
      var attempt = attempt
      attempt.address = address
      let share = deadline.millisecondsLeft / (addresses.count - index)
      do throws(PostgresFailure) {
        return try greet(attempt, library, by: deadline.orAfter(milliseconds: share))
      } catch {
        logger.debug("\(name): \(error.reason)", metadata: ["host": "\(attempt.host)", "address": "\(address)"])
        failures.append(error)
      }
    }
    hostNames.doubt(attempt.host)
    // That one of them hangs must be known.
    throw failures.first { $0.kind == .timedOut } ?? failures.last ?? PostgresFailure(.unreachable, "no address")
  }

  private func greet(
    _ attempt: PostgresOptions.Attempt, _ library: PostgresLibrary, by deadline: Deadline
  ) throws(PostgresFailure) -> Session {
    let connection = try PostgresConnection(library, options.parameters(for: attempt), by: deadline)
    var facts: [Bool] = []
    if let greeting {
      try connection.run([PostgresQuery(greeting.statement)], by: deadline) { _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in
          while row.hasMoreColumns { facts.append(try row.bool()) }
        }
      }
      guard facts.first == true else { throw PostgresFailure(.refused, greeting.refusal) }
    }
    logger.debug("\(name): connected", metadata: ["host": "\(attempt.host)"])
    return Session(connection: connection, attempt: attempt, facts: Array(facts.dropFirst()))
  }

  // MARK: - Giving up

  /// How long it may take to have the server end what nobody waits for, in milliseconds. A server that hangs as a whole
  /// is not worth more; it has its own limit.
  private static let cancelMilliseconds = 200

  private static let cancel = PostgresStatement(
    "cancel",
    Array(
      """
      SELECT pg_cancel_backend(pid) FROM pg_stat_get_activity($1::int8::int)
      WHERE application_name = current_setting('application_name')
      """.utf8))

  /// Lets go of a session that `failure` has made useless. What the server still does for it is ended over a new
  /// session, which takes its place.
  ///
  /// libpq's `PQcancel` blocks until the server has hung up, so that a server that hangs would hold us for ever, and it
  /// sends its key in the clear where the connection is encrypted. The next question would need a new session anyway.
  private func giveUp(_ session: Session, after failure: PostgresFailure) {
    guard session.connection.isAnswering || failure.blamesConnection else { return }
    self.session = nil
    guard failure.kind == .timedOut else { return }
    let deadline = Deadline.after(milliseconds: PostgresClient.cancelMilliseconds)
    do throws(PostgresFailure) {
      let fresh = try greet(session.attempt, try openLibrary(), by: deadline)
      let process = Int64(session.connection.serverProcess)
      try fresh.connection.run([PostgresQuery(PostgresClient.cancel, .int8(process))], by: deadline) { _, _ in }
      self.session = fresh
    } catch {
      logger.debug("\(name): a query could not be cancelled, \(error.reason)")
    }
    // Until here its process cannot have become another's.
    withExtendedLifetime(session) {}
  }
}
