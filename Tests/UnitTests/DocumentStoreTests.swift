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
  var asked: [[String]] = []

  init(clock: TestClock) { memory = MemoryTier(limit: 1 << 20) { clock.time } }

  func get(_ keys: [String]) -> [[UInt8]?] {
    asked.append(keys)
    return isAvailable ? memory.get(keys) : keys.map { _ in nil }
  }
  func read(_ keys: [String]) -> [VersionedValue] {
    isAvailable ? memory.read(keys) : keys.map { _ in VersionedValue(value: nil, version: nil) }
  }
  func set(_ items: [CacheItem]) { if isAvailable { memory.set(items) } }
  func replace(_ items: [ConditionalItem]) -> [StoreOutcome] {
    isAvailable ? memory.replace(items) : items.map { _ in .unavailable }
  }
  func add(_ item: CacheItem) -> AddOutcome { isAvailable ? memory.add(item) : .unavailable }
  func delete(_ key: String) { if isAvailable { memory.delete(key) } }
  func increment(_ key: String, by amount: UInt64, lifetime: Int64) -> UInt64? {
    isAvailable ? memory.increment(key, by: amount, lifetime: lifetime) : nil
  }
}

extension CacheKey.Kind {
  static let list = CacheKey.Kind("list", parts: 1...1).with { $0.origin = "index" }
  static let following = CacheKey.Kind("following", parts: 1...1).with { $0.followsReferences = true }
}

@Suite struct DocumentStoreTests {
  struct Broken: SourceFailure, Equatable {
    init() {}
    init(_ error: SourceError) {}
  }

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

