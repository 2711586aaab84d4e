import Foundation
import Logging
import Metadata
import Testing

@testable import Cache
@testable import Core
@testable import Documents
@testable import Freshness
@testable import SQLiteStore

/// Ends everything that a process does from one step on, as a kill does.
final class KillSwitch {
  /// So many steps are left; nil: it is not killed.
  var left: Int?
  private(set) var steps = 0

  var isDead: Bool { left == 0 }

  /// - Returns: false when the process is dead.
  func step() -> Bool {
    guard !isDead else { return false }
    steps += 1
    if let left { self.left = left - 1 }
    return !isDead
  }

  func check() throws(SourceError) { if !step() { throw SourceError(.failed, "killed") } }

  func revive() {
    left = nil
    steps = 0
  }
}

/// A shared tier that can go away, with what it has or without, and in which a killed process does nothing.
final class TestShared: CacheTier {
  let memory: MemoryTier
  let death: KillSwitch
  var isThere = true
  /// Whether another of its servers is away.
  var isPartly = false

  init(_ clock: WorldClock, _ death: KillSwitch) {
    memory = MemoryTier(limit: 64 << 20) { clock.time }
    self.death = death
  }

  var isAvailable: Bool { isThere }
  func isWhole() -> Bool { isThere && !isPartly }
  private func reaches() -> Bool { isThere && death.step() }

  func get(_ keys: [String]) -> [[UInt8]?] { isThere ? memory.get(keys) : keys.map { _ in nil } }
  func read(_ keys: [String]) -> [VersionedValue] {
    isThere ? memory.read(keys) : keys.map { _ in VersionedValue(value: nil, version: nil) }
  }
  func set(_ items: [CacheItem]) { if reaches() { memory.set(items) } }
  func replace(_ items: [ConditionalItem]) -> [StoreOutcome] {
    reaches() ? memory.replace(items) : items.map { _ in .unavailable }
  }
  func add(_ item: CacheItem) -> AddOutcome { isThere ? memory.add(item) : .unavailable }
  func delete(_ key: String) { if isThere { memory.delete(key) } }
  func increment(_ key: String, by amount: UInt64, lifetime: Int64) -> UInt64? {
    isThere ? memory.increment(key, by: amount, lifetime: lifetime) : nil
  }
}

/// A durable tier that can go away, and in which a killed process does nothing.
final class TestDurable: DurableTier {
  let tier: any DurableTier
  let death: KillSwitch
  var isThere = true
  var revocations = 0
  var pulse: Pulse?

  init(_ tier: any DurableTier, _ death: KillSwitch) {
    self.tier = tier
    self.death = death
  }

  var isAvailable: Bool { isThere && tier.isAvailable }
  var isImmediate: Bool { false }
  private func reach() throws(SourceError) { if !isThere { throw SourceError(.unavailable, "away") } }

  func prepare() throws(SourceError) { try tier.prepare() }
  func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?] {
    try reach()
    return try tier.get(keys)
  }
  func revision() throws(SourceError) -> Int64 {
    try reach()
    return try tier.revision()
  }
  func set(_ documents: [CacheKey: Document], revision: Int64?) throws(SourceError) -> Set<CacheKey> {
    try reach()
    return try tier.set(documents, revision: revision)
  }
  func forget(_ keys: [CacheKey], revision: Int64?) throws(SourceError) {
    try reach()
    try tier.forget(keys, revision: revision)
  }
  func revoke(
    _ keys: [CacheKey], because reason: RevocationReason, moving bookmarks: [BookmarkMove]
  ) throws(SourceError) -> Bool {
    try reach()
    try death.check()
    revocations += 1
    return try tier.revoke(keys, because: reason, moving: bookmarks)
  }
  func bookmarks(_ names: [String]) throws(SourceError) -> [String?] {
    try reach()
    return try tier.bookmarks(names)
  }
  func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID] { [] }
  func claimDue(_ question: DueQuestion, seconds: Int64) throws(SourceError) -> [DueDocument] { [] }
  func giveBack(_ documents: [DueDocument]) throws(SourceError) {}
  func noteStamps(of kind: CacheKey.Kind, limit: Int) throws(SourceError) -> Int { 0 }
  func changed(_ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int) throws(SourceError) -> [Change] {
    try tier.changed(kinds, since: time, limit: limit)
  }
  func scan(
    _ kind: CacheKey.Kind, after id: MBID?, limit: Int
  ) throws(SourceError) -> [(id: MBID, document: Document?)] { [] }
  func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError) {}
}

/// A source whose changes a test writes down. A position is the number of the next; a row is a change.
final class ScriptedChanges: ChangeSource {
  var log: [EntityChanges] = []
  /// The numbers of those before which the source knows nothing.
  var gaps: Set<Int> = []
  var isAway = false
  /// Runs before each question.
  var meanwhile: () -> Void = {}
  private(set) var questions = 0
  /// When the entries were written, by number.
  var times: [UnixTime] = []

  func feed(by deadline: Deadline) throws(SourceError) -> ChangeFeed { .packets }

