import Core
import Logging
import Testing

@testable import Cache
import Metadata
@testable import Documents

/// A clock that a test moves.
final class TestClock {
  var time = UnixTime(seconds: 1_800_000_000)
}

/// A tier that can be switched off.
final class SwitchedTier: CacheTier {
  let memory: MemoryTier
  var isAvailable = true
  var added: [String] = []
  var asked: [[String]] = []

  init(clock: TestClock) { memory = MemoryTier(limit: 1 << 20) { clock.time } }

  func get(_ keys: [String]) -> [[UInt8]?] {
    asked.append(keys)
    return isAvailable ? memory.get(keys) : keys.map { _ in nil }
  }
  func set(_ items: [CacheItem]) { if isAvailable { memory.set(items) } }
  func add(_ key: String, _ value: [UInt8], expires: UnixTime) -> AddOutcome {
    added.append(key)
    return isAvailable ? memory.add(key, value, expires: expires) : .unavailable
  }
  func delete(_ key: String) { if isAvailable { memory.delete(key) } }
  func increment(_ key: String, by amount: UInt64, expires: UnixTime) -> UInt64? {
    isAvailable ? memory.increment(key, by: amount, expires: expires) : nil
  }
}

@Suite struct DocumentStoreTests {
  struct Broken: Error {}

  let clock = TestClock()
  let shared: SwitchedTier
  let store: DocumentStore
  let key = CacheKey(.artist, "472bc127-8861-45e8-bc9e-31e8dd32de7a")
  let other = CacheKey(.artistAlbums, "472bc127-8861-45e8-bc9e-31e8dd32de7a")

  init() {
    let clock = clock
    shared = SwitchedTier(clock: clock)
    store = DocumentStoreTests.store(shared, clock)
  }

