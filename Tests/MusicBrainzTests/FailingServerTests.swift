import Core
import Glibc
import Metadata
import Testing

@testable import MusicBrainz
@testable import Postgres

private let distance: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"

extension DatabaseTests {
  @Suite struct FailingServerTests {
    let proxy: Proxy

    init() throws {
      let real = try TestDatabase.options()
      proxy = try Proxy(to: real.hosts[0], port: real.ports[0])
    }

    private var soon: Deadline { .after(milliseconds: 10_000) }

    private func milliseconds(_ body: () throws -> Void) rethrows -> Int {
      let start = Deadline.monotonicNanoseconds()
      try body()
      return Int((Deadline.monotonicNanoseconds() - start) / 1_000_000)
    }

    @Test func `one connection serves many questions`() throws {
      let database = try TestDatabase.open(host: proxy.directory)
      for _ in 0..<3 { #expect(try database.artists([distance], by: soon).count == 1) }
      #expect(proxy.accepted == 1)
    }

    @Test func `a server that was restarted in between is asked again on a new connection`() throws {
      let database = try TestDatabase.open(host: proxy.directory)
      for restarts in 0..<3 {
        #expect(try database.discographies([distance], albumless: [], by: soon)[distance]?.albums.count == 7)
        #expect(proxy.accepted == restarts + 1)
        proxy.stop()
        try proxy.start()
      }
    }

    @Test func `a session that the server ended is replaced within the same question`() throws {
      let copy = try CopiedDatabase("ended", schemas: ["musicbrainz"])
      let database = try TestDatabase.open(name: copy.name)
      let options = try TestDatabase.options(name: copy.name)
      let other = try PostgresConnection(try PostgresLibrary(), options.parameters(for: options.attempts[0]), by: soon)
      #expect(try database.artists([distance], by: soon).count == 1)
      let end = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'linernotes'
        """
      var ended = 0
      try other.run([PostgresQuery(PostgresStatement("end", Array(end.utf8)))], by: soon) {
        _, rows throws(PostgresFailure) in
        ended = rows.count
      }
      #expect(ended == 1)
      #expect(try database.artists([distance], by: soon).count == 1)
    }

    @Test func `a server that is gone is unavailable, left alone for half a second, and found when it is back`() throws
    {
      let time = Time()
      let database = MusicBrainzDatabase(
        options: try TestDatabase.options(host: proxy.directory), logger: TestDatabase.logger, now: { time.now })
      #expect(try database.artists([distance], by: soon).count == 1)
      proxy.stop()
      let gone = SourceError(.unavailable, "MusicBrainz database: cannot connect: No such file or directory")
      #expect(throws: gone) { try database.artists([distance], by: soon) }
      try proxy.start()
      let leftAlone = SourceError(gone.code, gone.reason + ", left alone for a moment")
      #expect(throws: leftAlone) { try database.artists([distance], by: soon) }
      time.now += 499_999_999
      #expect(throws: leftAlone) { try database.artists([distance], by: soon) }
      time.now += 1
      #expect(try database.artists([distance], by: soon).count == 1)
    }

    @Test func `a server that hangs costs the deadline and no more`() throws {
      let database = try TestDatabase.open(host: proxy.directory)
      #expect(try database.artists([distance], by: soon).count == 1)
      proxy.hang()
      let spent = milliseconds {
        let error = #expect(throws: SourceError.self) {
          try database.artists([distance], by: .after(milliseconds: 200))
        }
        #expect(error?.code == .timedOut)
      }
      #expect((200...600).contains(spent))
      // Now the kept connection is gone, and connecting hangs.
      let again = milliseconds {
        let error = #expect(throws: SourceError.self) {
          try database.artists([distance], by: .after(milliseconds: 200))
        }
        #expect(error?.code == .timedOut)
      }
      #expect((200...600).contains(again))
      let afterwards = milliseconds {
        let error = #expect(throws: SourceError.self) {
          try database.artists([distance], by: .after(milliseconds: 200))
        }
        #expect(error?.code == .unavailable)
      }
      #expect(afterwards < 150)
    }

    @Test func `connecting to a server that hangs takes no longer than connecting may`() throws {
      proxy.hang()
      var options = try TestDatabase.options(host: proxy.directory)
      options.connectTimeoutMilliseconds = 100
      let database = MusicBrainzDatabase(options: options, logger: TestDatabase.logger)
      let spent = milliseconds { #expect(throws: SourceError.self) { try database.ping(by: soon) } }
      #expect((100...500).contains(spent))
    }

    @Test func `a question that comes after its deadline is not asked and breaks nothing`() throws {
      let database = try TestDatabase.open(host: proxy.directory)
      #expect(try database.artists([distance], by: soon).count == 1)
      let error = #expect(throws: SourceError.self) { try database.artists([distance], by: .after(milliseconds: 0)) }
      #expect(error?.code == .timedOut)
      #expect(try database.artists([distance], by: soon).count == 1)
      #expect(proxy.accepted == 1)
    }

    @Test(arguments: ["any", "prefer-standby"])
    func `when the first host is dead or hangs the second answers`(_ attributes: String) throws {
      let real = try TestDatabase.options()
      var options = real
      options.targetSessionAttributes = attributes
      options.hosts = ["/nonexistent", real.hosts[0]]
      #expect(
        try MusicBrainzDatabase(options: options, logger: TestDatabase.logger).artists([distance], by: soon).count == 1)
      proxy.hang()
      options.hosts = [proxy.directory, real.hosts[0]]
      let database = MusicBrainzDatabase(options: options, logger: TestDatabase.logger)
      let spent = try milliseconds {
        let found = try database.artists([distance], by: .after(milliseconds: 400))
        #expect(found.count == 1)
      }
      #expect(spent < 400)
    }

    private func numbers(of client: PostgresClient, _ sql: String) throws(PostgresFailure) -> [Int] {
      var query = PostgresQuery(PostgresStatement(sql, Array(sql.utf8)))
      query.isStreamed = true
      return try client.run({ _ in [query] }, into: [], by: soon) {
        (numbers: inout [Int], _, rows) throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in numbers.append(try row.int()) }
      }
    }

    @Test func `an answer that breaks off is asked for anew, and none of its rows counts twice`() throws {
      let client = PostgresClient(
        name: "test", options: try TestDatabase.options(host: proxy.directory), logger: TestDatabase.logger)
      for accepted in 1...2 {
        #expect(try numbers(of: client, "SELECT generate_series(1, 20000)") == Array(1...20_000))
        #expect(proxy.accepted == accepted)
        proxy.cut(after: 100_000)
      }
    }

    @Test func `an error after the first rows is an error, and the connection is kept`() throws {
      let client = PostgresClient(
        name: "test", options: try TestDatabase.options(host: proxy.directory), logger: TestDatabase.logger)
      let error = #expect(throws: PostgresFailure.self) {
        try numbers(of: client, "SELECT 1 / (9000 - number) FROM generate_series(1, 20000) AS number")
      }
      #expect(error?.sqlState == "22012")
      #expect(try numbers(of: client, "SELECT 1 WHERE false") == [])
      #expect(proxy.accepted == 1)
    }

    @Test func `the server's own time limit is a time-out, too`() throws {
      let options = try TestDatabase.options()
      let connection = try PostgresConnection(
        try PostgresLibrary(), options.parameters(for: options.attempts[0]), by: soon)
      let limit = "SELECT set_config('statement_timeout', '100', false)"
      let queries = [limit, "SELECT pg_sleep(5)::text"].map { PostgresQuery(PostgresStatement($0, Array($0.utf8))) }
      let error = try #require(throws: PostgresFailure.self) {
        try connection.run(queries, by: soon) { _, _ throws(PostgresFailure) in }
      }
      #expect(error == PostgresFailure(sqlState: "57014"))
    }

    @Test func `who is turned away learns why, and nobody learns the password`() throws {
      var options = try TestDatabase.options(name: "no such database")
      options.password = "secret"
      let error = try #require(throws: SourceError.self) {
        try MusicBrainzDatabase(options: options, logger: TestDatabase.logger).ping(by: soon)
      }
      #expect(error == SourceError(.failed, "MusicBrainz database: no such database (3D000)"))
    }
  }
}

/// A clock that stands still until it is moved.
private final class Time {
  var now: UInt64 = 1_000_000_000
}
