import Core
import Foundation
import Metadata
import SQLite
import Testing

@testable import Cache
@testable import Documents
@testable import SQLiteStore

/// What may become of a file.
@Suite struct FaultTests {
  let directory = StoreDirectory()
  let key = CacheKey(.artist, id)
  var time: UnixTime { directory.clock.wall }

  func keep(_ text: String, in tier: SQLiteDurableTier) throws {
    #expect(try tier.set([key: document(text, expires: time + 100)], revision: try tier.revision()).isEmpty)
  }

  func text(_ tier: SQLiteDurableTier) throws -> String? {
    guard let found = try tier.get([key])[0] else { return nil }
    return ["one", "two", "three"].first { document($0, expires: time).fingerprint == found.fingerprint }
  }

  func shell(_ path: String, _ work: (FileHandle) throws -> Void) throws {
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try work(handle)
    try handle.close()
  }

  /// Tries for a while: a store that has failed is left alone for 0.2 s at first.
  func eventually<Answer>(_ work: () throws -> Answer) throws -> Answer {
    for _ in 0..<300 {
      if let answer = try? work() { return answer }
      usleep(10_000)
    }
    return try work()
  }

  @Test func `a file that was removed or replaced while it was open is noticed by reader and writer`() throws {
    let (reader, writer) = (directory.tier(), directory.tier())
    try keep("one", in: writer)
    #expect(try text(reader) == "one")
    for name in directory.names where !name.hasSuffix("-lock") {
      try FileManager.default.removeItem(atPath: directory.path + "/deep/er/" + name)
    }
    #expect(try text(reader) == nil)
    try keep("two", in: writer)
    #expect(try text(reader) == "two")
    #expect(try text(directory.tier()) == "two")
  }

