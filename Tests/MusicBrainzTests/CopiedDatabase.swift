import Foundation
import Postgres
import Testing

@testable import MusicBrainz

/// A copy of the sample database that a test may spoil; dropped at the end.
final class CopiedDatabase {
  let name: String

  /// Copies schemas with their rows, then runs `sql`.
  init(_ purpose: String, schemas: [String], then sql: String = "") throws {
    name = "linernotes_test_\(getpid())_\(purpose)"
    let source = try TestDatabase.options().database
    let selection = schemas.map { "-n \($0)" }.joined(separator: " ")
    // Functions that need other schemas fail to be restored. Names are matched with one of them; it needs this one.
    let unaccent =
      "CREATE FUNCTION public.immutable_unaccent(regdictionary, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT "
      + #"AS \$\$SELECT public.unaccent(\$1, \$2)\$\$"#
    try run(
      """
      createdb \(name) && psql -qX \(name) -c 'CREATE EXTENSION IF NOT EXISTS earthdistance CASCADE' \
      -c 'CREATE EXTENSION IF NOT EXISTS unaccent' -c "\(unaccent)"; pg_dump \(selection) \(source) | psql -qX \(name)
      """)
    try execute(sql)
  }

  /// Runs SQL without an apostrophe. Whatever it removes, nothing that refers to it keeps it from doing so.
  func execute(_ sql: String) throws {
    let settings = "SET search_path = musicbrainz, public; SET session_replication_role = replica"
    try run("psql -qX -v ON_ERROR_STOP=1 \(name) -c '\(settings); \(sql)'")
  }

  deinit { try? run("dropdb --force \(name)") }

  private func run(_ script: String) throws {
    let options = try TestDatabase.options()
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", script]
    var environment = ProcessInfo.processInfo.environment
    environment["PGHOST"] = options.hosts[0]
    environment["PGPORT"] = String(options.ports[0])
    environment["PGUSER"] = options.user
    shell.environment = environment
    shell.standardOutput = FileHandle.nullDevice
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    try #require(shell.terminationStatus == 0, "a copy of the sample database could not be made")
  }
}
