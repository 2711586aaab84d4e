public import Core
public import Documents
internal import Glibc
public import Logging

/// Finds documents, and has the missing and the stale ones computed by one process of the whole pool.
///
/// Between the moment a document goes stale and the moment the tiers may forget it, it is served at once and computed
/// anew after the answer has been sent (``catchUp()``). A document that is not there is computed by one process
/// while the others wait for it.
public final class DocumentStore {
  public struct Policy: Sendable {
    /// For how long after it went stale a document is kept, in seconds.
    public var staleSeconds: Int64
    /// How long a failed refresh keeps the whole pool from trying again, in seconds.
    public var refreshPause: Int64
    /// How long a process waits for another one's result before it computes by itself: a killed process takes its
    /// lock with it, and memcached forgets that lock only by the second.
    public var patienceMilliseconds: Int

    public init(staleSeconds: Int64, refreshPause: Int64 = 30, patienceMilliseconds: Int = 2000) {
      self.staleSeconds = staleSeconds
      self.refreshPause = refreshPause
      self.patienceMilliseconds = patienceMilliseconds
    }
  }

  /// Computes documents. It must return one for every key it was asked for, and may return others that came with them.
  public typealias Compute<Failure: Error> = ([CacheKey], Deadline) throws(Failure) -> [CacheKey: Document]

  private let shared: (any CacheTier)?
  private let durable: (any DurableTier)?
  private let memory: MemoryTier
  private let policy: Policy
  private let prefix: String
  private let lastingPrefix: String
  private let logger: Logger
  private let now: () -> UnixTime
  private var staleWork: [CacheKey: () -> Void] = [:]
  private var unsaved: [CacheKey: Document] = [:]
  private var anticipated: [Anticipated] = []

  /// What a process keeps to itself while the shared tier is away is not seen by invalidation, so not for long.
  private static let privateSeconds: Int64 = 60
  private static let lockSeconds: Int64 = 10

  /// - Parameters:
  ///   - shared: the tier that the pool shares; nil when there is none.
  ///   - memory: takes its place when it is missing or away.
  ///   - durable: what survives a restart of the others; nil when there is none.
  ///   - namespace: keeps deployments apart that use the same servers.
  ///   - generation: whatever changes what is in a document, in one text.
  public init(
    shared: (any CacheTier)?, memory: MemoryTier, durable: (any DurableTier)? = nil, policy: Policy,
    namespace: String, generation: String, logger: Logger, now: @escaping () -> UnixTime = { .now }
  ) {
    self.shared = shared
    self.memory = memory
    self.durable = durable
    self.policy = policy
    self.prefix = CacheKey.prefix(namespace: namespace, generation: generation)
    self.lastingPrefix = CacheKey.prefix(namespace: namespace, generation: "")
    self.logger = logger
    self.now = now
  }

  /// The documents under `keys`, in their order. What is missing is computed, or awaited from the process that is
  /// computing it.
  ///
  /// - Parameter next: what the very next call will probably ask for; it is looked up in the same trip.
  /// - Throws: what `compute` throws, when a document is missing and there is not even an old one.
  public func load<Failure: Error>(
    _ keys: [CacheKey], anticipating next: [CacheKey] = [], by deadline: Deadline, compute: @escaping Compute<Failure>
  ) throws(Failure) -> [Document] {
    var found = lookUp(keys, anticipating: next)
    let missing = keys.indices.filter { found[$0].map(isRevoked) ?? true }
    guard let first = missing.first else {
      noteStale(keys, found, compute)
      return found.compactMap(\.self)
    }

    let lock = lockName(of: keys[first])
    let patience = deadline.orAfter(milliseconds: policy.patienceMilliseconds)
    var pause: UInt32 = 2_000
    var waited = false
    var holdsLock = false
    acquire: while true {
      switch tier.add(lock, [1], expires: now() + DocumentStore.lockSeconds) {
      case .added:
        holdsLock = true
        break acquire
      case .unavailable:
        break acquire
      case .exists:
        var isHeld = true
        while isHeld {
          guard !patience.hasPassed else { break acquire }
          usleep(pause)
          pause = min(pause * 3 / 2, 25_000)
          waited = true
          // Looked at before the documents: whoever lets go of it has stored them.
          isHeld = tier.get([lock])[0] != nil
          if take(missing, of: keys, into: &found) { return found.compactMap(\.self) }
        }
      }
    }
    defer { if holdsLock { tier.delete(lock) } }
    // Whoever held the lock before may have finished between the last look and now.
    if waited, take(missing, of: keys, into: &found) { return found.compactMap(\.self) }

    do {
      let computed = try compute(missing.map { keys[$0] }, deadline)
      store(computed)
      for index in missing { found[index] = computed[keys[index]] ?? found[index] }
    } catch {
      // An old document that was to be replaced is still better than none.
      guard found.allSatisfy({ $0 != nil }) else {
        // What was anticipated is not asked for now, and would be old when it is.
        anticipated = []
        throw error
      }
      logger.warning("serving an expired document", metadata: ["reason": "\(error)"])
    }
    precondition(found.allSatisfy { $0 != nil }, "a document that was asked for was not computed")
    return found.compactMap(\.self)
  }

