import Core
import Foundation
import Logging
import Postgres
import Testing

@testable import Cache
import Metadata
@testable import PostgresStore
@testable import Documents

/// The durable tier on the real server, each test in a database of its own that the tier itself creates.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) final class DurableTierTests {
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
    try? PostgresClient(name: "test", options: maintenance, logger: DurableTierTests.logger)
      .run(script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", by: .after(milliseconds: 10_000))
  }

  static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  func tier(at time: UnixTime? = nil) throws -> PostgresDurableTier {
    let time = time ?? self.time
    let tier = PostgresDurableTier(options: options, logger: DurableTierTests.logger, now: { time })
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

  @Test func `documents come back as they were kept, in the order of the keys`() throws {
    let tier = try tier()
    let keys = [CacheKey(.artist, id), CacheKey(.album, id), CacheKey(.artist, other)]
    #expect(try tier.get(keys).allSatisfy { $0 == nil })
    let kept = document(String(repeating: "text ", count: 1000), expires: time + 100)
    try set(tier, [keys[2]: kept, keys[0]: document("small", expires: time + 50)])
    let found = try self.tier().get(keys)
    #expect(found.map { $0?.encoded() } == [document("small", expires: time + 50).encoded(), nil, kept.encoded()])
    try tier.forget([keys[2]], revision: try tier.revision())
    #expect(try tier.get([keys[2]])[0] == nil)
  }

  @Test func `updated moves with the content only, and not for what is stored for the first time`() throws {
    let key = CacheKey(.artist, id)
    try set(tier(), [key: document("one", expires: time + 1)])
    try set(tier(at: time + 10), [key: document("one", expires: time + 100)])
    #expect(try tier().changed([.artist], since: UnixTime(seconds: 1), limit: 10).isEmpty)
    #expect(try tier().get([key])[0]?.expires == time + 100)
    try set(tier(at: time + 20), [key: document("two", expires: time + 100)])
    #expect(try tier().changed([.artist], since: time, limit: 10) == [Change(id: id, time: time + 20)])
    #expect(try tier().changed([.artist], since: time + 21, limit: 10).isEmpty)
  }

  @Test func `changes are told newest first, each entity once`() throws {
    let kinds: [CacheKey.Kind] = [.artist, .artistAlbums, .album]
    for kind in kinds {
      try set(
        tier(),
        [
          CacheKey(kind, id): document("before", expires: time),
          CacheKey(kind, other): document("before", expires: time),
        ])
    }
    try set(
      tier(),
      [CacheKey(.artist, id): document("a", expires: time), CacheKey(.album, id): document("c", expires: time)])
    try set(tier(at: time + 5), [CacheKey(.artistAlbums, other): document("b", expires: time)])
    try set(tier(at: time + 9), [CacheKey(.artistAlbums, id): document("d", expires: time)])
    #expect(
      try tier().changed([.artist, .artistAlbums], since: time, limit: 10) == [
        Change(id: id, time: time + 9), Change(id: other, time: time + 5),
      ])
    #expect(try tier().changed([.artist, .artistAlbums], since: time, limit: 1).map(\.id) == [id])
  }

  @Test func `what falls due is told oldest first, and can be made due`() throws {
    let tier = try tier()
    try set(
      tier,
      [
        CacheKey(.artist, id): document("a", expires: time + 50),
        CacheKey(.artist, other): document("b", expires: time + 20),
      ])
    #expect(try tier.due(.artist, before: time + 20, limit: 10).isEmpty)
    #expect(try tier.due(.artist, before: time + 60, limit: 10) == [other, id])
    #expect(try tier.due(.album, before: time + 60, limit: 10).isEmpty)
    try tier.revoke([CacheKey(.artist, id)])
    #expect(try tier.due(.artist, before: time, limit: 10) == [id])
    #expect(try tier.get([CacheKey(.artist, id)])[0]?.expires.seconds == 0)
  }

  @Test func `ids are inserted in bulk, are due at once, are no documents yet, and replace none`() throws {
    let tier = try tier()
    try set(tier, [CacheKey(.artist, id): document("a", expires: time + 50)])
    let ids = (0..<20_000).map { MBID(high: 7, low: UInt64($0)) } + [id, id]
    try tier.insert(ids, of: .artist)
    try tier.insert(Array(ids[..<10]), of: .artist)
    #expect(try tier.due(.artist, before: time, limit: 100_000).count == 20_000)
    #expect(try tier.get([CacheKey(.artist, ids[0]), CacheKey(.artist, id)]).map { $0 != nil } == [false, true])
    #expect(try tier.changed([.artist], since: UnixTime(seconds: 1), limit: 10).isEmpty)
    try set(tier, [CacheKey(.artist, ids[0]): document("b", expires: time + 9)])
    #expect(try tier.get([CacheKey(.artist, ids[0])])[0] != nil)
  }

  @Test func `what was begun before a revocation or a newer document is refused`() throws {
    let tier = try tier()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    let before = try tier.revision()
    try tier.revoke([keys[0]])
    let later = try tier.revision()
    let refused = try tier.set(
      [keys[0]: document("old", expires: time + 50), keys[1]: document("b", expires: time + 50)], revision: before)
    #expect(refused == [keys[0]])
    #expect(try tier.get(keys).map { $0 != nil } == [false, true])
    try set(tier, [keys[0]: document("new", expires: time + 60)], revision: later)
    #expect(try tier.set([keys[0]: document("old", expires: time + 50)], revision: before) == [keys[0]])
    try tier.forget([keys[0]], revision: before)
    #expect(try tier.get(keys)[0]?.encoded() == document("new", expires: time + 60).encoded())
    try tier.forget([keys[0]], revision: later)
    #expect(try tier.get(keys)[0] == nil)
    #expect(try tier.set([keys[0]: document("old", expires: time + 50)], revision: before) == [keys[0]], "it is gone")
    #expect(try tier.due(.artist, before: time + 40, limit: 10).isEmpty)
  }

  @Test func `a mark of revocation lives for a day, also when it is made again`() throws {
    let key = CacheKey(.artist, id)
    try tier().revoke([key])
    let before = try tier().revision()
    try tier(at: time + 80_000).revoke([key])
    try tier(at: time + 90_000).revoke([CacheKey(.artist, other)])
    #expect(try tier().set([key: document("old", expires: time)], revision: before) == [key])
    try tier(at: time + 180_000).revoke([CacheKey(.artist, other)])
    try set(tier(), [key: document("old", expires: time)], revision: before)
  }

  @Test func `without a revision nothing newer is replaced, and what is there becomes stale`() throws {
    let tier = try tier()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    try set(tier, [keys[0]: document("one", expires: time + 50)])
    _ = try tier.set(
      [keys[0]: document("two", expires: time + 50), keys[1]: document("two", expires: time + 50)], revision: nil)
    let found = try tier.get(keys)
    #expect(found.map { $0?.expires } == [time, time])
    #expect(
      found.map { $0?.fingerprint } == [
        document("one", expires: time).fingerprint, document("two", expires: time).fingerprint,
      ])
    // What was begun before, and waits to be kept, may be older than either.
    #expect(try tier.set([keys[1]: document("three", expires: time + 50)], revision: 1) == [keys[1]])
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
      try PostgresClient(name: "test", options: options, logger: DurableTierTests.logger)
        .run(script: script, by: .after(milliseconds: 10_000))
    }
    try run(maintenance, "CREATE DATABASE \(name)")
    try run(options, DurableTierTests.layout1)
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
    let tier = PostgresDurableTier(options: nowhere, logger: DurableTierTests.logger)
    #expect(throws: SourceError.self) { try tier.get([CacheKey(.artist, id)]) }
    #expect(!tier.isAvailable)
    #expect(throws: SourceError(.unavailable, "durable cache is left alone")) { try tier.get([CacheKey(.artist, id)]) }
  }
}