  static func store(_ shared: SwitchedTier?, _ clock: TestClock) -> DocumentStore {
    DocumentStore(
      shared: shared, memory: MemoryTier(limit: 1 << 20) { clock.time },
      policy: .init(staleSeconds: 1_000, refreshPause: 30, patienceMilliseconds: 20), namespace: "test",
      generation: "", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.time })
  }

  func text(_ documents: [Document]) -> [String] {
    documents.map { document in
      let output = OutputBuffer()
      _ = Body(document.parts.map(\.fragment)).appendPlain(to: output)
      return String(decoding: output.bytes, as: UTF8.self)
    }
  }

  func document(_ text: String, for seconds: Int64 = 100) -> Document {
    Document(parts: [.init(Fragment(Array(text.utf8)))], expires: clock.time + seconds)
  }

  func load(_ keys: [CacheKey], _ text: String) -> [String] {
    self.text(
      store.load(keys, by: .after(milliseconds: 1000)) { keys, _ in
        Dictionary(uniqueKeysWithValues: keys.map { ($0, document(text)) })
      })
  }

  func loadBroken(_ keys: [CacheKey]) throws -> [String] {
    text(try store.load(keys, by: .after(milliseconds: 1000)) { _, _ in throw Broken() })
  }

  @Test func `what is anticipated is looked up in the same trip, and only for the next question`() throws {
    _ = load([key], "album")
    _ = load([other], "artist")
    func album() -> [String] {
      text(store.load([key], anticipating: [other], by: .after(milliseconds: 1000)) { _, _ in [:] })
    }
    shared.asked = []
    #expect(album() == ["album"])
    #expect(load([other], "anew") == ["artist"])
    #expect(shared.asked.count == 1)
    #expect(load([other], "anew") == ["artist"])
    #expect(shared.asked.count == 2)
    // Another question than the one that was anticipated.
    #expect(album() == ["album"])
    #expect(load([key], "anew") == ["album"])
    #expect(shared.asked.count == 4)
    // Something that is missing is anticipated as well.
    shared.delete(shared.asked[0][1])
    #expect(album() == ["album"])
    #expect(load([other], "anew") == ["anew"])
    #expect(load([other], "never") == ["anew"])
  }

  @Test func `what was anticipated for a question that failed is forgotten`() throws {
    _ = load([other], "old")
    #expect(throws: Broken.self) {
      try store.load([key], anticipating: [other], by: .after(milliseconds: 1000)) { _, _ in throw Broken() }
    }
    shared.set(shared.asked[0][0], document("new").encoded(), expires: clock.time + 100)
    #expect(load([other], "never") == ["new"])
  }

  @Test func `a document is computed once`() throws {
    #expect(load([key], "one") == ["one"])
    #expect(load([key], "two") == ["one"])
  }

  @Test func `only what is missing is computed`() throws {
    _ = load([key], "one")
    #expect(load([key, other], "two") == ["one", "two"])
  }

  @Test func `a stale document is served at once and computed anew afterwards`() throws {
    _ = load([key], "one")
    clock.time = clock.time + 101
    #expect(load([key], "two") == ["one"])
    #expect(store.isBehind)
    store.catchUp()
    #expect(!store.isBehind)
    #expect(load([key], "three") == ["two"])
  }

  @Test func `only one process of the pool computes a stale document anew`() throws {
    _ = load([key], "one")
    clock.time = clock.time + 101
    _ = load([key], "two")
    // Another process has just taken the lock.
    let lock = try #require(shared.added.first)
    _ = shared.add(lock, [1], expires: clock.time + 30)
    store.catchUp()
    #expect(load([key], "three") == ["one"])
  }

  @Test func `what another process has computed anew meanwhile is not computed again`() throws {
    _ = load([key], "one")
    clock.time = clock.time + 101
    #expect(load([key], "two") == ["one"])
    // Another process of the pool serves it stale as well, and is faster.
    let faster = DocumentStoreTests.store(shared, clock)
    _ = faster.load([key], by: .after(milliseconds: 1000)) { keys, _ in [keys[0]: document("faster")] }
    faster.catchUp()
    store.catchUp()
    #expect(load([key], "three") == ["faster"])
  }

  @Test func `a failing source never replaces a good document, and is left alone for a while`() throws {
    _ = load([key], "one")
    clock.time = clock.time + 101
    var attempts = 0
    func serveStale() throws -> [String] {
      let found = text(
        try store.load([key], by: .after(milliseconds: 1000)) { _, _ in
          attempts += 1
          throw Broken()
        })
      store.catchUp()
      return found
    }
    #expect(try serveStale() == ["one"])
    #expect(try serveStale() == ["one"])
    #expect(attempts == 1)
    clock.time = clock.time + 31
    #expect(try serveStale() == ["one"])
    #expect(attempts == 2)
  }

  @Test func `after its hard expiry a document is gone`() throws {
    _ = load([key], "one")
    clock.time = clock.time + 1_101
    #expect(throws: Broken.self) { try loadBroken([key]) }
    #expect(load([key], "two") == ["two"])
  }

  @Test func `absence is believed for its time and not a second longer`() throws {
    let absent = store.load([key], by: .after(milliseconds: 1000)) { [clock] keys, _ in
      [keys[0]: Document.absent(expires: clock.time + 10)]
    }
    #expect(absent.map(\.state) == [.absent])
    clock.time = clock.time + 10
    #expect(throws: Broken.self) { try loadBroken([key]) }
  }

  @Test func `a revoked document is computed before it is served, or served if that fails`() throws {
    _ = load([key], "one")
    store.revoke(key)
    #expect(try loadBroken([key]) == ["one"])
    #expect(load([key], "two") == ["two"])
    store.revoke(other)
    #expect(load([other], "three") == ["three"])
  }

  @Test func `what is cached is looked up without computing anything, fresh or stale`() {
    store.put([key: document("one"), other: .absent(expires: clock.time + 10)])
    #expect(store.cached([key, other]).map { $0?.state } == [.present, .absent])
    clock.time = clock.time + 200
    let later = store.cached([key, other])
    #expect(later.map { $0?.isStale(at: clock.time) } == [true, nil])
    #expect(!store.isBehind)
  }

  @Test func `a document can be computed anew after the answer, although it is fresh, and then nobody waits`() {
    _ = load([key], "one")
    var awaited: [Bool] = []
    store.refreshAfterwards([key]) { [clock] keys, deadline in
      awaited.append(deadline.isAwaited)
      return [keys[0]: .absent(expires: clock.time + 10)]
    }
    #expect(store.isBehind)
    store.catchUp()
    #expect(awaited == [false])
    #expect(store.cached([key]).map { $0?.state } == [.absent])
  }

  @Test func `a lock that nobody releases costs patience, not the answer`() throws {
    _ = load([key], "one")
    let lock = try #require(shared.added.first)
    shared.memory.removeAll()
    _ = shared.add(lock, [1], expires: clock.time + 10)
    #expect(load([key], "two") == ["two"])
  }

  @Test func `a failure releases the lock`() throws {
    #expect(throws: Broken.self) { try loadBroken([key]) }
    #expect(load([key], "one") == ["one"])
  }

  @Test func `without the shared tier a process keeps documents to itself, briefly`() throws {
    shared.isAvailable = false
    #expect(load([key], "one") == ["one"])
    #expect(load([key], "two") == ["one"])
    clock.time = clock.time + 61
    #expect(load([key], "three") == ["three"])
    shared.isAvailable = true
    #expect(load([key], "four") == ["four"])
  }

  @Test func `without any shared tier the memory of the process is the cache`() throws {
    let store = DocumentStoreTests.store(nil, clock)
    _ = store.load([key], by: .after(milliseconds: 1000)) { keys, _ in [keys[0]: document("one")] }
    clock.time = clock.time + 90
    let again = try store.load([key], by: .after(milliseconds: 1000)) { _, _ in throw Broken() }
    #expect(text(again) == ["one"])
  }
}