  /// What need not be done before the answer is sent: computes what was served stale, unless another process of the
  /// pool is at it or has failed just now, and saves what was computed in the durable tier.
  public func catchUp() {
    let work = staleWork
    staleWork = [:]
    for refresh in work.values { refresh() }
    save()
  }

  /// Whether ``catchUp()`` would do anything.
  public var isBehind: Bool { !staleWork.isEmpty || !unsaved.isEmpty }

  /// Has documents that are good enough for the answer in hand, but not all they could be, computed anew once it has
  /// been sent.
  public func refreshAfterwards<Failure: Error>(_ keys: [CacheKey], compute: @escaping Compute<Failure>) {
    guard let first = keys.first else { return }
    staleWork[first] = { [unowned self] in refresh(keys, ifStale: false, compute) }
  }

  /// What is stored under `keys`, fresh or stale, in their order. Nothing is computed, now or later.
  public func cached(_ keys: [CacheKey]) -> [Document?] {
    keys.isEmpty ? [] : found(keys)
  }

  /// Stores documents that were computed elsewhere.
  public func put(_ documents: [CacheKey: Document]) { store(documents) }

  /// Has the document computed anew when it is next asked for. It is kept until that has succeeded.
  public func revoke(_ key: CacheKey) {
    let revoked = UnixTime(seconds: 0)
    if var document = found([key])[0], document.state == .present {
      document.expires = revoked
      tier.set(name(of: key), document.encoded(), expires: now() + policy.staleSeconds)
    } else {
      tier.delete(name(of: key))
    }
    withDurable { durable throws(SourceError) in try durable.expire([key], at: revoked) }
  }

  /// Up to `limit` ids whose content, in documents of any of the kinds, has become another since `time`, the newest
  /// first.
  ///
  /// - Throws: when there is no durable tier, or it does not answer.
  public func changed(
    _ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int
  ) throws(SourceError) -> [Change] {
    guard let durable else { throw SourceError(.unavailable, "there is no durable cache") }
    return try durable.changed(kinds, since: time, limit: limit)
  }

  /// `shared`, `away` (configured, but not to be reached) or `none`.
  public var sharedTierState: SharedTierState {
    guard let shared else { return .none }
    _ = shared.get(["\(prefix)health"])
    return shared.isAvailable ? .up : .away
  }

  public enum SharedTierState: String, Sendable {
    case up, away, none
  }

  // MARK: - Tiers

  private var tier: any CacheTier {
    if let shared, shared.isAvailable { return shared }
    return memory
  }

  private struct Anticipated {
    let key: CacheKey
    let document: Document?
  }

  private func lookUp(_ keys: [CacheKey], anticipating next: [CacheKey]) -> [Document?] {
    if !anticipated.isEmpty {
      let known = anticipated
      anticipated = []
      if known.map(\.key) == keys { return known.map(\.document) }
    }
    guard !next.isEmpty else { return found(keys) }
    let documents = found(keys + next)
    anticipated = next.indices.map { Anticipated(key: next[$0], document: documents[keys.count + $0]) }
    return Array(documents[..<keys.count])
  }

  /// Looks into all tiers. What only the durable one has is put into the others.
  private func found(_ keys: [CacheKey]) -> [Document?] {
    var found = stored(keys)
    let missing = keys.indices.filter { found[$0] == nil && keys[$0].kind.isDurable }
    guard !missing.isEmpty else { return found }
    withDurable { durable throws(SourceError) in
      let documents = try durable.get(missing.map { keys[$0] })
      var kept: [CacheKey: Document] = [:]
      for (index, saved) in zip(missing, documents) {
        // It never forgets by itself, but what is too old to be served is too old there as well.
        let document = saved.flatMap { isRevoked($0) || $0.expires + policy.staleSeconds > now() ? $0 : nil }
        found[index] = document
        if let document { kept[keys[index]] = document }
      }
      share(kept)
    }
    return found
  }

