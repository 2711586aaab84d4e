import Core
import Foundation
import Metadata
import SQLite
import Testing

@testable import Cache
@testable import Documents
@testable import SQLiteStore

/// What the durable tier in a file does beside what all durable tiers do (`DurableTierContract`).
@Suite struct DurableTierTests {
  let directory = StoreDirectory()
  var time: UnixTime { directory.clock.wall }

  func set(_ tier: SQLiteDurableTier, _ documents: [CacheKey: Document], revision: Int64? = nil) throws {
    #expect(try tier.set(documents, revision: try revision ?? tier.revision()).isEmpty)
  }

  @Test func `documents come back as they were kept, in the order of the keys, also in another process`() throws {
    let tier = directory.tier()
    let keys = [CacheKey(.artist, id), CacheKey(.album, id), CacheKey(.artist, other)]
    #expect(try tier.get(keys).allSatisfy { $0 == nil })
    let kept = document(String(repeating: "text ", count: 10_000), expires: time + 100)
    try set(tier, [keys[2]: kept, keys[0]: document("small", expires: time + 50)])
    let found = try directory.tier().get(keys)
    #expect(found.map { $0?.encoded() } == [document("small", expires: time + 50).encoded(), nil, kept.encoded()])
    try tier.forget([keys[2]], revision: try tier.revision())
    #expect(try tier.get([keys[2]])[0] == nil)
  }

  @Test func `that something is gone is kept and is never due, and is a change of what was there`() throws {
    let tier = directory.tier()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    try set(tier, [keys[0]: document("one", expires: time + 50)])
    directory.clock.advance(1)
    let before = try tier.revision()
    try set(
      tier, [keys[0]: .absent(expires: time + 10), keys[1]: .moved(to: id, expires: time + 10)])
    #expect(try tier.get(keys).map { $0?.state } == [.absent, .moved(to: id)])
    #expect(try tier.get(keys).map { $0?.expires } == [time + 10, time + 10])
    #expect(try tier.changed([.artist], since: UnixTime(seconds: 1), limit: 10).map(\.id) == [id])
    #expect(try tier.due(.artist, before: time + 1_000, limit: 10).isEmpty)
    #expect(try tier.set([keys[0]: document("old", expires: time + 50)], revision: before) == [keys[0]])
    try set(tier, [keys[0]: document("back", expires: time + 50)])
    #expect(try tier.changed([.artist], since: UnixTime(seconds: 1), limit: 10).isEmpty, "as if for the first time")
    // What is revoked leaves a mark, as if it had never been there.
    try tier.revoke([keys[1]])
    #expect(try tier.get([keys[1]])[0]?.state == .revoked)
    #expect(try tier.set([keys[1]: document("old", expires: time + 50)], revision: before) == [keys[1]])
  }

  @Test func `a revision of the file that was there before proves nothing`() throws {
    let tier = directory.tier()
    let key = CacheKey(.artist, id)
    _ = try tier.revision()
    try set(tier, [key: document("new", expires: time + 50)])
    _ = try tier.set([key: document("old", expires: time + 50)], revision: .max)
    #expect(try tier.get([key])[0]?.fingerprint == document("new", expires: time).fingerprint)
    #expect(try tier.get([key])[0]?.expires == time)
  }

  /// However many have changed, an index gives the newest: nothing is sorted, and no table is read.
  @Test func `changes come straight from an index`() throws {
    _ = try directory.tier().revision()
    let connection = try SQLiteConnection(path: directory.file)
    for (sql, index) in [
      (StoreStatement.changed.sql, "document_idx_updated"), (StoreStatement.announced.sql, "document_idx_announced"),
    ] {
      var plan: [String] = []
      try connection.run(SQLiteStatement("EXPLAIN QUERY PLAN \(sql)"), [.text("artist"), .int(1), .int(10)]) {
        row throws(SQLiteFailure) in plan.append(row.text(3))
      }
      #expect(plan.count == 1 && plan[0].contains("USING INDEX \(index) (kind=? AND"), "\(plan)")
    }
  }
}