@Suite struct MemoryTierTests {
  @Test func `the least recently used values go first`() {
    let tier = MemoryTier(limit: 1_000)
    let later = UnixTime.now + 100
    for name in ["a", "b", "c"] { tier.set(name, [UInt8](repeating: 0, count: 200), expires: later) }
    _ = tier.get(["a"])
    tier.set("d", [UInt8](repeating: 0, count: 300), expires: later)
    #expect(tier.get(["a", "b", "d"]).map { $0 != nil } == [true, false, true])
  }

  @Test func `what is larger than the limit is not kept and pushes nothing out`() {
    let tier = MemoryTier(limit: 500)
    tier.set("a", [1], expires: .now + 100)
    tier.set("b", [UInt8](repeating: 0, count: 600), expires: .now + 100)
    #expect(tier.get(["a", "b"]) == [[1], nil])
  }

  @Test func `values are gone when they expire, and can then be added again`() {
    let clock = TestClock()
    let tier = MemoryTier(limit: 500) { clock.time }
    #expect(tier.add("a", [1], expires: clock.time + 5) == .added)
    #expect(tier.add("a", [2], expires: clock.time + 5) == .exists)
    clock.time = clock.time + 5
    #expect(tier.get(["a"]) == [nil])
    #expect(tier.add("a", [3], expires: clock.time + 5) == .added)
  }

  @Test func `a counter counts until it expires, and what is no counter is not counted`() {
    let clock = TestClock()
    let tier = MemoryTier(limit: 500) { clock.time }
    #expect(tier.increment("a", by: 1, expires: clock.time + 5) == 1)
    clock.time = clock.time + 4
    #expect(tier.increment("a", by: 2, expires: clock.time + 5) == 3)
    clock.time = clock.time + 1
    #expect(tier.increment("a", by: 1, expires: clock.time + 5) == 1)
    tier.set("b", [0xff], expires: clock.time + 5)
    #expect(tier.increment("b", by: 1, expires: clock.time + 5) == nil)
  }

  @Test func `a limit of nothing keeps nothing`() {
    let tier = MemoryTier(limit: 0)
    tier.set("a", [1], expires: .now + 100)
    #expect(tier.get(["a"]) == [nil])
    #expect(!tier.isAvailable)
  }
}
