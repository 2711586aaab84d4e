import Core
import Foundation
import Logging
import Postgres
import Testing

@testable import Cache
import Metadata
@testable import PostgresStore
@testable import Documents

/// What only PostgreSQL's store does, each test in a database of its own that the store itself creates; what all stores do
/// is in `Tests/StoreTests`.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) final class PostgresStoreTests {
  let name = "durable_\(UUID().uuidString.prefix(8).lowercased())"
  let time = UnixTime(seconds: 1_800_000_000)
  let options: PostgresOptions
  let id: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
  let other: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"

  init() throws {
    options = PostgresOptions(
      hosts: [try Stack.content.value("DATABASE__HOST")], database: name,
      user: try Stack.content.value("DATABASE__USER"))
  }

  deinit {
    var maintenance = options
    maintenance.database = "postgres"
    try? PostgresClient(name: "test", options: maintenance, logger: PostgresStoreTests.logger)
      .run(script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", by: .after(milliseconds: 10_000))
  }

  static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  func tier(at time: UnixTime? = nil) throws -> PostgresDurableTier {
    let time = time ?? self.time
    let tier = PostgresDurableTier(options: options, logger: PostgresStoreTests.logger, now: { time })
    try tier.ping()
    return tier
  }

  func set(
    _ tier: @autoclosure () throws -> PostgresDurableTier, _ documents: [CacheKey: Document], revision: Int64? = nil
  ) throws {
    let tier = try tier()
    let refused = try tier.set(documents, revision: try revision ?? tier.revision())
    #expect(refused.isEmpty)
  }

  func document(_ text: String, expires: UnixTime) -> Document {
    Document(parts: [.init(label: [1], Fragment(Array(text.utf8)))], references: [other], expires: expires)
  }

  /// What the tables and the documents looked like before there were revisions.
  static let layout1 = """
    CREATE SCHEMA cache;
    CREATE TABLE cache.layout (version integer NOT NULL);
    INSERT INTO cache.layout VALUES (1);
    CREATE TABLE cache.document (
      kind text NOT NULL, id uuid NOT NULL, generation bigint NOT NULL, expires bigint NOT NULL, updated bigint NOT NULL,
      fingerprint bigint NOT NULL, value bytea, PRIMARY KEY (kind, id)
    );
    """

  @Test func `a store of the version before is taken over, its documents as stale ones`() throws {
    var maintenance = options
    maintenance.database = "postgres"
    func run(_ options: PostgresOptions, _ script: String) throws {
      try PostgresClient(name: "test", options: options, logger: PostgresStoreTests.logger)
        .run(script: script, by: .after(milliseconds: 10_000))
    }
    try run(maintenance, "CREATE DATABASE \(name)")
    try run(options, PostgresStoreTests.layout1)
    let value = Self.version3.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    try run(
      options,
      "INSERT INTO cache.document VALUES ('artist', '\(id)', 4711, \(time.seconds + 50), 1, 2, decode('\(value)', 'hex'))"
    )
    let tier = try tier()
    let found = try #require(try tier.get([CacheKey(.artist, id)])[0])
    #expect(found.expires == time + 50 && found.stamp == 0 && found.parts.count == 1)
    #expect(try tier.changed([.artist], since: UnixTime(seconds: 1), limit: 1).map(\.id) == [id])
    try set(tier, [CacheKey(.artist, id): document("new", expires: time + 60)])
    // What the build before still writes is read, and is none of ours.
    try run(
      options,
      "UPDATE cache.document SET generation = 4711, expires = 5, value = decode('\(value)', 'hex') WHERE kind = 'artist'"
    )
    #expect(try tier.get([CacheKey(.artist, id)])[0]?.stamp == 0)
  }

  /// A document as version 0.1 stored it: an artist with one part, `{"id":1`.
  static var version3: [UInt8] {
    let text = Fragment(Array(#"{"id":1"#.utf8))
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    return [3, 0] + bytes(UInt16(1)) + bytes(UInt32(0)) + bytes(Int64(1_800_000_000)) + bytes(text.hash)
      + bytes(UInt32(text.rawLength)) + bytes(text.crc) + bytes(text.crcShift) + bytes(UInt32(text.compressed.count))
      + bytes(UInt32(0)) + text.compressed
  }

  @Test func `several processes that find nothing lay it out together`() throws {
    let program = try Stack.content.value("POOL_BINARY")
    let settings = [
      "DATABASE__HOST": try Stack.content.value("DATABASE__HOST"),
      "DATABASE__DATABASE": try Stack.content.value("DATABASE__DATABASE"),
      "DATABASE__USER": try Stack.content.value("DATABASE__USER"), "MEMCACHED_SERVERS": "",
      "CACHE__POSTGRES_HOST": try Stack.content.value("DATABASE__HOST"), "CACHE__POSTGRES_DATABASE": name,
      "CACHE__POSTGRES_USER": try Stack.content.value("DATABASE__USER"),
    ]
    let processes = try (0..<6).map { _ in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = ["check"]
      process.environment = settings
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      return process
    }
    for process in processes { process.waitUntilExit() }
    #expect(processes.map(\.terminationStatus) == [0, 0, 0, 0, 0, 0])
  }

  @Test func `a server that is not there is an error at once, the second time without being asked`() throws {
    var nowhere = options
    nowhere.hosts = ["/nowhere"]
    let tier = PostgresDurableTier(options: nowhere, logger: PostgresStoreTests.logger)
    #expect(throws: SourceError.self) { try tier.get([CacheKey(.artist, id)]) }
    #expect(!tier.isAvailable)
    #expect(throws: SourceError(.unavailable, "durable cache is left alone")) { try tier.get([CacheKey(.artist, id)]) }
  }
}
