import Core
@testable import Documents
import Metadata
import Testing

@testable import Cache
@testable import Postgres
@testable import PostgresStore

extension PostgresStoreTests {
  private func database() throws -> StoreDatabase {
    let database = StoreDatabase(options: options, logger: PostgresStoreTests.logger)
    try PostgresDurableTier(database).ping()
    return database
  }

  private func run(_ script: String) throws {
    try PostgresClient(name: "test", options: options, logger: PostgresStoreTests.logger)
      .run(script: script, by: .after(milliseconds: 10_000))
  }

  @Test func `a store of layout 2 gets the tables of layout 3 and keeps its documents`() throws {
    let key = CacheKey(.artist, id)
    try set(tier(), [key: document("kept", expires: time + 50)])
    try run(
      """
      DROP TABLE cache.small_value, cache.build, cache.build_progress;
      DROP SEQUENCE cache.build_place;
      UPDATE cache.layout SET version = 2
      """)
    let database = StoreDatabase(options: options, logger: PostgresStoreTests.logger)
    let (durable, values) = (PostgresDurableTier(database), PostgresTier(database))
    #expect(values.add(CacheItem("key", [1], lifetime: 60)) == .unavailable)
    // What finds an older layout leaves laying out to whoever has time for it.
    #expect(!values.isAvailable)
    try durable.prepare()
    #expect(values.isAvailable && values.add(CacheItem("key", [1], lifetime: 60)) == .added)
    #expect(try durable.get([key])[0]?.encoded() == document("kept", expires: time + 50).encoded())
    #expect(try PostgresBuildQueue(database).add([key], .asked, client: 7) == [.waiting(place: 1)])
  }

  @Test func `a small value from the future was written before the clock was set back, and is gone`() throws {
    let tier = PostgresTier(try database())
    for key in ["lease", "count"] { tier.set([CacheItem(key, Array("7".utf8), lifetime: 60)]) }
    try run("UPDATE cache.small_value SET written = written + interval '1 day', expires = expires + interval '1 day'")
    #expect(tier.get(["lease"]) == [nil])
    #expect(tier.add(CacheItem("lease", [2], lifetime: 60)) == .added)
    #expect(tier.increment("count", by: 1, lifetime: 60) == 1)
  }

  @Test func `a build leased or paused in the far future waits no longer than there are leases and pauses`() throws {
    let queue = PostgresBuildQueue(try database())
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    _ = try queue.add(keys, .asked, client: nil)
    let builds = try queue.claim(2, of: [.artist], seconds: 60)
    try queue.fail([builds[0]], pausing: 60)
    #expect(try queue.claim(2, of: [.artist], seconds: 60).isEmpty)
    try run(
      """
      UPDATE cache.build SET not_before = not_before + interval '1 year' WHERE lease IS NULL;
      UPDATE cache.build SET leased_until = leased_until + interval '1 year' WHERE lease IS NOT NULL
      """)
    #expect(try queue.claim(2, of: [.artist], seconds: 60).map(\.key) == keys)
  }

  /// Every number it gives has what has expired deleted.
  private struct Always: RandomNumberGenerator {
    mutating func next() -> UInt64 { 0 }
  }

  @Test func `what has expired is deleted after an answer, and nothing else`() throws {
    let database = StoreDatabase(options: options, logger: PostgresStoreTests.logger, generator: Always())
    let (tier, durable) = (PostgresTier(database), PostgresDurableTier(database))
    try durable.ping()
    #expect(!durable.needsTending)
    tier.set((0..<50).map { CacheItem("old-\($0)", [1], lifetime: 0) } + [CacheItem("new", [2], lifetime: 60)])
    #expect(durable.needsTending)
    // Whoever waits comes first.
    durable.tend { true }
    #expect(durable.needsTending)
    durable.tend { false }
    #expect(!durable.needsTending && tier.get(["new"]) == [[2]])
    let connection = try PostgresConnection(
      try PostgresLibrary(), options.parameters(for: options.attempts[0]), by: .after(milliseconds: 10_000))
    var count = 0
    try connection.run(
      [PostgresQuery(PostgresStatement("count", Array("SELECT count(*) FROM cache.small_value".utf8)))],
      by: .after(milliseconds: 10_000)
    ) { _, rows throws(PostgresFailure) in try rows.forEach { row throws(PostgresFailure) in count = try row.int() } }
    #expect(count == 1)
  }

  @Test func `a server that is not there leaves each process to itself, at next to no cost`() throws {
    var nowhere = options
    nowhere.hosts = ["/nowhere"]
    let database = StoreDatabase(options: nowhere, logger: PostgresStoreTests.logger)
    let tier = PostgresTier(database)
    #expect(tier.get(["key"]) == [nil] && tier.read(["key"])[0].version == nil)
    #expect(!tier.isAvailable && tier.add(CacheItem("key", [1], lifetime: 60)) == .unavailable)
    #expect(tier.replace([ConditionalItem(CacheItem("key", [1], lifetime: 60), replacing: .missing)]) == [.unavailable])
    #expect(tier.increment("key", by: 1, lifetime: 60) == nil)
    let coordination = TierCoordination(shared: tier, namespace: "test")
    #expect(coordination.count("requests", by: 2, seconds: 60) == 2)
    #expect(throws: SourceError.self) { try PostgresBuildQueue(database).progress() }
  }
}
