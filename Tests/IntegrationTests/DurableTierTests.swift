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

  func tier(generation: String = "a", at time: UnixTime? = nil) -> PostgresDurableTier {
    let time = time ?? self.time
    return PostgresDurableTier(
      options: options, generation: generation, logger: DurableTierTests.logger, now: { time })
  }

  func document(_ text: String, expires: UnixTime) -> Document {
    Document(parts: [.init(label: [1], Fragment(Array(text.utf8)))], references: [other], expires: expires)
  }

  @Test func `documents come back as they were kept, in the order of the keys`() throws {
    let tier = tier()
    let keys = [CacheKey(.artist, id), CacheKey(.album, id), CacheKey(.artist, other)]
    #expect(try tier.get(keys).allSatisfy { $0 == nil })
    let kept = document(String(repeating: "text ", count: 1000), expires: time + 100)
    try tier.set([keys[2]: kept, keys[0]: document("small", expires: time + 50)])
    let found = try self.tier().get(keys)
    #expect(found.map { $0?.encoded() } == [document("small", expires: time + 50).encoded(), nil, kept.encoded()])
    try tier.delete([keys[2]])
    #expect(try tier.get([keys[2]])[0] == nil)
  }

  @Test func `updated moves with the content only`() throws {
    let key = CacheKey(.artist, id)
    try tier().set([key: document("one", expires: time + 1)])
    try tier(at: time + 10).set([key: document("one", expires: time + 100)])
    #expect(try tier().changed([.artist], since: UnixTime(seconds: 0), limit: 10) == [Change(id: id, time: time)])
    #expect(try tier().get([key])[0]?.expires == time + 100)
    try tier(at: time + 20).set([key: document("two", expires: time + 100)])
    #expect(try tier().changed([.artist], since: time, limit: 10) == [Change(id: id, time: time + 20)])
    #expect(try tier().changed([.artist], since: time + 21, limit: 10).isEmpty)
  }

  @Test func `changes are told newest first, each entity once`() throws {
    try tier().set([
      CacheKey(.artist, id): document("a", expires: time), CacheKey(.album, id): document("c", expires: time),
    ])
    try tier(at: time + 5).set([CacheKey(.artistAlbums, other): document("b", expires: time)])
    try tier(at: time + 9).set([CacheKey(.artistAlbums, id): document("d", expires: time)])
    let kinds: [CacheKey.Kind] = [.artist, .artistAlbums]
    #expect(
      try tier().changed(kinds, since: time, limit: 10) == [
        Change(id: id, time: time + 9), Change(id: other, time: time + 5),
      ])
    #expect(try tier().changed(kinds, since: time, limit: 1).map(\.id) == [id])
  }

  @Test func `what falls due is told oldest first, and can be made due`() throws {
    let tier = tier()
    try tier.set([
      CacheKey(.artist, id): document("a", expires: time + 50),
      CacheKey(.artist, other): document("b", expires: time + 20),
    ])
    #expect(try tier.due(.artist, before: time + 20, limit: 10).isEmpty)
    #expect(try tier.due(.artist, before: time + 60, limit: 10) == [other, id])
    #expect(try tier.due(.album, before: time + 60, limit: 10).isEmpty)
    try tier.expire([CacheKey(.artist, id)], at: UnixTime(seconds: 0))
    #expect(try tier.due(.artist, before: time, limit: 10) == [id])
    #expect(try tier.get([CacheKey(.artist, id)])[0]?.expires.seconds == 0)
  }

  @Test func `ids are inserted in bulk, are due at once, are no documents yet, and replace none`() throws {
    let tier = tier()
    try tier.set([CacheKey(.artist, id): document("a", expires: time + 50)])
    let ids = (0..<20_000).map { MBID(high: 7, low: UInt64($0)) } + [id, id]
    try tier.insert(ids, of: .artist)
    try tier.insert(Array(ids[..<10]), of: .artist)
    #expect(try tier.due(.artist, before: time, limit: 100_000).count == 20_000)
    #expect(try tier.get([CacheKey(.artist, ids[0]), CacheKey(.artist, id)]).map { $0 != nil } == [false, true])
    #expect(try tier.changed([.artist], since: UnixTime(seconds: 0), limit: 10).map(\.id) == [id])
    try tier.set([CacheKey(.artist, ids[0]): document("b", expires: time + 9)])
    #expect(try tier.get([CacheKey(.artist, ids[0])])[0] != nil)
  }

  @Test func `documents that were made under other settings are none`() throws {
    try tier(generation: "a").set([CacheKey(.artist, id): document("a", expires: time)])
    #expect(try tier(generation: "b").get([CacheKey(.artist, id)])[0] == nil)
    #expect(try tier(generation: "a").get([CacheKey(.artist, id)])[0] != nil)
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
    let tier = PostgresDurableTier(options: nowhere, generation: "", logger: DurableTierTests.logger)
    #expect(throws: SourceError.self) { try tier.get([CacheKey(.artist, id)]) }
    #expect(!tier.isAvailable)
    #expect(throws: SourceError(.unavailable, "durable cache is left alone")) { try tier.get([CacheKey(.artist, id)]) }
  }
}