  @Test(arguments: [true, false])
  func `garbage in its place is set aside once, and a new file is made`(isLogEmpty: Bool) throws {
    let (one, two) = (directory.tier(), directory.tier())
    try keep("one", in: one)
    #expect(try text(two) == "one")
    if isLogEmpty {
      try one.file.maintain { connection throws(SQLiteFailure) in try connection.run(StoreStatement.truncateLog) }
    }
    let garbage = Data((0..<100_000).map { _ in UInt8.random(in: 0...255) })
    try garbage.write(to: URL(fileURLWithPath: directory.file), options: .atomic)
    try eventually { try keep("two", in: one) }
    #expect(try eventually { try text(two) } == "two")
    let aside = directory.names.filter { $0.contains(".damaged-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
    #expect(aside == ["linernotes.db.damaged-20270115T080000Z"])
    #expect(FileManager.default.contents(atPath: directory.path + "/deep/er/" + (aside.first ?? "")) == garbage)
  }

  @Test func `the log of a file that is not there any more is not laid over the one that is`() throws {
    let (one, two) = (directory.tier(), directory.tier())
    try keep("one", in: one)
    #expect(try text(two) == "one")
    let copy = StoreDirectory()
    let copied = copy.tier()
    try keep("two", in: copied)
    try copied.file.maintain { connection throws(SQLiteFailure) in try connection.run(StoreStatement.truncateLog) }
    copied.file.close()
    try #require((FileIdentity(directory.file + "-wal")?.size ?? 0) > 0)
    try #require(rename(copy.file, directory.file) == 0)
    #expect(try text(one) == "two")
    #expect(try text(two) == "two")
    try keep("three", in: two)
    #expect(try text(one) == "three" && text(directory.tier()) == "three")
    #expect(try one.file.check().faults.isEmpty)
  }

  @Test(arguments: [0, 100, 4_096, 8_192, 40_000])
  func `a file that was cut off while it was open ends no process`(to size: UInt64) throws {
    let (one, two) = (directory.tier(), directory.tier())
    _ = try one.set(
      Dictionary(
        uniqueKeysWithValues: (0..<200).map {
          (CacheKey(.album, MBID(high: 1, low: $0)), document(String(repeating: "\($0)", count: 3_000), expires: time))
        }), revision: try one.revision())
    try keep("one", in: one)
    try one.file.maintain { connection throws(SQLiteFailure) in try connection.run(StoreStatement.truncateLog) }
    #expect(try text(two) == "one")
    try shell(directory.file) { try $0.truncate(atOffset: size) }
    for _ in 0..<20 { _ = try? text(two) }
    try eventually { try keep("two", in: one) }
    #expect(try eventually { try #require(try text(two)) } == "two")
  }

  @Test(arguments: [0, 100] as [UInt64])
  func `an index of the log that was cut off ends no process and loses nothing`(to size: UInt64) throws {
    // All connections of a process share what is mapped of it, so that there is one here.
    let tier = directory.tier()
    try keep("one", in: tier)
    #expect(try text(tier) == "one")
    try shell(directory.file + "-shm") { try $0.truncate(atOffset: size) }
    #expect(try text(tier) == "one")
    try shell(directory.file + "-shm") { try $0.truncate(atOffset: size) }
    try keep("two", in: tier)
    #expect(try text(tier) == "two")
    #expect(try tier.file.check().faults.isEmpty)
  }

  @Test func `a file of a newer layout is refused and not touched, one with additions is used`() throws {
    let tier = directory.tier()
    try keep("one", in: tier)
    let layout = StoreLayout.current
    try tier.file.maintain { connection throws(SQLiteFailure) in
      try connection.execute("PRAGMA user_version = \(layout + 3)")
    }
    #expect(try text(directory.tier()) == "one")
    try tier.file.maintain { connection throws(SQLiteFailure) in
      try connection.execute("PRAGMA user_version = \(layout + (1 << 16)); ALTER TABLE document ADD COLUMN later")
    }
    let error = #expect(throws: SourceError.self) { try text(directory.tier()) }
    #expect(error?.reason == "SQLite store: it has layout 2.1 of a newer version")
    #expect(!directory.names.contains { $0.contains("damaged") })
  }

  @Test func `a file of the first layout is brought to the present one, with what is in it`() throws {
    let tier = directory.tier()
    try keep("one", in: tier)
    try tier.file.maintain { connection throws(SQLiteFailure) in
      try connection.execute(
        """
        DROP INDEX document_idx_announced;
        DROP INDEX document_idx_due;
        DROP INDEX document_idx_stamp;
        ALTER TABLE document DROP COLUMN announced;
        ALTER TABLE document DROP COLUMN stamp;
        ALTER TABLE document DROP COLUMN claimed_until;
        DROP TABLE bookmark;
        PRAGMA user_version = \(StoreLayout.first);
        """)
    }
    #expect(try text(directory.tier()) == "one")
    let upgraded = directory.tier()
    #expect(try upgraded.revoke([], because: .changed, moving: [BookmarkMove("a", from: nil, to: "1")]))
    #expect(try upgraded.changed([.artist], since: UnixTime(seconds: 1), limit: 10).isEmpty)
    #expect(try upgraded.file.check().faults.isEmpty)
  }

  @Test func `a newer file in its place is noticed while the old one is open`() throws {
    let tier = directory.tier()
    try keep("one", in: tier)
    let newer = StoreDirectory()
    let other = newer.tier()
    _ = try other.revision()
    try other.file.maintain { connection throws(SQLiteFailure) in
      try connection.execute("PRAGMA user_version = \(9 << 16)")
      try connection.run(StoreStatement.truncateLog)
    }
    other.file.close()
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: directory.file + suffix) }
    try FileManager.default.moveItem(atPath: newer.file, toPath: directory.file)
    let error = #expect(throws: SourceError.self) { try text(tier) }
    #expect(error?.reason.contains("layout 9.0") ?? false)
  }

  @Test func `another program's database is refused and not touched`() throws {
    try FileManager.default.createDirectory(
      atPath: directory.path + "/deep/er", withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: directory.file, contents: nil)
    let connection = try SQLiteConnection(path: directory.file)
    try connection.execute("CREATE TABLE theirs (value)")
    connection.close()
    let before = FileManager.default.contents(atPath: directory.file)
    #expect(throws: SourceError.self) { try directory.tier().revision() }
    #expect(FileManager.default.contents(atPath: directory.file) == before)
  }

