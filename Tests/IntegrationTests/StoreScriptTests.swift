import Core
import Documents
import Foundation
import Logging
import Metadata
import Postgres
import SQLite
import Testing

@testable import Cache
@testable import PostgresStore

/// The scripts in `deploy/scripts` that look after a store: on the PostgreSQL of the instance, and on SQLite files.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) final class StoreScriptTests {
  let name = "scripts_\(UUID().uuidString.prefix(8).lowercased())"
  let directory: URL
  let host: String
  let admin: String
  let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  let key = CacheKey(.artist, "472bc127-8861-45e8-bc9e-31e8dd32de7a")

  init() throws {
    host = try Stack.content.value("DATABASE__HOST")
    admin = try Stack.content.value("DATABASE__USER")
    directory = FileManager.default.temporaryDirectory.appending(path: name)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
  }

  deinit {
    try? run(
      as: admin, in: "postgres",
      "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", "DROP ROLE IF EXISTS \(name)_owner", "DROP ROLE IF EXISTS \(name)"
    )
    try? FileManager.default.removeItem(at: directory)
  }

  private func options(_ user: String, _ database: String) -> PostgresOptions {
    PostgresOptions(hosts: [host], database: database, user: user)
  }

  private func run(as user: String, in database: String, _ scripts: String...) throws {
    for script in scripts {
      try PostgresClient(name: "test", options: options(user, database), logger: logger)
        .run(script: script, by: .after(milliseconds: 10_000))
    }
  }

  private var binary: String { get throws { "\(try Stack.content.value("DIR"))/bin/linernotes" } }

  /// Runs a script with nothing in its environment but this.
  private func script(
    _ name: String, _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> Command.Result {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "deploy/scripts")
    return try Command.run(
      "/usr/bin/env", ["bash", folder.appending(path: name).path] + arguments,
      environment: [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": directory.path, "PGHOST": host, "PGUSER": admin,
      ].merging(environment) { $1 })
  }

  private func makeDatabase() throws -> Command.Result {
    try script(
      "init-db.sh",
      ["--database", name, "--owner", "\(name)_owner", "--user", name, "--linernotes", try binary],
      ["LINERNOTES_OWNER_PASSWORD": "ow'ner", "LINERNOTES_PASSWORD": #"po\ol"#])
  }

  private func document(_ text: String) -> Document {
    Document(parts: [.init(Fragment(Array(text.utf8)))], expires: UnixTime(seconds: 4_000_000_000))
  }

  @Test func `the pool's role uses the store that the owner has laid out, and can do no more`() throws {
    for _ in 0..<2 {
      let result = try makeDatabase()
      try #require(result.status == 0, "\(result.error)")
      #expect(!result.error.contains("ow'ner") && !result.error.contains("po"))
    }
    let database = StoreDatabase(options: options(name, name), logger: logger)
    let tier = PostgresDurableTier(database)
    try tier.ping()
    #expect(try tier.set([key: document("x")], revision: tier.revision()).isEmpty)
    #expect(try tier.get([key]).compactMap { $0?.fingerprint } == [document("x").fingerprint])
    try tier.revoke([key], because: .changed, moving: [BookmarkMove("a", from: nil, to: "1")])
    try tier.insert([key.id], of: .album)
    #expect(try PostgresPurgeQueue(database).add([key], delay: 0) == 0)
    #expect(try PostgresPurgeQueue(database).claim(9, of: [.artist], seconds: 9).count == 1)
    _ = try PostgresBuildQueue(database).add([key], .asked, client: 1)
    PostgresTier(database).set([CacheItem("k", [1], lifetime: 60)])
    #expect(PostgresTier(database).get(["k"]) == [[1]])
    for forbidden in [
      "DROP TABLE cache.document", "TRUNCATE cache.document", "CREATE TABLE cache.own (a int)",
      "CREATE TABLE public.own (a int)", "CREATE SCHEMA own", "ALTER TABLE cache.document ADD COLUMN own int",
    ] {
      #expect(throws: PostgresFailure.self, "\(forbidden)") { try run(as: name, in: name, forbidden) }
    }
  }

  @Test func `a backup of PostgreSQL is put back as it was, and half of one is refused`() throws {
    let made = try makeDatabase()
    try #require(made.status == 0, "\(made.error)")
    let tier = PostgresDurableTier(options: options(name, name), logger: logger)
    try tier.ping()
    _ = try tier.set([key: document("before")], revision: tier.revision())
    let owner = ["PGUSER": "\(name)_owner", "PGDATABASE": name]
    let backup = try script("backup.sh", ["--postgres", "--directory", directory.path], owner)
    try #require(backup.status == 0, "\(backup.error)")
    let file = String(decoding: backup.output, as: UTF8.self).trimmingCharacters(in: .newlines)
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)

    let later = try tier.revision() + 1_000
    try run(
      as: "\(name)_owner", in: name, "SELECT setval('cache.revision', \(later))", "CREATE TABLE cache.newer (a int)")
    _ = try tier.set([key: document("after")], revision: later)
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    let half = directory.appending(path: "half.dump")
    try whole.dropLast(100).write(to: half)
    for action in ["--check", "--restore"] {
      #expect(try script("backup.sh", ["--postgres", action, half.path], owner).status != 0)
    }
    #expect(try tier.get([key]).compactMap { $0?.fingerprint } == [document("after").fingerprint])

    // By a URL with a password, as the settings have it; the socket's directory is in its query.
    let url = "postgresql://\(name)_owner:ow%27ner@/\(name)?host=\(host)"
    let restored = try script("backup.sh", ["--restore", file], ["CACHE__POSTGRES_URL": url, "PGUSER": ""])
    try #require(restored.status == 0, "\(restored.error)")
    let again = PostgresDurableTier(options: options(name, name), logger: logger)
    #expect(try again.get([key]).compactMap { $0?.fingerprint } == [document("before").fingerprint])
    #expect(try again.revision() > later)
    #expect(try again.set([key: document("new")], revision: again.revision()).isEmpty)
  }

  @Test func `a SQLite store is copied while it is in use, and put back`() throws {
    let store = directory.appending(path: "it's.db").path
    let url = ["CACHE__POSTGRES_URL": "sqlite:///\(store)"]
    let prepared = try Command.run(try binary, ["store", "prepare"], environment: url)
    try #require(prepared.status == 0, "\(prepared.error)")
    let user = try SQLiteConnection(path: store)
    try user.execute("INSERT INTO bookmark VALUES ('a', 'before')")
    var read = ""
    let value = SQLiteStatement(Array("SELECT value FROM bookmark".utf8))
    // Somebody reads and somebody writes.
    let writer = try SQLiteConnection(path: store)
    try writer.execute("BEGIN IMMEDIATE; INSERT INTO bookmark VALUES ('b', 'unfinished')")
    let backup = try user.reading { () throws(SQLiteFailure) in
      try? script("backup.sh", ["--directory", directory.path], url)
    }
    try writer.execute("ROLLBACK")
    let result = try #require(backup)
    try #require(result.status == 0, "\(result.error)")
    let file = String(decoding: result.output, as: UTF8.self).trimmingCharacters(in: .newlines)
    try user.execute("UPDATE bookmark SET value = 'after'")

    let half = directory.appending(path: "half.db")
    try Data(contentsOf: URL(fileURLWithPath: file)).prefix(8_192).write(to: half)
    #expect(try script("backup.sh", ["--restore", half.path], url).status != 0)
    let restored = try script("backup.sh", ["--restore", file], url)
    try #require(restored.status == 0, "\(restored.error)")
    let checked = try Command.run(try binary, ["store", "check"], environment: url)
    #expect(checked.status == 0, "\(checked.error)")
    try SQLiteConnection(path: store).run(value) { row in read = row.text(0) }
    #expect(read == "before")
  }
}
