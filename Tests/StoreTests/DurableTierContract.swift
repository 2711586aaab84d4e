import Core
import Metadata
import Testing

@testable import Cache
@testable import Documents

/// What every durable tier promises.
@Suite struct DurableTierContract {
  let time = TestClock.start
  let id: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
  let other: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"

  func set(
    _ tier: @autoclosure () throws -> any DurableTier, _ documents: [CacheKey: Document], revision: Int64? = nil
  ) throws {
    let tier = try tier()
    let refused = try tier.set(documents, revision: try revision ?? tier.revision())
    #expect(refused.isEmpty)
  }

  func document(_ text: String, expires: UnixTime) -> Document {
    Document(parts: [.init(label: [1], Fragment(Array(text.utf8)))], references: [other], expires: expires)
  }

  @Test(arguments: DurableKind.available)
  func `documents come back as they were kept, in the order of the keys`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    let keys = [CacheKey(.artist, id), CacheKey(.album, id), CacheKey(.artist, other)]
    #expect(try tier.get(keys).allSatisfy { $0 == nil })
    let kept = document(String(repeating: "text ", count: 1000), expires: time + 100)
    try set(tier, [keys[2]: kept, keys[0]: document("small", expires: time + 50)])
    let found = try store.open().get(keys)
    #expect(found.map { $0?.encoded() } == [document("small", expires: time + 50).encoded(), nil, kept.encoded()])
    try tier.forget([keys[2]], revision: try tier.revision())
    #expect(try tier.get([keys[2]])[0] == nil)
  }

  @Test(arguments: DurableKind.available)
  func `updated moves with the content only, and not for what is stored for the first time`(kind: DurableKind) throws {
    let store = try kind.make()
    let key = CacheKey(.artist, id)
    try set(store.open(), [key: document("one", expires: time + 1)])
    try set(store.open(at: time + 10), [key: document("one", expires: time + 100)])
    #expect(try store.open().changed([.artist], since: UnixTime(seconds: 1), limit: 10).isEmpty)
    #expect(try store.open().get([key])[0]?.expires == time + 100)
    try set(store.open(at: time + 20), [key: document("two", expires: time + 100)])
    #expect(try store.open().changed([.artist], since: time, limit: 10) == [Change(id: id, time: time + 20)])
    #expect(try store.open().changed([.artist], since: time + 21, limit: 10).isEmpty)
  }

  @Test(arguments: DurableKind.available)
  func `changes are told newest first, each entity once`(kind: DurableKind) throws {
    let store = try kind.make()
    let kinds: [CacheKey.Kind] = [.artist, .artistAlbums, .album]
    for kind in kinds {
      try set(
        store.open(),
        [
          CacheKey(kind, id): document("before", expires: time),
          CacheKey(kind, other): document("before", expires: time),
        ])
    }
    try set(
      store.open(),
      [CacheKey(.artist, id): document("a", expires: time), CacheKey(.album, id): document("c", expires: time)])
    try set(store.open(at: time + 5), [CacheKey(.artistAlbums, other): document("b", expires: time)])
    try set(store.open(at: time + 9), [CacheKey(.artistAlbums, id): document("d", expires: time)])
    #expect(
      try store.open().changed([.artist, .artistAlbums], since: time, limit: 10) == [
        Change(id: id, time: time + 9), Change(id: other, time: time + 5),
      ])
    #expect(try store.open().changed([.artist, .artistAlbums], since: time, limit: 1).map(\.id) == [id])
  }

  @Test(arguments: DurableKind.available)
  func `what falls due is told oldest first, and can be made due`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
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

  @Test(arguments: DurableKind.available)
  func `what is said to have changed is told until its content has been compared`(kind: DurableKind) throws {
    let store = try kind.make()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    try set(store.open(), [keys[0]: document("a", expires: time + 50)])
    try store.open(at: time + 10).revoke(keys, because: .changed, moving: [])
    #expect(
      try store.open().changed([.artist], since: time, limit: 10) == [Change(id: id, time: time + 10)],
      "what was never there has not changed for anybody")
    try set(store.open(at: time + 20), [keys[0]: document("a", expires: time + 90)])
    #expect(try store.open().changed([.artist], since: time, limit: 10).isEmpty)
    try store.open(at: time + 30).revoke(keys, because: .changed, moving: [])
    try set(store.open(at: time + 40), [keys[0]: document("b", expires: time + 90)])
    #expect(try store.open().changed([.artist], since: time, limit: 10) == [Change(id: id, time: time + 40)])
    try store.open(at: time + 50).revoke(keys, because: .asked, moving: [])
    #expect(try store.open().changed([.artist], since: time, limit: 10) == [Change(id: id, time: time + 40)])
  }

  @Test(arguments: DurableKind.available)
  func `that a document is gone is told for a month`(kind: DurableKind) throws {
    let store = try kind.make()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    try set(store.open(), [keys[0]: document("a", expires: time + 50)])
    let tier = try store.open(at: time + 10)
    try tier.forget(keys, revision: try tier.revision())
    #expect(try store.open().changed([.artist], since: time, limit: 10) == [Change(id: id, time: time + 10)])
    try store.open(at: time + 20 * 86_400).revoke([keys[1]])
    #expect(try store.open().changed([.artist], since: time, limit: 10).map(\.id) == [id])
    try store.open(at: time + 31 * 86_400).revoke([keys[1]])
    #expect(try store.open().changed([.artist], since: time, limit: 10).isEmpty)
  }

  @Test(arguments: DurableKind.available)
  func `a bookmark moves with a revocation, from where its reader has it`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    let key = CacheKey(.artist, id)
    #expect(try tier.bookmarks(["a", "b"]) == [nil, nil])
    #expect(try tier.revoke([], because: .changed, moving: [BookmarkMove("a", from: nil, to: "1")]))
    #expect(try tier.revoke([key], because: .changed, moving: [BookmarkMove("a", from: "1", to: "2")]))
    #expect(try tier.bookmarks(["b", "a"]) == [nil, "2"])
    let before = try tier.revision()
    #expect(try !tier.revoke([key], because: .changed, moving: [BookmarkMove("a", from: "1", to: "3")]))
    #expect(try !tier.revoke([key], because: .changed, moving: [BookmarkMove("a", from: nil, to: "3")]))
    #expect(try store.open().bookmarks(["a"]) == ["2"])
    #expect(
      try tier.set([key: document("old", expires: time)], revision: before) == [key], "it is revoked all the same")
  }

  @Test(arguments: DurableKind.available)
  func `ids are inserted in bulk, are due at once, are no documents yet, and replace none`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
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

  @Test(arguments: DurableKind.available)
  func `ids that were revoked or gone before they are listed are due as well`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    let (revoked, gone) = (CacheKey(.artist, id), CacheKey(.artist, other))
    let before = try tier.revision()
    try tier.revoke([revoked])
    try set(tier, [gone: document("gone", expires: time + 50)])
    try tier.forget([gone], revision: try tier.revision())
    #expect(try tier.due(.artist, before: time + 100, limit: 10).isEmpty)
    try tier.insert([id, other], of: .artist)
    #expect(Set(try tier.due(.artist, before: time + 100, limit: 10)) == [id, other])
    #expect(
      try tier.set([revoked: document("old", expires: time + 50)], revision: before) == [revoked],
      "what began before the revocation is refused all the same")
    try set(tier, [revoked: document("new", expires: time + 50)])
    #expect(try tier.get([revoked])[0]?.state == .present)
    #expect(try tier.due(.artist, before: time + 40, limit: 10) == [other])
  }

  @Test(arguments: DurableKind.available)
  func `what was begun before a revocation or a newer document is refused`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    let keys = [CacheKey(.artist, id), CacheKey(.artist, other)]
    let before = try tier.revision()
    try tier.revoke([keys[0]])
    let later = try tier.revision()
    let refused = try tier.set(
      [keys[0]: document("old", expires: time + 50), keys[1]: document("b", expires: time + 50)], revision: before)
    #expect(refused == [keys[0]])
    #expect(try tier.get(keys).map(\.?.state) == [.revoked, .present], "an older one elsewhere is not to be served")
    try set(tier, [keys[0]: document("new", expires: time + 60)], revision: later)
    #expect(try tier.set([keys[0]: document("old", expires: time + 50)], revision: before) == [keys[0]])
    try tier.forget([keys[0]], revision: before)
    #expect(try tier.get(keys)[0]?.encoded() == document("new", expires: time + 60).encoded())
    try tier.forget([keys[0]], revision: later)
    #expect(try tier.get(keys)[0] == nil)
    #expect(try tier.set([keys[0]: document("old", expires: time + 50)], revision: before) == [keys[0]], "it is gone")
    #expect(try tier.due(.artist, before: time + 40, limit: 10).isEmpty)
  }

  @Test(arguments: DurableKind.available)
  func `all of a kind are gone through in the order of their ids, page by page`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
    let ids = (0..<15).map { MBID(high: UInt64(15 - $0) << 60 | UInt64($0), low: 1) }
    try set(
      tier, Dictionary(uniqueKeysWithValues: ids.map { (CacheKey(.artist, $0), document("\($0)", expires: time + 9)) }))
    try set(tier, [CacheKey(.album, id): document("another kind's", expires: time + 9)])
    try tier.revoke([CacheKey(.artist, other)])
    var (found, last): ([MBID], MBID?) = ([], nil)
    while true {
      let page = try tier.scan(.artist, after: last, limit: 6)
      guard let end = page.last else { break }
      #expect(page.count <= 6 && page.allSatisfy { $0.document?.expires == time + 9 })
      found += page.map(\.id)
      last = end.id
    }
    #expect(found == ids.sorted { ($0.high, $0.low) < ($1.high, $1.low) })
  }

  @Test(arguments: DurableKind.available)
  func `a mark of revocation lives for a day, also when it is made again`(kind: DurableKind) throws {
    let store = try kind.make()
    let key = CacheKey(.artist, id)
    try store.open().revoke([key])
    let before = try store.open().revision()
    try store.open(at: time + 80_000).revoke([key])
    try store.open(at: time + 90_000).revoke([CacheKey(.artist, other)])
    #expect(try store.open().set([key: document("old", expires: time)], revision: before) == [key])
    try store.open(at: time + 180_000).revoke([CacheKey(.artist, other)])
    try set(store.open(), [key: document("old", expires: time)], revision: before)
  }

  @Test(arguments: DurableKind.available)
  func `without a revision nothing newer is replaced, and what is there becomes stale`(kind: DurableKind) throws {
    let store = try kind.make()
    let tier = try store.open()
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
}
