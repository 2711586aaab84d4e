import Core
import Foundation
import Metadata
import Testing

@testable import Cache
@testable import Documents
@testable import SQLiteStore

/// What the durable tier in PostgreSQL does as well.
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

  @Test func `updated moves with the content only, and not for what is stored for the first time`() throws {
    let tier = directory.tier()
    let key = CacheKey(.artist, id)
    let start = time
    try set(tier, [key: document("one", expires: start + 1)])
    directory.clock.advance(10)
    try set(tier, [key: document("one", expires: start + 100)])
    #expect(try tier.changed([.artist], since: UnixTime(seconds: 1), limit: 10).isEmpty)
    #expect(try tier.get([key])[0]?.expires == start + 100)
    directory.clock.advance(10)
    try set(tier, [key: document("two", expires: start + 100)])
    #expect(try tier.changed([.artist], since: start, limit: 10) == [Change(id: id, time: start + 20)])
    #expect(try tier.changed([.artist], since: start + 21, limit: 10).isEmpty)
  }

  @Test func `changes are told newest first, each entity once`() throws {
    let tier = directory.tier()
    let start = time
    for kind in [CacheKey.Kind.artist, .artistAlbums, .album] {
      try set(
        tier,
        [
          CacheKey(kind, id): document("before", expires: time),
          CacheKey(kind, other): document("before", expires: time),
        ])
    }
    try set(
      tier, [CacheKey(.artist, id): document("a", expires: time), CacheKey(.album, id): document("c", expires: time)])
    directory.clock.advance(5)
    try set(tier, [CacheKey(.artistAlbums, other): document("b", expires: time)])
    directory.clock.advance(4)
    try set(tier, [CacheKey(.artistAlbums, id): document("d", expires: time)])
    #expect(
      try tier.changed([.artist, .artistAlbums], since: start, limit: 10) == [
        Change(id: id, time: start + 9), Change(id: other, time: start + 5),
      ])
    #expect(try tier.changed([.artist, .artistAlbums], since: start, limit: 1).map(\.id) == [id])
  }

  @Test func `what falls due is told oldest first, and can be made due`() throws {
    let tier = directory.tier()
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
    let tier = directory.tier()
    try set(tier, [CacheKey(.artist, id): document("a", expires: time + 50)])
    let ids = (0..<5_000).map { MBID(high: 7, low: UInt64($0)) } + [id, id]
    try tier.insert(ids, of: .artist)
    try tier.insert(Array(ids[..<10]), of: .artist)
    #expect(try tier.due(.artist, before: time, limit: 100_000).count == 5_000)
    #expect(try tier.get([CacheKey(.artist, ids[0]), CacheKey(.artist, id)]).map { $0 != nil } == [false, true])
    #expect(try tier.changed([.artist], since: UnixTime(seconds: 1), limit: 10).isEmpty)
    try set(tier, [CacheKey(.artist, ids[0]): document("b", expires: time + 9)])
    #expect(try tier.get([CacheKey(.artist, ids[0])])[0] != nil)
  }

  @Test func `what was begun before a revocation or a newer document is refused`() throws {
    let tier = directory.tier()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    let before = try tier.revision()
    try directory.tier().revoke([keys[0]])
    let later = try tier.revision()
    let refused = try tier.set(
      [keys[0]: document("old", expires: time + 50), keys[1]: document("b", expires: time + 50)], revision: before)
    #expect(refused == [keys[0]])
    #expect(try tier.get(keys).map { $0?.state } == [.revoked, .present])
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
    let tier = directory.tier()
    let key = CacheKey(.artist, id)
    try tier.revoke([key])
    let before = try tier.revision()
    directory.clock.advance(80_000)
    try tier.revoke([key])
    directory.clock.advance(10_000)
    try tier.revoke([CacheKey(.artist, other)])
    #expect(try tier.set([key: document("old", expires: time)], revision: before) == [key])
    directory.clock.advance(90_000)
    try tier.revoke([CacheKey(.artist, other)])
    try set(tier, [key: document("old", expires: time)], revision: before)
  }

  @Test func `without a revision nothing newer is replaced, and what is there becomes stale`() throws {
    let tier = directory.tier()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    try set(tier, [keys[0]: document("one", expires: time + 50)])
    let before = try tier.revision()
    _ = try tier.set(
      [keys[0]: document("two", expires: time + 50), keys[1]: document("two", expires: time + 50)], revision: nil)
    let found = try tier.get(keys)
    #expect(found.map { $0?.expires } == [time, time])
    #expect(
      found.map { $0?.fingerprint } == [
        document("one", expires: time).fingerprint, document("two", expires: time).fingerprint,
      ])
    // What was begun before, and waits to be kept, may be older than either.
    #expect(try tier.set([keys[1]: document("three", expires: time + 50)], revision: before) == [keys[1]])
  }

  @Test func `that something is gone is kept, but is neither a change nor due`() throws {
    let tier = directory.tier()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    try set(tier, [keys[0]: document("one", expires: time + 50)])
    directory.clock.advance(1)
    let before = try tier.revision()
    try set(
      tier, [keys[0]: .absent(expires: time + 10), keys[1]: .moved(to: id, expires: time + 10)])
    #expect(try tier.get(keys).map { $0?.state } == [.absent, .moved(to: id)])
    #expect(try tier.get(keys).map { $0?.expires } == [time + 10, time + 10])
    #expect(try tier.changed([.artist], since: UnixTime(seconds: 1), limit: 10).isEmpty)
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
}
