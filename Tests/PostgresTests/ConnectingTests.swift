import Core
import Testing

@testable import Postgres

@Suite struct PostgresOptionsTests {
  @Test func `each host has its port, or all have the same`() {
    var options = PostgresOptions(hosts: ["a", "b"], ports: [1, 2], database: "d")
    #expect(options.attempts.map(\.port) == [1, 2])
    options.ports = [3]
    #expect(options.attempts.map(\.port) == [3, 3])
    options.ports = []
    #expect(options.attempts.map(\.port) == [nil, nil])
  }

  @Test func `preferring a standby means looking for one on all hosts first`() {
    let options = PostgresOptions(hosts: ["a", "b"], database: "d", targetSessionAttributes: "prefer-standby")
    #expect(options.attempts.map(\.host) == ["a", "b", "a", "b"])
    #expect(options.attempts.map(\.sessionAttributes) == ["standby", "standby", "any", "any"])
  }

  @Test func `other session attributes are passed on`() {
    let options = PostgresOptions(hosts: ["a"], database: "d", targetSessionAttributes: "read-only")
    #expect(options.attempts.map(\.sessionAttributes) == ["read-only"])
  }

  @Test func `the name is kept beside the address, for the certificate`() {
    let options = PostgresOptions(hosts: ["db"], database: "d")
    var attempt = options.attempts[0]
    attempt.address = "192.0.2.1"
    let parameters = options.parameters(for: attempt)
    #expect(parameters.contains { $0 == ("host", "db") })
    #expect(parameters.contains { $0 == ("hostaddr", "192.0.2.1") })
    #expect(!options.parameters(for: options.attempts[0]).contains { $0.keyword == "hostaddr" })
  }

  @Test func `a URL may ask for TLS, and for nothing that is not done`() {
    #expect(PostgresOptions(url: "postgresql://u@h:1/d?sslmode=verify-full")?.sslMode == "verify-full")
    #expect(PostgresOptions(url: "postgresql://u@h:1/d")?.sslMode == "prefer")
    #expect(PostgresOptions(url: "postgresql://u@h:1/d?sslmode=require&connect_timeout=1") == nil)
  }

  @Test func `the password is in no description`() {
    let options = PostgresOptions(hosts: ["a"], database: "d", user: "u", password: "secret")
    #expect(!"\(options)".contains("secret"))
    #expect(!String(reflecting: options).contains("secret"))
  }
}

@Suite struct PostgresFailureTests {
  @Test(
    arguments: [
      ("42P01", .failed, "MusicBrainz database: tables or their schema are missing (42P01)"),
      ("28P01", .failed, "MusicBrainz database: user or password not accepted (28P01)"),
      ("57014", .timedOut, "MusicBrainz database: the server cancelled the query (57014)"),
      ("57P01", .unavailable, "MusicBrainz database: the server shut down (57P01)"),
      ("57P03", .unavailable, "MusicBrainz database: the server is starting up or shutting down (57P03)"),
      ("XX000", .failed, "MusicBrainz database: the query failed (XX000)"),
    ] as [(String, SourceError.Code, String)])
  func `a server's error keeps its state and gets our words`(_ state: String, _ code: SourceError.Code, _ text: String)
  {
    let error = PostgresFailure(sqlState: state).sourceError(of: "MusicBrainz database")
    #expect(error.code == code)
    #expect(error.description == text)
  }

  @Test(arguments: [("57P01", true), ("08006", true), ("26000", true), ("42P01", false), ("57014", false)])
  func `what a new connection may mend is asked again`(_ state: String, _ mayBe: Bool) {
    #expect(PostgresFailure(sqlState: state).blamesConnection == mayBe)
  }
}

@Suite struct ServerLimitTests {
  @Test(arguments: [(0, 250), (1, 250), (240, 250), (9_900, 10_000), (3_599_990, 3_600_000)])
  func `the server is given what is left, in steps of a quarter of a second`(_ left: Int, _ limit: Int) {
    #expect(ServerLimit(.after(milliseconds: left)).milliseconds == limit)
  }
}
