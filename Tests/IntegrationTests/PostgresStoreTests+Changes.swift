import Core
import Logging
import Metadata
import Testing

@testable import Cache
@testable import Postgres
@testable import PostgresStore

extension PostgresStoreTests {
  @Test func `changes that cannot be told in time keep nobody from reading`() throws {
    let key = CacheKey(.artist, id)
    try set(tier(), [key: document("kept", expires: time + 50)])
    var hasty = options
    hasty.commandTimeoutMilliseconds = 300
    let tier = PostgresDurableTier(options: hasty, logger: PostgresStoreTests.logger, now: { self.time })
    try tier.ping()
    let later = Deadline.after(milliseconds: 20_000)
    let other = try PostgresConnection(try PostgresLibrary(), options.parameters(for: options.attempts[0]), by: later)
    try other.run(script: "BEGIN", by: later)
    try other.run(script: "LOCK TABLE cache.document IN ACCESS EXCLUSIVE MODE", by: later)
    let error = #expect(throws: SourceError.self) {
      try tier.changed([.artist], since: UnixTime(seconds: 1), limit: 10)
    }
    #expect(error?.code == .timedOut)
    #expect(tier.isAvailable)
    try other.run(script: "ROLLBACK", by: later)
    #expect(try tier.get([key])[0] != nil)
    // That another question takes too long still closes it.
    try other.run(script: "BEGIN", by: later)
    try other.run(script: "LOCK TABLE cache.document IN ACCESS EXCLUSIVE MODE", by: later)
    #expect(throws: SourceError.self) { try tier.get([key]) }
    #expect(!tier.isAvailable)
    try other.run(script: "ROLLBACK", by: later)
  }

  @Test func `of many changes the newest of all kinds are told`() throws {
    let tier = try tier()
    let later = Deadline.after(milliseconds: 20_000)
    let connection = try PostgresConnection(
      try PostgresLibrary(), options.parameters(for: options.attempts[0]), by: later)
    // Times are even for one kind and odd for the other; every hundredth has been revoked and has no value.
    try connection.run(
      script: """
        INSERT INTO cache.document
        SELECT kind, md5('c' || n)::uuid, 0, 5, 2 * n + part, n, CASE WHEN n % 100 > 0 THEN 'x'::bytea END
        FROM (VALUES ('artist', 0), ('artist-albums', 1)) AS kinds (kind, part), generate_series(1, 5000) AS n
        """, by: later)
    let kinds = [CacheKey.Kind.artist, .artistAlbums]
    try connection.run(
      script: "UPDATE cache.document SET kind = '\(CacheKey.Kind.artistAlbums.name)' WHERE kind = 'artist-albums'",
      by: later)
    let changes = try tier.changed(kinds, since: UnixTime(seconds: 1), limit: 100)
    let expected = (0..<200).map { 5_000 - $0 }.filter { $0 % 100 > 0 }.prefix(100)
    #expect(changes.map(\.time.seconds) == expected.map { Int64(2 * $0 + 1) })
    #expect(try tier.changed(kinds, since: UnixTime(seconds: 9_991), limit: 100).count == 5)
  }
}
