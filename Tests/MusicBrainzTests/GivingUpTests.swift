import Core
import Glibc
import Testing

@testable import MusicBrainz
@testable import Postgres

extension DatabaseTests {
  /// What becomes of a query at the server when nobody waits for it any more.
  @Suite struct GivingUpTests {
    private var later: Deadline { .after(milliseconds: 20_000) }

    private func client(host: String? = nil) throws -> PostgresClient {
      PostgresClient(name: "test", options: try TestDatabase.options(host: host), logger: TestDatabase.logger)
    }

    private func numbers(
      of client: PostgresClient, _ statements: String..., by deadline: Deadline
    ) throws(PostgresFailure) -> [Int] {
      let queries = statements.map { PostgresQuery(PostgresStatement($0, Array($0.utf8))) }
      return try client.run({ _ in queries }, into: [], by: deadline) {
        (numbers: inout [Int], _, rows) throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in numbers.append(try row.int()) }
      }
    }

    private func limit(of client: PostgresClient, by deadline: Deadline) throws -> Int {
      try numbers(
        of: client, "SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'", by: deadline
      ).first ?? -1
    }

    /// How many queries that are marked so the server is at work on.
    private func running(_ mark: String) throws -> Int {
      try numbers(
        of: try client(),
        """
        SELECT count(*)::int FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND state = 'active' AND strpos(query, '\(mark)') > 0
        """, by: later
      ).first ?? -1
    }

    private func isGoneSoon(_ mark: String) throws -> Bool {
      // The server's own limit would come much later.
      let deadline = Deadline.after(milliseconds: 6_000)
      while !deadline.hasPassed {
        if try running(mark) == 0 { return true }
        usleep(20_000)
      }
      return false
    }

    /// The server does not look by itself whether its client is still there.
    private let unwatched = "SELECT length(set_config('client_connection_check_interval', '0', false))"

    private func sleep(_ mark: String) -> String { "SELECT 1 /* \(mark) */ FROM pg_sleep(30)" }

    @Test func `the server gets what is left of the deadline, and is told only when that changes`() throws {
      let client = try client()
      #expect(try limit(of: client, by: .after(milliseconds: 10_000)) == 10_000)
      #expect(try limit(of: client, by: .after(milliseconds: 1_990)) == 2_000)
      #expect(try limit(of: client, by: .after(milliseconds: 1_995)) == 2_000)
      #expect(try limit(of: client, by: .after(milliseconds: 60_000)) == 30_000, "what one answer may take at most")
      #expect(throws: PostgresFailure.self) { try numbers(of: client, "SELECT 1/0", by: .after(milliseconds: 5_000)) }
      #expect(try limit(of: client, by: .after(milliseconds: 29_990)) == 30_000)
    }