  static func store(
    _ shared: SwitchedTier?, _ clock: TestClock, program: String = "", settings: [CacheKey.Kind: String] = [:]
  ) -> DocumentStore {
    let memory = MemoryTier(limit: 1 << 20) { clock.time }
    return DocumentStore(
      shared: shared, memory: memory,
      coordination: TierCoordination(shared: shared, memory: memory, namespace: "test"),
      policy: .init(staleSeconds: 1_000, refreshPause: 30), namespace: "test", program: program, settings: settings,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.time })
  }

  func load(_ store: DocumentStore, _ keys: [CacheKey], _ text: String) -> [String] {
    self.text(
      (try? store.load(keys, by: .after(milliseconds: 1000)) { keys, _ throws(SourceError) in
        Dictionary(uniqueKeysWithValues: keys.map { ($0, document(text)) })
      }) ?? [])
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

  func load(_ keys: [CacheKey], _ text: String) -> [String] { load(store, keys, text) }

  func loadBroken(_ keys: [CacheKey]) throws -> [String] {
    text(try store.load(keys, by: .after(milliseconds: 1000)) { _, _ throws(Broken) in throw Broken() })
  }

  @Test func `what is anticipated is looked up in the same trip, and only for the next question`() throws {
    _ = load([key], "album")
    _ = load([other], "artist")
    func album() -> [String] {
      text(
        (try? store.load([key], anticipating: [other], by: .after(milliseconds: 1000)) { _, _ throws(SourceError) in
          [:]
        }) ?? [])
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
      try store.load([key], anticipating: [other], by: .after(milliseconds: 1000)) { _, _ throws(Broken) in
        throw Broken()
      }
    }
    shared.set([CacheItem(shared.asked[0][0], document("new").encoded(), lifetime: 100)])
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
    // Another process has just taken the lease.
    _ = TierCoordination(shared: shared, namespace: "test").acquire(store.leaseName(of: key), seconds: 30)
    store.catchUp()
    #expect(load([key], "three") == ["one"])
  }

  @Test func `what another process has computed anew meanwhile is not computed again`() throws {
    _ = load([key], "one")
    clock.time = clock.time + 101
    #expect(load([key], "two") == ["one"])
    // Another process of the pool serves it stale as well, and is faster.
    let faster = DocumentStoreTests.store(shared, clock)
    _ = load(faster, [key], "faster")
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
        try store.load([key], by: .after(milliseconds: 1000)) { _, _ throws(Broken) in
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
    let absent = try store.load([key], by: .after(milliseconds: 1000)) { [clock] keys, _ throws(Broken) in
      [keys[0]: Document.absent(expires: clock.time + 10)]
    }
    #expect(absent.map(\.state) == [.absent])
    clock.time = clock.time + 10
    #expect(throws: Broken.self) { try loadBroken([key]) }
  }

  @Test func `a revoked document is computed before it is served, or served if that fails`() throws {
    _ = load([key], "one")
    store.revoke([key])
    #expect(try loadBroken([key]) == ["one"])
    #expect(load([key], "two") == ["two"])
    store.revoke([other])
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

  @Test func `what could not be finished in time is made again after the answer, from what the source said`() throws {
    var awaited: [Bool] = []
    func compute() throws {
      _ = try store.load([key], by: .after(milliseconds: 1000)) { keys, _ throws(SourceError) in
        let unfinished = [key: document("unfinished")]
        store.refreshAfterwards(unfinished) { [clock] keys, deadline throws(SourceError) in
          awaited.append(deadline.isAwaited)
          return [keys[0]: Document(parts: [.init(Fragment(Array("all".utf8)))], expires: clock.time + 100)]
        }
        return unfinished
      }
    }
    try compute()
    store.catchUp()
    #expect(awaited == [false])
    #expect(load([key], "never") == ["all"])
    // Revoked meanwhile: what the source said then is not true any more.
    store.revoke([key])
    try compute()
    store.revoke([key])
    store.catchUp()
    #expect(awaited == [false])
    #expect(load([key], "new") == ["new"])
  }

  @Test func `whoever waits gives up at the deadline, and does not do the same work as well`() throws {
    _ = TierCoordination(shared: shared, namespace: "test").acquire(store.leaseName(of: key), seconds: 30)
    var isComputed = false
    #expect(throws: Broken.self) {
      try store.load([key], by: .after(milliseconds: 50)) { _, _ throws(Broken) in
        isComputed = true
        throw Broken()
      }
    }
    #expect(!isComputed)
  }

  @Test func `a lease that nobody gives back ends by itself`() throws {
    var looks: Int64 = 0
    let memory = MemoryTier(limit: 1 << 20) {
      looks += 1
      return UnixTime(seconds: looks / 2)
    }
    let coordination = TierCoordination(shared: nil, memory: memory, namespace: "test")
    _ = coordination.acquire(store.leaseName(of: key), seconds: 5)
    let store = DocumentStore(
      shared: nil, memory: memory, coordination: coordination, policy: .init(staleSeconds: 1_000), namespace: "test",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { [clock] in clock.time })
    #expect(load(store, [key], "two") == ["two"])
  }

  // MARK: - Nothing newer is overwritten by something older

  /// Loads a document, while `meanwhile` happens between the source's answer and the storing.
  func load(_ text: String, _ keys: [CacheKey]? = nil, meanwhile: @escaping () -> Void) throws -> [Document] {
    var hasHappened = false
    return try store.load(keys ?? [key], by: .after(milliseconds: 1000)) { keys, _ throws(SourceError) in
      if !hasHappened { meanwhile() }
      hasHappened = true
      return Dictionary(uniqueKeysWithValues: keys.map { ($0, document(text)) })
    }
  }

  @Test(arguments: [true, false])
  func `what was revoked while it was computed is computed again, and never kept`(isThereAnOldOne: Bool) throws {
    if isThereAnOldOne {
      _ = load([key], "older")
      clock.time = clock.time + 1_101
    }
    let other = DocumentStoreTests.store(shared, clock)
    var texts = ["old", "new"]
    let documents = try store.load([key], by: .after(milliseconds: 1000)) { keys, _ throws(SourceError) in
      let text = texts.removeFirst()
      // The row changes and is revoked while the source's answer is under way.
      if text == "old" { other.revoke([key]) }
      return [key: document(text)]
    }
    #expect(text(documents) == ["new"])
    #expect(load([key], "never") == ["new"])
  }

  @Test func `what was revoked while the shared tier was away is not served when it is back`() {
    #expect(load([key], "old") == ["old"])
    shared.isAvailable = false
    store.revoke([key])
    #expect(!store.isBehind)
    #expect(load([key], "new") == ["new"])
    shared.isAvailable = true
    #expect(store.isBehind)
    #expect(load([key], "new") == ["new"])
    #expect(!store.isBehind)
    #expect(load(DocumentStoreTests.store(shared, clock), [key], "newest") == ["new"])
  }

  @Test func `another process does not serve for long what was revoked while the shared tier was away`() {
    #expect(load([key], "old") == ["old"])
    shared.isAvailable = false
    store.revoke([key])
    shared.isAvailable = true
    store.catchUp()
    #expect(load(DocumentStoreTests.store(shared, clock), [key], "new") == ["new"])
  }

  @Test func `what is revoked again and again is answered, but not kept and not believed`() throws {
    let other = DocumentStoreTests.store(shared, clock)
    let documents = try store.load([key], by: .after(milliseconds: 1000)) { keys, _ throws(SourceError) in
      other.revoke([key])
      return [key: document("old")]
    }
    #expect(text(documents) == ["old"])
    #expect(documents[0].expires <= clock.time)
    #expect(load([key], "new") == ["new"])
  }

  @Test func `an older computation does not replace a newer one`() throws {
    let other = DocumentStoreTests.store(shared, clock)
    // The lease was lost, for instance with a server that was restarted.
    let documents = try load("old") { other.put([key: document("new")]) }
    #expect(text(documents) == ["new"])
    #expect(load([key], "never") == ["new"])
  }

  @Test func `a refresh that was overtaken changes nothing`() throws {
    _ = load([key], "one")
    clock.time = clock.time + 101
    let other = DocumentStoreTests.store(shared, clock)
    _ = try store.load([key], by: .after(milliseconds: 1000)) { keys, _ throws(SourceError) in
      other.revoke([key])
      return [key: document("old")]
    }
    store.catchUp()
    #expect(load(other, [key], "new") == ["new"])
  }

  // MARK: - Clocks

  @Test func `a clock that is set back keeps nothing fresh for years`() {
    _ = load([key], "one")
    clock.time = clock.time + -10 * 365 * 86_400
    #expect(load([key], "two") == ["one"])
    store.catchUp()
    #expect(load([key], "three") == ["two"])
  }

  @Test func `a clock that jumps ahead loses nothing that can be served`() {
    _ = load([key], "one")
    clock.time = clock.time + 900
    #expect(load([key], "two") == ["one"])
    store.catchUp()
    #expect(load([key], "three") == ["two"])
  }

  // MARK: - Stamps

  @Test func `a document of other settings or another version is served, and made anew`() {
    _ = load([key], "one")
    let later = DocumentStoreTests.store(shared, clock, program: "2")
    #expect(load(later, [key], "two") == ["one"])
    later.catchUp()
    #expect(load(later, [key], "three") == ["two"])
    let other = DocumentStoreTests.store(shared, clock, program: "2", settings: [.artist: "a key"])
    #expect(load(other, [key], "four") == ["two"])
    other.catchUp()
    #expect(load(other, [key], "five") == ["four"])
    #expect(load(DocumentStoreTests.store(shared, clock, program: "2", settings: [.album: "x"]), [key], "") == ["four"])
  }

  @Test func `a list goes when what it was made from changes, unless the new one cannot be had`() throws {
    let list = CacheKey(.list, key.id)
    var state: UInt64? = 1
    store.watch("index") { state }
    #expect(load([list], "one") == ["one"])
    state = 2
    #expect(load([list], "two") == ["one"], "it is asked for every few seconds")
    store.originChanged("index")
    #expect(try loadBroken([list]) == ["one"])
    #expect(load([list], "two") == ["two"])
    state = nil
    store.originChanged("index")
    #expect(load([list], "three") == ["two"], "where nobody can tell, it is as good as ever")
  }

  @Test func `an origin that cannot tell is not asked again at once`() throws {
    let list = CacheKey(.list, key.id)
    var asked = 0
    store.watch("index") {
      asked += 1
      return asked == 1 ? 1 : nil
    }
    #expect(load([list], "one") == ["one"])
    store.originChanged("index")
    for _ in 0..<3 { #expect(load([list], "two") == ["one"]) }
    #expect(asked == 2)
  }

  @Test func `a list goes when something that it names is revoked or changes`() throws {
    let list = CacheKey(.following, other.id)
    func names(_ text: String, meanwhile: @escaping () -> Void = {}) throws -> [String] {
      self.text(
        try store.load([list], by: .after(milliseconds: 1000)) { _, _ throws(SourceError) in
          meanwhile()
          return [
            list: Document(
              parts: [.init(Fragment(Array(text.utf8)))], references: [key.id], expires: clock.time + 100)
          ]
        })
    }
    _ = load([key], "entity")
    #expect(try names("one") == ["one"])
    #expect(try names("two") == ["one"])
    store.revoke([key])
    #expect(try names("two") == ["two"])
    // The entity is computed anew, and has changed.
    _ = load([key], "another entity")
    #expect(try names("three") == ["three"])
    #expect(try names("four") == ["three"])
    store.revoke([list])
    #expect(try names("four", meanwhile: { store.revoke([key]) }) == ["four"])
    #expect(try names("five") == ["five"], "it was revoked while the list was made")
  }

  @Test func `absence is forgotten where something else says that there is something`() throws {
    func ask(_ document: Document) throws -> [Document.State] {
      try store.load([key], by: .after(milliseconds: 1000)) { keys, _ throws(SourceError) in [key: document] }.map(
        \.state)
    }
    #expect(try ask(.absent(expires: clock.time + 100)) == [.absent])
    store.forgetAbsence(of: [other])
    #expect(try ask(document("one")) == [.absent])
    store.forgetAbsence(of: [key, other])
    #expect(try ask(document("one")) == [.present])
  }

  // MARK: - Work after the answer

  @Test func `no work is done while somebody waits, and it is done later`() {
    _ = load([key], "one")
    clock.time = clock.time + 101
    _ = load([key], "two")
    store.catchUp { true }
    #expect(store.isBehind)
    store.catchUp()
    #expect(load([key], "three") == ["two"])
  }

  @Test func `work is dropped when somebody comes, without a pause`() throws {
    _ = load([key], "one")
    clock.time = clock.time + 101
    var isSomebodyWaiting = false
    _ = try store.load([key], by: .after(milliseconds: 1000)) { keys, deadline throws(Broken) in
      isSomebodyWaiting = true
      while !deadline.hasPassed, deadline.beat() {}
      throw Broken()
    }
    store.catchUp { isSomebodyWaiting }
    #expect(store.isBehind)
    #expect(load([key], "two") == ["one"])
    store.catchUp()
    #expect(load([key], "three") == ["two"])
  }

  @Test func `only so many processes of the pool work at a time`() {
    _ = load([key], "one")
    clock.time = clock.time + 101
    _ = load([key], "two")
    _ = TierCoordination(shared: shared, namespace: "test").acquire("work:0", seconds: 5)
    store.catchUp()
    #expect(store.isBehind)
    clock.time = clock.time + 6
    store.catchUp()
    #expect(!store.isBehind)
  }

  @Test func `documents that were computed together do not go stale together`() throws {
    let memory = MemoryTier(limit: 1 << 20) { [clock] in clock.time }
    let store = DocumentStore(
      shared: nil, memory: memory, coordination: TierCoordination(shared: nil, namespace: "test"),
      policy: .init(staleSeconds: 1_000, spreadPercent: 10), namespace: "test",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { [clock] in clock.time })
    let keys = (0..<100).map { CacheKey(.artist, MBID(high: 1, low: $0)) }
    store.put(Dictionary(uniqueKeysWithValues: keys.map { ($0, document("x", for: 100_000)) }))
    let times = Set(store.cached(keys).compactMap { $0?.expires })
    #expect(times.count > 50)
    #expect(times.allSatisfy { $0 >= clock.time + 90_000 && $0 <= clock.time + 100_000 })
  }

  @Test func `a stored document that is not what it was is a miss that heals`() throws {
    _ = load([key], "one")
    let name = store.name(of: key)
    let good = try #require(shared.memory.get([name])[0])
    for index in good.indices {
      var bytes = good
      bytes[index] ^= 0x20
      shared.memory.set([CacheItem(name, bytes, lifetime: 100)])
      #expect(["one", "two"].contains(load([key], "two").first))
    }
    shared.memory.set([CacheItem(name, Document(parts: [], expires: clock.time + 50).encoded(), lifetime: 100)])
    #expect(load([key], "three") == ["three"], "an artist without a part is none")
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
    _ = load(store, [key], "one")
    clock.time = clock.time + 90
    let again = try store.load([key], by: .after(milliseconds: 1000)) { _, _ throws(Broken) in throw Broken() }
    #expect(text(again) == ["one"])
  }
}

@Suite struct MemoryTierTests {
  @Test func `the least recently used values go first`() {
    let tier = MemoryTier(limit: 1_000)
    for name in ["a", "b", "c"] { tier.set([CacheItem(name, [UInt8](repeating: 0, count: 200), lifetime: 100)]) }
    _ = tier.get(["a"])
    tier.set([CacheItem("d", [UInt8](repeating: 0, count: 300), lifetime: 100)])
    #expect(tier.get(["a", "b", "d"]).map { $0 != nil } == [true, false, true])
  }

  @Test func `what is larger than the limit is not kept and pushes nothing out`() {
    let tier = MemoryTier(limit: 500)
    tier.set([CacheItem("a", [1], lifetime: 100)])
    tier.set([CacheItem("b", [UInt8](repeating: 0, count: 600), lifetime: 100)])
    #expect(tier.get(["a", "b"]) == [[1], nil])
  }

  @Test func `values are gone when they expire, and can then be added again`() {
    let clock = TestClock()
    let tier = MemoryTier(limit: 500) { clock.time }
    #expect(tier.add(CacheItem("a", [1], lifetime: 5)) == .added)
    #expect(tier.add(CacheItem("a", [2], lifetime: 5)) == .exists)
    clock.time = clock.time + 5
    #expect(tier.get(["a"]) == [nil])
    #expect(tier.add(CacheItem("a", [3], lifetime: 5)) == .added)
  }

  @Test func `a counter counts until it expires, and what is no counter is not counted`() {
    let clock = TestClock()
    let tier = MemoryTier(limit: 500) { clock.time }
    #expect(tier.increment("a", by: 1, lifetime: 5) == 1)
    clock.time = clock.time + 4
    #expect(tier.increment("a", by: 2, lifetime: 5) == 3)
    clock.time = clock.time + 1
    #expect(tier.increment("a", by: 1, lifetime: 5) == 1)
    tier.set([CacheItem("b", [0xff], lifetime: 5)])
    #expect(tier.increment("b", by: 1, lifetime: 5) == nil)
  }

  @Test func `a limit of nothing keeps nothing`() {
    let tier = MemoryTier(limit: 0)
    tier.set([CacheItem("a", [1], lifetime: 100)])
    #expect(tier.get(["a"]) == [nil])
    #expect(!tier.isAvailable)
  }
}
