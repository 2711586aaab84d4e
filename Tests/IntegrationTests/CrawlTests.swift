import Cache
import Core
import Foundation
import Logging
import Metadata
import Postgres
import PostgresStore
import Testing

/// The commands that fill a store and keep it warm, on a database of their own beside the content stack's MusicBrainz.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) final class CrawlTests {
  let name = "crawl_\(UUID().uuidString.prefix(8).lowercased())"
  let stack = Stack.content
  let options: PostgresOptions
  let musicBrainz: PostgresOptions

  init() throws {
    options = PostgresOptions(
      hosts: [try stack.value("DATABASE__HOST")], database: name, user: try stack.value("DATABASE__USER"))
    var musicBrainz = options
    musicBrainz.database = try stack.value("DATABASE__DATABASE")
    self.musicBrainz = musicBrainz
  }

  deinit {
    var maintenance = options
    maintenance.database = "postgres"
    try? PostgresClient(name: "test", options: maintenance, logger: CrawlTests.logger)
      .run(script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", by: .after(milliseconds: 10_000))
  }

  static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  var settings: [String: String] {
    stack.environment.filter { name, _ in
      name.hasPrefix("DATABASE__") || name.hasPrefix("CACHE__") || name.hasSuffix("BASE_URL")
        || name == "MEMCACHED_SERVERS"
    }.merging([
      "PATH": "/usr/bin:/bin", "CACHE__POSTGRES_DATABASE": name, "CACHE__NAMESPACE": name, "LOG_LEVEL": "error",
      "CRAWLER_BATCH_SIZE": "7",
    ]) { $1 }
  }

  func linernotes(_ arguments: String..., more: [String: String] = [:]) throws -> Command.Result {
    try Command.run(try stack.value("POOL_BINARY"), arguments, environment: settings.merging(more) { $1 })
  }

  /// A command that is under way.
  func start(_ arguments: String...) throws -> (process: Process, output: Temporary) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try stack.value("POOL_BINARY"))
    process.arguments = arguments
    process.environment = settings
    let output = try Temporary()
    process.standardOutput = try FileHandle(forWritingTo: output.url)
    process.standardError = FileHandle.nullDevice
    try process.run()
    return (process, output)
  }

  func count(_ query: String, _ options: PostgresOptions? = nil) throws -> Int {
    try PostgresClient(name: "test", options: options ?? self.options, logger: CrawlTests.logger)
      .run(
        { _ in [PostgresQuery(PostgresStatement("count", Array(query.utf8)))] }, into: 0,
        by: .after(milliseconds: 10_000)
      ) { count, _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in count = try row.int() }
      }
  }

  func text(_ query: String) throws -> String {
    try PostgresClient(name: "test", options: musicBrainz, logger: CrawlTests.logger)
      .run(
        { _ in [PostgresQuery(PostgresStatement("text", Array(query.utf8)))] }, into: "",
        by: .after(milliseconds: 10_000)
      ) { text, _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in text = try row.text() }
      }
  }

  func execute(_ script: String) throws {
    try PostgresClient(name: "test", options: options, logger: CrawlTests.logger)
      .run(script: script, by: .after(milliseconds: 10_000))
  }

  func made(_ text: String) -> Int { text.firstMatch(of: /([0-9]+) made anew/).flatMap { Int($0.output.1) } ?? -1 }
  func made(_ output: Temporary) throws -> Int { made(try String(contentsOf: output.url, encoding: .utf8)) }

  func awaited() throws -> Int { try count("SELECT count(*) FROM cache.document WHERE expires < 0") }
  /// How many are due, and somebody's. What was made anew stays whose it is for a while.
  func claimed() throws -> Int {
    try count("SELECT count(*) FROM cache.document WHERE expires <= 0 AND claimed_until > now()")
  }

  @Test func `every id is added once, and two crawlers make each a document once`() throws {
    let artists = try count("SELECT count(*) FROM musicbrainz.artist", musicBrainz)
    let albums = try count("SELECT count(*) FROM musicbrainz.release_group", musicBrainz)
    let first = try linernotes("initialize", "all")
    try #require(first.status == 0, "\(first.error)")
    #expect(try awaited() == artists + albums)
    #expect(try linernotes("crawl", "--initialize-artists").status == 0)
    #expect(try linernotes("--initialize-albums").status == 0)
    #expect(try awaited() == artists + albums)
    // What changed lately counts as changed for whoever comes first, which would have some made twice.
    #expect(try linernotes("invalidate", "--quiet").status == 0)
    let crawlers = try (0..<2).map { _ in try start("crawl", "--once", "--kinds", "artist-albums,album") }
    for crawler in crawlers {
      crawler.process.waitUntilExit()
      #expect(crawler.process.terminationStatus == 0)
    }
    #expect(try crawlers.map { try made($0.output) }.reduce(0, +) == artists + albums)
    #expect(try awaited() == 0 && claimed() == 0)
    let sources = try count("SELECT count(*) FROM cache.document WHERE kind LIKE 'mb-%' AND value IS NOT NULL")
    #expect(sources == 2 * artists + albums)
    let again = try linernotes("crawl", "--once", "--kinds", "artist-albums,album")
    #expect(again.status == 0 && made(String(decoding: again.output, as: UTF8.self)) == 0)
    // Links to Spotify are due from the beginning.
    let links = try count("SELECT count(*) FROM cache.document WHERE kind LIKE 'spotify-%' AND expires = 0")
    let rest = try linernotes("crawl", "--once")
    #expect(links > 0 && made(String(decoding: rest.output, as: UTF8.self)) == links)
    #expect(try count("SELECT count(*) FROM cache.document WHERE expires = 0") == 0)
    #expect(try count("SELECT count(*) FROM cache.document WHERE updated > 0 AND value IS NOT NULL") == 0)
  }

  @Test func `crawlers that are killed lose nothing, and one that is stopped leaves no claim`() throws {
    try #require(try linernotes("initialize", "albums", "artists").status == 0)
    let all = try awaited()
    for _ in 0..<6 {
      let crawlers = try (0..<2).map { _ in try start("crawl", "--once", "--kinds", "artist-albums,album") }
      usleep(.random(in: 30_000...600_000))
      kill(crawlers[0].process.processIdentifier, SIGKILL)
      usleep(.random(in: 0...300_000))
      kill(crawlers[1].process.processIdentifier, SIGTERM)
      for crawler in crawlers { crawler.process.waitUntilExit() }
      #expect(crawlers[1].process.terminationStatus == 0)
      // As if ten minutes had passed for those that were killed.
      try execute("UPDATE cache.document SET claimed_until = '-infinity' WHERE claimed_until > now()")
      let stopped = try start("crawl", "--once", "--kinds", "artist-albums,album")
      usleep(.random(in: 30_000...300_000))
      kill(stopped.process.processIdentifier, SIGTERM)
      stopped.process.waitUntilExit()
      #expect(try claimed() == 0)
    }
    let last = try linernotes("crawl", "--once", "--kinds", "artist-albums,album")
    try #require(last.status == 0, "\(last.error)")
    #expect(try awaited() == 0)
    #expect(
      try count("SELECT count(*) FROM cache.document WHERE kind IN ('artist-albums', 'album') AND value IS NOT NULL")
        == all)
  }

  @Test func `other settings make everything due, and only that`() throws {
    try #require(try linernotes("initialize", "albums").status == 0)
    try #require(try linernotes("crawl", "--once", "--kinds", "album").status == 0)
    let albums = try count("SELECT count(*) FROM cache.document WHERE kind = 'album'")
    let other = ["RELEASE_STATUS_DEFAULT": "Bootleg"]
    // As if ten minutes had passed.
    try execute("UPDATE cache.document SET claimed_until = '-infinity'")
    let result = try linernotes("crawl", "--once", "--kinds", "album", more: other)
    #expect(made(String(decoding: result.output, as: UTF8.self)) == albums)
    let again = try linernotes("crawl", "--once", "--kinds", "album", more: other)
    #expect(made(String(decoding: again.output, as: UTF8.self)) == 0)
  }

  @Test func `a database that is being imported deletes nothing`() throws {
    try #require(try linernotes("initialize", "albums").status == 0)
    try #require(try linernotes("crawl", "--once", "--kinds", "album").status == 0)
    let albums = try count("SELECT count(*) FROM cache.document WHERE kind = 'album' AND value IS NOT NULL")
    try execute("UPDATE cache.document SET expires = 0, claimed_until = '-infinity'")
    // An empty database with the schema of MusicBrainz has no rows that anybody has said are gone.
    let template = try text("SELECT datname FROM pg_database WHERE datname LIKE 'musicbrainz_schema_%'")
    let result = try linernotes("crawl", "--once", "--kinds", "album", more: ["DATABASE__DATABASE": template])
    #expect(made(String(decoding: result.output, as: UTF8.self)) == 0)
    #expect(
      try count("SELECT count(*) FROM cache.document WHERE kind = 'album' AND value IS NOT NULL AND expires = 0")
        == albums)
    #expect(try claimed() == 0)
  }

  @Test func `what can be done without a MusicBrainz database is done, what cannot says why`() throws {
    let service = ["MUSICBRAINZ__SOURCE": "webservice"]
    let refused = try linernotes("initialize", "all", more: service)
    #expect(refused.status == 1 && refused.error.contains("MUSICBRAINZ__SOURCE=database"))
    #expect(try linernotes("crawl", "--once", more: service).status == 0)
    let unknown = try linernotes("crawl", "--once", "--kinds", "album,nonsense")
    #expect(unknown.status == 1 && unknown.error.contains("nonsense") && unknown.error.contains("wikipedia"))
    #expect(try linernotes("crawl", "--once", more: ["USE_CACHE": "false"]).status == 1)
    #expect(try linernotes("crawl", "--queue").status == 1)
  }

  @Test func `what is due is found by indexes, however much is not`() throws {
    let tier = PostgresDurableTier(options: options, logger: CrawlTests.logger)
    try tier.ping()
    try execute(
      """
      INSERT INTO cache.document (kind, id, generation, expires, updated, fingerprint, value, stamp)
      SELECT 'album', gen_random_uuid(), 0, 2000000000 + n, 0, 1, 'x', 77 FROM generate_series(1, 50000) AS n;
      INSERT INTO cache.document (kind, id, generation, expires, updated, fingerprint, value)
      SELECT 'album', gen_random_uuid(), 0, -1, 0, 0, NULL FROM generate_series(1, 50000);
      INSERT INTO cache.document (kind, id, generation, expires, updated, fingerprint, value)
      SELECT 'album', gen_random_uuid(), 0, 0, 1700000000, 0, NULL FROM generate_series(1, 50000);
      ANALYZE cache.document
      """)
    var question = DueQuestion(.album, before: .now, stamp: 77, limit: 100)
    let start = Deadline.monotonicNanoseconds()
    let due = try tier.claimDue(question, seconds: 60)
    let milliseconds = (Deadline.monotonicNanoseconds() - start) / 1_000_000
    #expect(due.count == 100 && due.allSatisfy { $0.fingerprint == nil })
    #expect(milliseconds < 500, "150,000 rows took \(milliseconds) ms")
    question.usedSince = .now
    #expect(try tier.claimDue(question, seconds: 60).isEmpty)
  }
}