  @Test func `a document that was damaged is a miss, and the others are not`() throws {
    let tier = directory.tier()
    try keep("one", in: tier)
    let whole = CacheKey(.album, id)
    _ = try tier.set([whole: document("two", expires: time + 100)], revision: try tier.revision())
    try tier.file.maintain { connection throws(SQLiteFailure) in
      try connection.execute(
        "UPDATE document SET value = CAST(substr(value, 1, 60) || 'x' AS BLOB) WHERE kind = 'artist'")
    }
    #expect(try tier.get([key, whole]).map { $0 != nil } == [false, true])
    #expect(try tier.file.check().damaged == 1)
  }

  @Test func `a full file makes room for what is new, and says so`() throws {
    let tier = directory.tier()
    func album(_ number: UInt64) -> (CacheKey, Document) {
      let text = String((0..<2_000).map { _ in "abcdefghij".randomElement() ?? "a" })
      return (CacheKey(.album, MBID(high: 1, low: number)), document(text, expires: time + 100))
    }
    func store(_ number: UInt64) throws {
      let (key, document) = album(number)
      _ = try tier.set([key: document], revision: try tier.revision())
    }
    for number in 0..<300 {
      directory.clock.advance(number == 150 ? 40 * 3_600 : 0)
      try store(UInt64(number))
    }
    tier.tend { false }
    #expect(directory.names.contains("linernotes.db-ballast"))
    try tier.file.maintain { connection throws(SQLiteFailure) in
      let pages = try connection.int(StoreStatement.pages) ?? 0
      try connection.execute("PRAGMA max_page_count = \(pages + 5)")
    }
    for number in 300..<340 { try store(UInt64(number)) }
    #expect(tier.file.notice?.contains("full") ?? false)
    #expect(!directory.names.contains("linernotes.db-ballast"))
    #expect(try tier.get([album(0).0, album(339).0]).map { $0 != nil } == [false, true], "the oldest went")
    tier.tend { false }
    for number in 340..<400 {
      try store(UInt64(number))
      tier.tend { false }
    }
    #expect(try tier.file.check().faults.isEmpty)
  }

