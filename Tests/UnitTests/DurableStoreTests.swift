import Glibc
import Logging
import Metadata
import Testing

@testable import Cache
@testable import Core
@testable import Documents

/// A durable tier in memory that can be switched off.
final class SwitchedDurable: DurableTier {
  struct Row {
    var document: Document?
    var revision: Int64
    var isRevoked = false
  }

  var isAvailable = true
  var fails = false
  var pulse: Pulse?
  /// Whether it hangs until it is stopped, and whether it has been.
  var hangs = false
  var wasStopped = false
  var rows: [CacheKey: Row] = [:]
  /// What it was asked for.
  var asked: [CacheKey] = []
  var lastRevision: Int64 = 0

  var documents: [CacheKey: Document] { rows.compactMapValues(\.document) }

  private func check() throws(SourceError) { if fails { throw SourceError(.unavailable, "switched off") } }

  func prepare() throws(SourceError) { try check() }
  func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?] {
    try check()
    asked += keys
    return keys.map { key in rows[key].flatMap { $0.document ?? ($0.isRevoked ? .revocation : nil) } }
  }
  func scan(
    _ kind: CacheKey.Kind, after id: MBID?, limit: Int
  ) throws(SourceError) -> [(id: MBID, document: Document?)] {
    try check()
    let last = id ?? MBID(high: 0, low: 0)
    let found = rows.filter { $0.key.kind == kind && $0.value.document != nil }
      .filter { ($0.key.id.high, $0.key.id.low) > (last.high, last.low) }
      .sorted { ($0.key.id.high, $0.key.id.low) < ($1.key.id.high, $1.key.id.low) }
    return found.prefix(limit).map { ($0.key.id, $0.value.document) }
  }
  func revision() throws(SourceError) -> Int64 {
    try check()
    lastRevision += 1
    return lastRevision
  }
  func set(_ documents: [CacheKey: Document], revision: Int64?) throws(SourceError) -> Set<CacheKey> {
    try check()
    if hangs {
      while pulse?.beat() ?? false { usleep(10_000) }
      wasStopped = pulse != nil
      throw SourceError(.timedOut, "hangs")
    }
    var refused: Set<CacheKey> = []
    for (key, document) in documents {
      guard let revision else {
        if rows[key] == nil { rows[key] = Row(document: document, revision: 0) }
        lastRevision += 1
        rows[key]?.revision = lastRevision
        rows[key]?.document?.expires = UnixTime(seconds: 1_800_000_000)
        continue
      }
      guard rows[key]?.revision ?? 0 <= revision else {
        refused.insert(key)
        continue
      }
      rows[key] = Row(document: document, revision: revision)
    }
    return refused
  }
  func forget(_ keys: [CacheKey], revision: Int64?) throws(SourceError) {
    try check()
    for key in keys where rows[key]?.revision ?? 0 <= revision ?? 0 { rows[key]?.document = nil }
  }
  var bookmarks: [String: String] = [:]
  func bookmarks(_ names: [String]) throws(SourceError) -> [String?] {
    try check()
    return names.map { bookmarks[$0] }
  }
  func revoke(
    _ keys: [CacheKey], because reason: RevocationReason, moving moves: [BookmarkMove]
  ) throws(SourceError) -> Bool {
    let revision = try revision()
    defer { for move in moves where bookmarks[move.name] == move.from { bookmarks[move.name] = move.to } }
    for key in keys {
      rows[key, default: Row(document: nil, revision: 0)].revision = revision
      rows[key]?.document?.expires = UnixTime(seconds: 0)
      rows[key]?.isRevoked = true
    }
    return moves.allSatisfy { bookmarks[$0.name] == $0.from }
  }
  func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID] { [] }
  func changed(_ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int) throws(SourceError) -> [Change] {
    try check()
    return []
  }
  func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError) {}
  func claimDue(_ question: DueQuestion, seconds: Int64) throws(SourceError) -> [DueDocument] { [] }
  func giveBack(_ documents: [DueDocument]) throws(SourceError) {}
  func noteStamps(of kind: CacheKey.Kind, limit: Int) throws(SourceError) -> Int { 0 }
}

@Suite struct DurableStoreTests {
  typealias Broken = DocumentStoreTests.Broken

  let clock = TestClock()
  let shared: SwitchedTier
  let durable = SwitchedDurable()
  let store: DocumentStore
  let key = CacheKey(.album, "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6")

  init() {
    let clock = clock
    shared = SwitchedTier(clock: clock)
    store = DurableStoreTests.store(shared, durable, clock)
  }