    @Test func `scripts have the limit of their deadline, too`() throws {
      let client = try client()
      try client.run(script: "CREATE TEMPORARY TABLE kept AS SELECT 1", by: .after(milliseconds: 4_990))
      #expect(try limit(of: client, by: .after(milliseconds: 4_990)) == 5_000)
      let error = #expect(throws: PostgresFailure.self) {
        try client.run(script: "SET statement_timeout = 50; SELECT pg_sleep(30)", by: later)
      }
      #expect(error?.sqlState == "57014")
    }

    @Test func `a query that takes too long is ended when its deadline has passed`() throws {
      let client = try client()
      let error = #expect(throws: PostgresFailure.self) {
        try numbers(of: client, unwatched, sleep("too_long"), by: .after(milliseconds: 200))
      }
      #expect(error?.kind == .timedOut)
      #expect(try isGoneSoon("too_long"))
      #expect(try numbers(of: client, "SELECT 7", by: later) == [7])
    }

    @Test(arguments: [true, false])
    func `a query that nobody waits for any more is ended at once, on a new connection as on a kept one`(
      _ isKept: Bool
    ) throws {
      let client = try client()
      if isKept { #expect(try numbers(of: client, "SELECT 7", by: later) == [7]) }
      var wasRunning = 0
      let pulse = Pulse(every: 10) {
        wasRunning = (try? running("given_up")) ?? -1
        return wasRunning != 1
      }
      let error = #expect(throws: PostgresFailure.self) {
        try numbers(of: client, unwatched, sleep("given_up"), by: later.with(pulse))
      }
      #expect(error?.kind == .timedOut)
      #expect(wasRunning == 1)
      #expect(try isGoneSoon("given_up"))
      #expect(try numbers(of: client, "SELECT 7", by: later) == [7])
    }

    @Test func `a query that waits for another's lock is ended as well`() throws {
      let copy = try CopiedDatabase("locked", schemas: ["musicbrainz"])
      let options = try TestDatabase.options(name: copy.name)
      let other = try PostgresConnection(try PostgresLibrary(), options.parameters(for: options.attempts[0]), by: later)
      try other.run(script: "BEGIN", by: later)
      try other.run(script: "LOCK TABLE musicbrainz.artist IN ACCESS EXCLUSIVE MODE", by: later)
      let database = try TestDatabase.open(name: copy.name)
      var beats = 0
      let pulse = Pulse(every: 10) {
        beats += 1
        return beats < 2
      }
      let error = #expect(throws: SourceError.self) {
        try database.artists(["472bc127-8861-45e8-bc9e-31e8dd32de7a"], by: later.with(pulse))
      }
      #expect(error?.code == .timedOut)
      var waiting = 1
      let patience = Deadline.after(milliseconds: 6_000)
      while waiting > 0, !patience.hasPassed {
        waiting =
          try numbers(
            of: try client(),
            """
            SELECT count(*)::int FROM pg_stat_activity WHERE datname = '\(copy.name)' AND wait_event_type = 'Lock'
            """, by: later
          ).first ?? -1
      }
      #expect(waiting == 0)
    }

    @Test func `the server ends a query whose client is gone`() throws {
      let real = try TestDatabase.options()
      let proxy = try Proxy(to: real.hosts[0], port: real.ports[0])
      let client = try client(host: proxy.directory)
      // A process that is killed says nothing; its connection ends.
      let pulse = Pulse(every: 10) {
        if (try? running("cut_off")) == 1 { proxy.stop() }
        return true
      }
      let error = #expect(throws: PostgresFailure.self) {
        try numbers(of: client, sleep("cut_off"), by: later.with(pulse))
      }
      #expect(error?.kind == .connectionLost)
      #expect(try isGoneSoon("cut_off"))
    }

    @Test func `a connection whose query the server ended is used further`() throws {
      let real = try TestDatabase.options()
      let proxy = try Proxy(to: real.hosts[0], port: real.ports[0])
      let client = try client(host: proxy.directory)
      let error = #expect(throws: PostgresFailure.self) {
        try numbers(
          of: client, "SELECT length(set_config('statement_timeout', '50', false))", sleep("limited"), by: later)
      }
      #expect(error?.sqlState == "57014")
      #expect(try limit(of: client, by: .after(milliseconds: 9_990)) == 10_000)
      #expect(proxy.accepted == 1)
    }

    @Test func `a resolver that hangs costs the deadline, and the server is not to blame for what it had no time for`()
      throws
    {
      final class Hanging: HostLookup {
        func addresses(by deadline: Deadline) -> [String]? {
          while !deadline.hasPassed { usleep(1_000) }
          return nil
        }
      }
      var options = try TestDatabase.options()
      options.hosts = ["database.example"]
      let client = PostgresClient(
        name: "test", options: options, logger: TestDatabase.logger, hostNames: HostNames(lookUp: { _ in Hanging() }))
      let start = Deadline.monotonicNanoseconds()
      for _ in 0..<2 {
        let error = #expect(throws: PostgresFailure.self) {
          try numbers(of: client, "SELECT 1", by: .after(milliseconds: 50))
        }
        #expect(error?.kind == .timedOut)
      }
      let error = #expect(throws: PostgresFailure.self) {
        try numbers(of: client, "SELECT 1", by: .after(milliseconds: 300))
      }
      #expect(error?.kind == .timedOut)
      #expect(Deadline.monotonicNanoseconds() - start < 2_000_000_000)
      let leftAlone = #expect(throws: PostgresFailure.self) { try numbers(of: client, "SELECT 1", by: later) }
      #expect(leftAlone?.kind == .unreachable)
    }
  }
}
