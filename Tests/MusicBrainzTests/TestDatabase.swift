import Foundation
import Logging
import Testing

@testable import MusicBrainz
@testable import Postgres

/// The PostgreSQL server with the sample rows that the environment names. Without one the tests that need it are
/// skipped, but not in CI: there they fail.
enum TestDatabase {
  static let environment = ProcessInfo.processInfo.environment
  static let isWanted = environment["LINERNOTES_TEST_DATABASE_HOST"] != nil || environment["CI"] == "true"

  /// Reaches the sample database, or another of its server, or through another host.
  static func options(name: String? = nil, host: String? = nil) throws -> PostgresOptions {
    let directory = try #require(
      environment["LINERNOTES_TEST_DATABASE_HOST"], "LINERNOTES_TEST_DATABASE_HOST must name a server")
    return PostgresOptions(
      hosts: [host ?? directory],
      ports: [Int(environment["LINERNOTES_TEST_DATABASE_PORT"] ?? "") ?? 5432],
      database: name ?? environment["LINERNOTES_TEST_DATABASE_NAME"] ?? "musicbrainz",
      user: environment["LINERNOTES_TEST_DATABASE_USER"])
  }

  static func open(name: String? = nil, host: String? = nil) throws -> MusicBrainzDatabase {
    MusicBrainzDatabase(options: try options(name: name, host: host), logger: logger)
  }

  static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// All tests that need the server, one after the other: some measure time.
@Suite(.serialized, .enabled(if: TestDatabase.isWanted)) struct DatabaseTests {}