  private func withDurable(_ work: (any DurableTier) throws(SourceError) -> Void) {
    guard let durable, durable.isAvailable else { return }
    do throws(SourceError) {
      try work(durable)
    } catch {
      logger.warning("the durable cache is left out", metadata: ["reason": "\(error)"])
    }
  }

  /// Looks into the shared tier, or what takes its place.
  private func stored(_ keys: [CacheKey]) -> [Document?] {
    let names = keys.map { name(of: $0) }
    let tier = tier
    var values = tier.get(names)
    // The shared tier went away with this very question.
    if tier !== memory, !tier.isAvailable { values = memory.get(names) }
    return values.map { $0.flatMap { Document(encoded: $0) } }
  }

  private func store(_ documents: [CacheKey: Document]) {
    share(documents)
    if durable != nil { unsaved.merge(documents.filter(\.key.kind.isDurable)) { $1 } }
  }

  private func save() {
    let documents = unsaved
    unsaved = [:]
    let present = documents.filter { $0.value.state == .present }
    let others = documents.filter { $0.value.state != .present }.map(\.key)
    withDurable { durable throws(SourceError) in
      if !present.isEmpty { try durable.set(present) }
      // That something is gone or has moved is found out again soon enough; a list of what there is must not hold it.
      if !others.isEmpty { try durable.delete(others) }
    }
  }

  /// Puts documents into the shared tier, or what takes its place.
  private func share(_ documents: [CacheKey: Document]) {
    let tier = tier
    tier.set(
      documents.map { key, document in
        // That something does not exist is not worth keeping for longer than it is believed.
        var hard = document.state == .present ? max(document.expires, now()) + policy.staleSeconds : document.expires
        if tier === memory, shared != nil || durable != nil { hard = min(hard, now() + DocumentStore.privateSeconds) }
        return CacheItem(key: name(of: key), value: document.encoded(), expires: hard)
      })
  }

  private func name(of key: CacheKey) -> String {
    key.text(prefix: key.kind.dependsOnSettings ? prefix : lastingPrefix)
  }

  private func lockName(of key: CacheKey) -> String { "\(name(of: key)):lock" }

  // MARK: - Missing and stale

  /// Looks once more for what was missing. True when nothing is any more.
  private func take(_ missing: [Int], of keys: [CacheKey], into found: inout [Document?]) -> Bool {
    let again = stored(missing.map { keys[$0] })
    guard again.allSatisfy({ $0.map { !isRevoked($0) } ?? false }) else { return false }
    for (index, document) in zip(missing, again) { found[index] = document }
    return true
  }

  private func isRevoked(_ document: Document) -> Bool { document.expires.seconds == 0 }

  private func noteStale<Failure: Error>(
    _ keys: [CacheKey], _ found: [Document?], _ compute: @escaping Compute<Failure>
  ) {
    let now = now()
    let stale = keys.indices.filter { found[$0]?.isStale(at: now) ?? false }.map { keys[$0] }
    guard let first = stale.first else { return }
    staleWork[first] = { [unowned self] in refresh(stale, ifStale: true, compute) }
  }

  private func refresh<Failure: Error>(_ keys: [CacheKey], ifStale: Bool, _ compute: Compute<Failure>) {
    let lock = lockName(of: keys[0])
    guard tier.add(lock, [1], expires: now() + policy.refreshPause) != .exists else { return }
    // Whoever served it stale as well may have been faster, and have let go of the lock already.
    let now = now()
    if ifStale, stored(keys).allSatisfy({ $0.map { !$0.isStale(at: now) } ?? false }) {
      tier.delete(lock)
      return
    }
    do {
      store(try compute(keys, .after(milliseconds: Int(policy.refreshPause) * 1000, awaited: false)))
      tier.delete(lock)
    } catch {
      // The lock stays: until it is forgotten nobody tries again.
      logger.warning(
        "refresh failed, the stale document stays", metadata: ["key": "\(keys[0].id)", "reason": "\(error)"])
    }
  }
}