  static func store(_ shared: SwitchedTier?, _ durable: SwitchedDurable, _ clock: TestClock) -> DocumentStore {
    let memory = MemoryTier(limit: 1 << 20) { clock.time }
    return DocumentStore(
      shared: shared, memory: memory, durable: durable,
      coordination: TierCoordination(shared: shared, memory: memory, namespace: "test"),
      policy: .init(staleSeconds: 1_000), namespace: "test",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.time })
  }

  func document(_ text: String) -> Document {
    Document(
      parts: [.init(Fragment(Array(text.utf8)))] + [.init(Fragment([])), .init(Fragment([]))],
      expires: clock.time + 100)
  }

  func load(_ text: String?, _ store: DocumentStore? = nil, meanwhile: @escaping () -> Void = {}) throws -> String {
    let documents = try (store ?? self.store).load([key], by: .after(milliseconds: 1000)) { keys, _ throws(Broken) in
      guard let text else { throw Broken() }
      meanwhile()
      return [keys[0]: document(text)]
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
    durable.rows = [:]
    #expect(try load(nil) == "one")
  }

  @Test func `garbage in the shared tier gives way to what the durable tier has`() throws {
    _ = try load("one")
    store.catchUp()
    shared.memory.set([CacheItem(store.name(of: key), [4, 0, 1], lifetime: 1_000)])
    #expect(try load(nil) == "one")
    durable.rows = [:]
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

  @Test func `what could not be saved is saved when the durable tier is back`() throws {
    _ = try load("one")
    durable.fails = true
    store.catchUp()
    #expect(durable.rows.isEmpty && store.isBehind)
    durable.fails = false
    store.catchUp()
    #expect(durable.documents[key]?.isStale(at: clock.time) == false && !store.isBehind)
  }

  @Test func `saving gives way to whoever comes while the durable tier hangs, and is done later`() throws {
    _ = try load("one")
    durable.hangs = true
    store.catchUp { true }
    #expect(durable.wasStopped && store.isBehind && durable.pulse == nil)
    durable.hangs = false
    store.catchUp { true }
    #expect(!store.isBehind && durable.documents[key] != nil)
  }

  @Test func `what was computed while the durable tier was away is kept there as a stale document`() throws {
    durable.fails = true
    _ = try load("one")
    durable.fails = false
    store.catchUp()
    shared.memory.removeAll()
    #expect(try load("two") == "one")
    store.catchUp()
    shared.memory.removeAll()
    #expect(try load(nil) == "two")
  }

  @Test func `what is gone or has moved is not kept there`() throws {
    _ = try load("one")
    store.catchUp()
    shared.memory.removeAll()
    store.revoke([key])
    let gone = try store.load([key], by: .after(milliseconds: 1000)) { keys, _ throws(Broken) in
      [keys[0]: Document.absent(expires: clock.time + 10)]
    }
    #expect(gone[0].state == .absent)
    store.catchUp()
    #expect(durable.documents.isEmpty)
  }

  @Test func `a revoked document is revoked in every tier`() throws {
    _ = try load("one")
    store.catchUp()
    store.revoke([key])
    shared.memory.removeAll()
    #expect(try load("two") == "two")
  }

  @Test func `a process without a shared tier is refused by the durable one what was revoked meanwhile`() throws {
    let (one, two) = (
      DurableStoreTests.store(nil, durable, clock), DurableStoreTests.store(nil, durable, clock)
    )
    #expect(try load("old", one, meanwhile: { two.revoke([key]) }) == "old")
    one.catchUp()
    #expect(durable.documents[key] == nil)
    #expect(try load("new", one) == "new", "what it has kept to itself is revoked, too")
    one.catchUp()
    #expect(try load(nil, two) == "new")
  }

  @Test func `an older computation is refused by the durable tier`() throws {
    let (one, two) = (
      DurableStoreTests.store(nil, durable, clock), DurableStoreTests.store(nil, durable, clock)
    )
    _ = try load(
      "old", one,
      meanwhile: {
        _ = try? load("new", two)
        two.catchUp()
      })
    one.catchUp()
    #expect(try load(nil, DurableStoreTests.store(nil, durable, clock)) == "new")
  }

  @Test func `a mark of revocation in the shared tier holds for what the durable one has not heard of it`() throws {
    _ = try load("one")
    store.catchUp()
    shared.memory.removeAll()
    durable.fails = true
    store.revoke([key])
    durable.fails = false
    #expect(try load("two") == "two")
  }

  @Test func `what the durable tier has not heard of a revocation it hears when it is back`() throws {
    _ = try load("one")
    store.catchUp()
    durable.fails = true
    store.revoke([key])
    #expect(store.isBehind)
    durable.fails = false
    store.catchUp()
    #expect(!store.isBehind)
    // Nobody has asked for it meanwhile, and the mark in the shared tier is lost.
    shared.memory.removeAll()
    #expect(try load("two") == "two")
  }

  @Test func `what was saved late does not replace what was computed after a revocation`() throws {
    let other = DurableStoreTests.store(shared, durable, clock)
    _ = try load("one", other)
    durable.fails = true
    store.revoke([key])
    #expect(try load("two") == "two")
    durable.fails = false
    store.catchUp()
    other.catchUp()
    shared.memory.removeAll()
    _ = try load("three")
    store.catchUp()
    #expect(try load(nil) == "three")
  }

  @Test func `what the source said is kept beside, and asked of the source no more`() throws {
    let source = CacheKey(
      CacheKey.Kind("mb", parts: 1...1).with {
        $0.isSource = true; $0.isHot = false
      }, key.id)
    _ = try store.load([key], by: .after(milliseconds: 1000)) { keys, _ throws(Broken) in
      store.keepAfterwards(source) {
        Document(parts: [.init(Fragment(Array("said".utf8)))], expires: clock.time + 100)
      }
      return [keys[0]: document("one")]
    }
    store.catchUp()
    #expect(store.cached([source])[0]?.isStale(at: clock.time) == false)
    #expect(shared.memory.get([store.name(of: source)]) == [nil])
  }
}