  @Test func `without ballast a full file is read on, and written again when there is room`() throws {
    let tier = directory.tier()
    try keep("one", in: tier)
    try tier.file.maintain { connection throws(SQLiteFailure) in
      try connection.execute("PRAGMA max_page_count = \(try connection.int(StoreStatement.pages) ?? 0)")
    }
    let large = document(String((0..<90_000).map { _ in "abcdefghij".randomElement() ?? "a" }), expires: time)
    #expect(throws: SourceError.self) {
      _ = try tier.set([CacheKey(.album, id): large], revision: try tier.revision())
    }
    #expect(!tier.file.isWritable && tier.isAvailable)
    #expect(try text(tier) == "one")
    #expect(tier.file.notice != nil)
    try tier.file.maintain { connection throws(SQLiteFailure) in
      try connection.execute("PRAGMA max_page_count = 100000")
    }
    try eventually { try keep("two", in: tier) }
    #expect(tier.file.problem == nil)
  }

  @Test func `what is used least goes first, what a source said later, marks of revocation never`() throws {
    let tier = directory.tier { $0.maximumBytes = 1 << 20 }
    let source = CacheKey(CacheKey.Kind("mb", parts: 1...1).with { $0.isSource = true }, id)
    func text() -> String { String((0..<6_000).map { _ in "abcdefghij".randomElement() ?? "a" }) }
    func store(_ key: CacheKey) throws {
      _ = try tier.set([key: document(text(), expires: time + 10_000_000)], revision: try tier.revision())
    }
    try store(source)
    let keys = (0..<400).map { CacheKey(.album, MBID(high: 1, low: UInt64($0))) }
    let revision = try tier.revision()
    for (number, key) in keys.enumerated() {
      if number % 40 == 0 { directory.clock.advance(3_600) }
      try store(key)
      if number == 3 { try tier.revoke([key]) }
    }
    // The very first is asked for again, later.
    directory.clock.advance(3_600 * 10)
    _ = try tier.get([keys[0]])
    for _ in 0..<50 where tier.needsTending || tier.touched.count > 0 { tier.tend { false } }
    let found = try tier.get([source] + keys)
    #expect(found[0] != nil && found[1] != nil && found[2] == nil && found[400] != nil)
    #expect(try tier.set([keys[3]: document("old", expires: time)], revision: revision) == [keys[3]])
    let used = try tier.file.read { connection throws(SQLiteFailure) in try tier.file.bytesInUse(connection) }
    #expect(used <= 1 << 20)
  }

  @Test func `while somebody reads for ever the log does not grow without end`() throws {
    let tier = directory.tier { $0.maximumBytes = 16 << 20 }
    try keep("one", in: tier)
    let reader = try SQLiteConnection(path: directory.file, .readOnly)
    _ = try tier.set([CacheKey(.album, id): document("two", expires: time)], revision: try tier.revision())
    try reader.execute("BEGIN; SELECT count(*) FROM document")
    var refusals = 0
    for _ in 0..<150 where refusals == 0 {
      do {
        try tier.file.write { connection throws(SQLiteFailure) in
          try connection.execute("UPDATE document SET value = randomblob(1000000) WHERE kind = 'album'")
        }
      } catch {
        refusals += 1
      }
    }
    #expect(refusals > 0)
    #expect(tier.file.problem == .logTooLong)
    #expect((FileIdentity(directory.file + "-wal")?.size ?? 0) < 80 << 20)
    #expect(try text(tier) == "one")
    try reader.execute("COMMIT")
    try eventually { try keep("two", in: tier) }
    #expect((FileIdentity(directory.file + "-wal")?.size ?? 0) < 8 << 20)
  }

  @Test func `on a network file system there is no log, and locks are tried first`() throws {
    var asked: [String] = []
    let tier = directory.tier {
      $0.fileSystem = { _ in .network }
      $0.locksWork = {
        asked.append($0)
        return true
      }
    }
    try keep("one", in: tier)
    #expect(try text(tier) == "one")
    #expect(asked == [directory.path + "/deep/er"])
    let report = try tier.file.report()
    #expect(report.journalMode == "truncate" && report.isOnNetwork)
    #expect(!directory.names.contains { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") })
    // Moved to a disk, it gets its log.
    tier.file.close()
    let moved = directory.tier()
    #expect(try text(moved) == "one")
    #expect(try moved.file.report().journalMode == "wal")
  }

  @Test func `where locks keep nobody out there is no store`() throws {
    let tier = directory.tier {
      $0.fileSystem = { _ in .network }
      $0.locksWork = { _ in false }
    }
    let error = #expect(throws: SourceError.self) { try tier.revision() }
    #expect(error?.reason.contains("locks do not work") ?? false)
    #expect(!FileManager.default.fileExists(atPath: directory.file))
  }

  @Test func `a lock keeps another connection out, which is how locks are tried`() throws {
    #expect(LockTest.passes(in: NSTemporaryDirectory()) { LockTest.isKeptOut(of: $0) })
    #expect(!LockTest.passes(in: NSTemporaryDirectory()) { _ in false })
    #expect(!LockTest.passes(in: NSTemporaryDirectory()) { _ in nil })
    #expect(!LockTest.passes(in: "/nowhere") { _ in true })
  }

  @Test func `a store that cannot be made is left alone, and made when it can be`() throws {
    _ = FileManager.default.createFile(atPath: directory.path + "/deep", contents: nil)
    let tier = directory.tier()
    #expect(throws: SourceError.self) { try tier.revision() }
    #expect(!tier.isAvailable)
    try FileManager.default.removeItem(atPath: directory.path + "/deep")
    try eventually { try keep("one", in: tier) }
  }

  @Test func `clocks that are set change neither what is newer nor what is kept`() throws {
    let tier = directory.tier()
    try keep("one", in: tier)
    let before = try tier.revision()
    for seconds in [-1_000_000_000, 2_000_000_000, -1_000_000_000] as [Int64] {
      directory.clock.wall = directory.clock.wall + seconds
      try keep("two", in: tier)
      #expect(try tier.set([key: document("one", expires: time + 100)], revision: before) == [key])
      tier.tend { false }
      #expect(try text(tier) == "two")
    }
  }
}