  func changes(after position: String?, limit: Int, by deadline: Deadline) throws(SourceError) -> ChangeBatch {
    questions += 1
    meanwhile()
    if isAway { throw SourceError(.unavailable, "the source is away") }
    guard !deadline.hasPassed else { throw SourceError(.timedOut, "no time") }
    let start = position.flatMap { Int($0) } ?? log.count
    let end = min(log.count, start + limit)
    var changes = EntityChanges()
    for entry in log[min(start, end)..<end] { changes.add(entry) }
    return ChangeBatch(
      changes: changes, position: String(end), isLast: end == log.count, rows: max(0, end - start),
      hasGap: (start..<max(start, end)).contains(where: gaps.contains))
  }

  func position(since time: UnixTime, by deadline: Deadline) throws(SourceError) -> String {
    if isAway { throw SourceError(.unavailable, "the source is away") }
    return String(times.firstIndex { $0 >= time } ?? (times.isEmpty ? 0 : log.count))
  }
}

final class TestPurging: Purging {
  let death: KillSwitch
  var purged: [EntityChanges] = []
  var fails = false
  var meanwhile: (EntityChanges) -> Void = { _ in }

  init(_ death: KillSwitch) { self.death = death }

  func purge(_ changes: EntityChanges) throws(SourceError) {
    if fails { throw SourceError(.failed, "cannot be noted") }
    try death.check()
    meanwhile(changes)
    purged.append(changes)
  }
}

final class WorldClock {
  var time = UnixTime(seconds: 1_800_000_000)
}

/// MusicBrainz, two tiers, and processes that share them.
final class World {
  let clock = WorldClock()
  let death = KillSwitch()
  let source = ScriptedChanges()
  let shared: TestShared?
  let durable: TestDurable?
  let purging: TestPurging
  let coordination: TierCoordination
  /// What MusicBrainz says, by key.
  var truth: [CacheKey: String] = [:]
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init(hasShared: Bool = true, hasDurable: Bool = true) {
    shared = hasShared ? TestShared(clock, death) : nil
    let (clock, directory) = (clock, NSTemporaryDirectory() + "linernotes-inval-" + UUID().uuidString)
    durable =
      hasDurable
      ? TestDurable(
        SQLiteDurableTier(
          StoreFile(
            StoreFile.Options(
              path: directory + "/linernotes.db",
              clock: StoreClock(wall: { clock.time }, sinceBoot: { clock.time.seconds * 1_000 }, boot: 1)),
            logger: World.logger)), death) : nil
    purging = TestPurging(death)
    coordination = TierCoordination(
      shared: nil, memory: MemoryTier(limit: 1 << 20) { clock.time }, namespace: "test")
  }

  /// The store of a process that has just been started.
  func store() -> DocumentStore {
    let clock = clock
    return DocumentStore(
      shared: shared, memory: MemoryTier(limit: 8 << 20) { clock.time }, durable: durable, coordination: coordination,
      policy: .init(staleSeconds: 1_000_000), namespace: "test", logger: World.logger, now: { clock.time })
  }

  func invalidator(
    _ store: DocumentStore? = nil, pictures: [any PictureFeed] = [], purges: Bool = true, rows: Int = 10
  ) -> Invalidator {
    let clock = clock
    var options = Invalidator.Options()
    options.rows = rows
    return Invalidator(
      source, pictures: pictures, store: store ?? self.store(), coordination: coordination,
      purging: purges ? purging : nil, options: options, logger: World.logger, now: { clock.time },
      clock: { UInt64(clock.time.seconds) * 1_000_000_000 })
  }

  static var soon: Deadline { .after(milliseconds: 20_000, awaited: false) }

  @discardableResult
  func run(_ invalidator: Invalidator? = nil) throws -> InvalidationRun {
    try (invalidator ?? self.invalidator()).run(until: World.soon)
  }

  /// What a process answers with.
  func answer(_ key: CacheKey, _ store: DocumentStore? = nil, meanwhile: @escaping () -> Void = {}) throws -> String {
    let store = store ?? self.store()
    let documents = try store.load([key], by: .after(milliseconds: 1_000)) { [self] keys, _ throws(SourceError) in
      let text = truth[keys[0]] ?? "none"
      meanwhile()
      return [keys[0]: document(text, keys[0].kind)]
    }
    store.catchUp()
    let output = OutputBuffer()
    _ = Body(documents[0].parts.map(\.fragment)).appendPlain(to: output)
    return String(decoding: output.bytes, as: UTF8.self)
  }

  func document(_ text: String, _ kind: CacheKey.Kind) -> Document {
    var parts = [Document.Part(Fragment(Array(text.utf8)))]
    while !kind.parts.contains(parts.count) { parts.append(.init(Fragment([]))) }
    return Document(parts: parts, expires: clock.time + 100_000)
  }

  /// Changes what MusicBrainz says of albums, and tells.
  func change(_ ids: [MBID], to text: String) {
    for id in ids { truth[CacheKey(.album, id)] = text }
    var changes = EntityChanges()
    changes.albums = Set(ids)
    source.log.append(changes)
    source.times.append(clock.time)
  }

  static func album(_ number: Int) -> MBID { MBID(high: 9, low: UInt64(number)) }
  static func key(_ number: Int) -> CacheKey { CacheKey(.album, album(number)) }
}
