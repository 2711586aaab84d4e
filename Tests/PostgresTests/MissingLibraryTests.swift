import Core
import Logging
import Testing

@testable import Postgres

@Suite struct MissingLibraryTests {
  @Test func `without libpq every server is as good as away, and libpq is not looked for with every question`() throws {
    var now: UInt64 = 0
    var tries = 0
    let failure = LibraryFailure(PostgresLibrary.name, "not installed")
    let client = PostgresClient(
      name: "database", options: PostgresOptions(hosts: ["/nonexistent"], database: "d"),
      logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }, now: { now }, hostNames: HostNames(),
      open: { () throws(LibraryFailure) in
        tries += 1
        guard tries >= 2 else { throw failure }
        return try PostgresLibrary()
      })
    func ask() -> SourceError? {
      do throws(PostgresFailure) {
        try client.run(script: "SELECT 1", by: .after(milliseconds: 1_000))
        return nil
      } catch {
        return error.sourceError(of: "database")
      }
    }
    for _ in 0..<5 { #expect(ask() == SourceError(.unavailable, "database: \(failure)")) }
    #expect(failure.description.contains("libpq5"))
    #expect(tries == 1)
    // Installed since: what is away now is the server.
    now += 30_000_000_000
    #expect(ask() == SourceError(.unavailable, "database: cannot connect: No such file or directory"))
    #expect(tries == 2)
  }
}
