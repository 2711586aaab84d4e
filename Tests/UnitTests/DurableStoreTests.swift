import Core
import Logging
import Testing

@testable import Cache
import Metadata
@testable import Documents

/// A durable tier in memory that can be switched off.
final class SwitchedDurable: DurableTier {
  struct Gone: Error {}

  var isAvailable = true
  var fails = false
  var documents: [CacheKey: Document] = [:]

  private func check() throws(SourceError) { if fails { throw SourceError(.unavailable, "switched off") } }

  func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?] {
    try check()
    return keys.map { documents[$0] }
  }
  func set(_ new: [CacheKey: Document]) throws(SourceError) {
    try check()
    documents.merge(new) { $1 }
  }
  func expire(_ keys: [CacheKey], at time: UnixTime) throws(SourceError) {
    try check()
    for key in keys { documents[key]?.expires = time }
  }
  func delete(_ keys: [CacheKey]) throws(SourceError) {
    try check()
    for key in keys { documents[key] = nil }
  }
  func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID] { [] }
  func changed(_ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int) throws(SourceError) -> [Change] {
    try check()
    return []
  }
  func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError) {}
}

@Suite struct DurableStoreTests {
  struct Broken: Error {}

  let clock = TestClock()
  let shared: SwitchedTier
  let durable = SwitchedDurable()
  let store: DocumentStore
  let key = CacheKey(.album, "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6")

  init() {
    let clock = clock
    shared = SwitchedTier(clock: clock)
    store = DocumentStore(
      shared: shared, memory: MemoryTier(limit: 1 << 20) { clock.time }, durable: durable,
      policy: .init(staleSeconds: 1_000, patienceMilliseconds: 20), namespace: "test", generation: "",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.time })
  }

  func load(_ text: String?) throws -> String {
    let documents = try store.load([key], by: .after(milliseconds: 1000)) { keys, _ in
      guard let text else { throw Broken() }
      return [keys[0]: Document(parts: [.init(Fragment(Array(text.utf8)))], expires: clock.time + 100)]
    }
    let output = OutputBuffer()
    _ = Body(documents[0].parts.map(\.fragment)).appendPlain(to: output)
    return String(decoding: output.bytes, as: UTF8.self)
  }

  @Test func `what was computed is saved after the answer, and found when the shared tier has forgotten it`() throws {
    #expect(try load("one") == "one")
    #expect(durable.documents.isEmpty && store.isBehind)
    store.catchUp()
    #expect(durable.documents[key] != nil && !store.isBehind)
    shared.memory.removeAll()
    #expect(try load(nil) == "one")
    // It is now in the shared tier again.
    durable.documents = [:]
    #expect(try load(nil) == "one")
  }

  @Test func `a document that is stale there is served and computed anew`() throws {
    _ = try load("one")
    store.catchUp()
    shared.memory.removeAll()
    clock.time = clock.time + 500
    #expect(try load("two") == "one")
    store.catchUp()
    #expect(try load(nil) == "two")
  }

  @Test func `a document that is too old to be served is none there either`() throws {
    _ = try load("one")
    store.catchUp()
    shared.memory.removeAll()
    clock.time = clock.time + 1_100
    #expect(throws: Broken.self) { try load(nil) }
  }

  @Test func `a durable tier that fails costs nothing but itself`() throws {
    durable.fails = true
    #expect(try load("one") == "one")
    store.catchUp()
    #expect(try load(nil) == "one")
    #expect(throws: SourceError.self) { try store.changed([.album], since: clock.time, limit: 1) }
  }

  @Test func `what is gone or has moved is not kept there`() throws {
    _ = try load("one")
    store.catchUp()
    shared.memory.removeAll()
    store.revoke(key)
    let gone = store.load([key], by: .after(milliseconds: 1000)) { keys, _ in
      [keys[0]: Document.absent(expires: clock.time + 10)]
    }
    #expect(gone[0].state == .absent)
    store.catchUp()
    #expect(durable.documents.isEmpty)
  }

  @Test func `a revoked document is revoked in every tier`() throws {
    _ = try load("one")
    store.catchUp()
    store.revoke(key)
    shared.memory.removeAll()
    #expect(try load("two") == "two")
  }
}
