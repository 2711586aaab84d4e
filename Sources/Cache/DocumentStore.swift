public import Core
public import Documents
internal import Glibc
public import Logging
public import Observe

/// Finds documents, and has the missing and the stale ones computed by one process of the whole pool.
///
/// Between the moment a document goes stale and the moment the tiers may forget it, it is served at once and computed
/// anew after the answer has been sent (``catchUp(whileNobodyWaits:)``). A document that is not there is computed by
/// one process while the others wait for it.
///
/// What was computed is kept only if the document was neither revoked nor replaced since the computation began.
public final class DocumentStore {
  public struct Policy: Sendable {
    /// For how long after its expiry a document may be served, in seconds.
    public var staleSeconds: Int64
    /// How long a failed refresh keeps the whole pool from trying again, in seconds.
    public var refreshPause: Int64
    /// How long one piece of work may take that nobody waits for, in milliseconds.
    public var workMilliseconds: Int
    /// How many processes of the pool may do such work at a time.
    public var workers: Int
    /// By how much a document may go stale before its time, in percent of it.
    public var spreadPercent: Int64
    /// For how long an answer from the snapshot may be believed, in seconds.
    public var snapshotSeconds: Int64

    public init(
      staleSeconds: Int64, refreshPause: Int64 = 30, workMilliseconds: Int = 5_000, workers: Int = 1,
      spreadPercent: Int64 = 0, snapshotSeconds: Int64 = 30 * 86_400
    ) {
      self.staleSeconds = staleSeconds
      self.refreshPause = refreshPause
      self.workMilliseconds = workMilliseconds
      self.workers = workers
      self.spreadPercent = spreadPercent
      self.snapshotSeconds = snapshotSeconds
    }
  }

  /// Computes documents. It must return one for every key it was asked for, and may return others that came with them.
  public typealias Compute<Failure: SourceFailure> = ([CacheKey], Deadline) throws(Failure) -> [CacheKey: Document]

  let shared: (any CacheTier)?
  let durable: (any DurableTier)?
  /// Whether documents are kept in the durable tier alone: see `DocumentStore+Direct.swift`.
  let isDirect: Bool
  let snapshot: (any SnapshotTier)?
  let memory: MemoryTier
  let coordination: any Coordination
  let policy: Policy
  let prefix: String
  let logger: Logger
  let activity: Activity
  let counts: CacheCounts
  let now: () -> UnixTime
  private let program: String
  private let settings: [CacheKey.Kind: String]
  /// Of a handful of kinds: comparing their names is faster than hashing one.
  private var stamps: [(kind: CacheKey.Kind, stamp: UInt64)] = []
  var origins: [String: () -> UInt64?] = [:]
  /// Whether every document is looked at before it is served: see ``distrusting(_:)``.
  var isDistrustful = false

  /// What was there before the computation that is under way; nil between computations.
  var ticket: Ticket?
  var work: [CacheKey: Work] = [:]
  var unsaved: [CacheKey: Unsaved] = [:]
  var unheard = Unheard()
  static let mostUnheard = 10_000
  private var anticipated: [Anticipated] = []
  /// When it was last said that somebody waits, in monotonic nanoseconds.
  var saidSomebodyWaits: UInt64 = 0

  /// A lease lives so long without its holder, who renews it every second.
  private static let leaseSeconds: Int64 = 3
  private static let renewMilliseconds = 1_000

  /// - Parameters:
  ///   - shared: the tier that the pool shares; nil when there is none.
  ///   - memory: takes its place when it is missing or away.
  ///   - durable: what survives a restart of the others; nil when there is none.
  ///   - snapshot: what is served where the others have nothing newer; nil when there is none.
  ///   - namespace: keeps deployments apart that use the same servers.
  ///   - program: changes when what the program writes into documents does.
  ///   - settings: whatever changes what is in documents of a kind, in one text.
  ///   - activity: is told what the process waits for.
  ///   - counts: what is found where.
  public init(
    shared: (any CacheTier)?, memory: MemoryTier, durable: (any DurableTier)? = nil,
    snapshot: (any SnapshotTier)? = nil, coordination: any Coordination,
    policy: Policy, namespace: String, program: String = "", settings: [CacheKey.Kind: String] = [:],
    activity: Activity = Activity(),
    counts: CacheCounts = CacheCounts(), logger: Logger,
    now: @escaping () -> UnixTime = { .now }
  ) {
    self.shared = shared
    self.memory = memory
    self.durable = durable
    isDirect = durable?.isImmediate ?? false && !(shared?.holdsDocuments ?? false)
    self.snapshot = snapshot
    self.coordination = coordination
    self.policy = policy
    prefix = "\(CacheKey.safe(namespace)):d:"
    self.program = program
    self.settings = settings
    self.logger = logger
    self.activity = activity
    self.counts = counts
    self.now = now
  }

  /// The documents under `keys`, in their order. What is missing is computed, or awaited from the process that is
  /// computing it.
  ///
  /// - Parameter next: what the very next calls will probably ask for; it is looked up in the same trip.
  /// - Throws: what `compute` throws, when a document is missing and there is not even an old one.
  public func load<Failure: SourceFailure>(
    _ keys: [CacheKey], anticipating next: [CacheKey] = [], by deadline: Deadline, compute: @escaping Compute<Failure>
  ) throws(Failure) -> [Document] {
    if !unheard.shared.isEmpty { revokeUnheard() }
    var found = lookUp(keys, anticipating: next)
    if found.allSatisfy(\.isServable) {
      noteStale(keys, found, compute)
      return found.compactMap(\.document)
    }
    if deadline.isAwaited { saySomebodyWaits() }
    // What was anticipated would be old once this has been computed.
    let known = anticipated
    anticipated = []
    try fill(&found, keys, by: deadline, compute)
    anticipated = known
    return found.compactMap(\.document)
  }

  /// What is stored under `keys`, fresh or stale, in their order. Nothing is computed, now or later.
  public func cached(_ keys: [CacheKey]) -> [Document?] {
    guard !keys.isEmpty else { return [] }
    return found(keys).map { $0.isServable ? $0.document : nil }
  }

  /// What is stored under `keys`, in their order, revoked or not: what was true once. Nothing is computed, now or later.
  public func lastKnown(_ keys: [CacheKey]) -> [Document?] { keys.isEmpty ? [] : found(keys).map(\.document) }

  /// Stores documents that were computed elsewhere: within a computation as a part of it.
  public func put(_ documents: [CacheKey: Document]) {
    if let ticket {
      _ = store(documents, under: ticket)
    } else {
      _ = store(documents, under: openTicket(Array(documents.keys)))
    }
  }

  /// Runs `work`, which asks a source and puts what it answers under the keys. Nothing newer is overwritten by that.
  public func computing<Answer, Failure: Error>(
    _ keys: [CacheKey], _ work: () throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    let outer = ticket
    ticket = openTicket(keys)
    defer { ticket = outer }
    return try work()
  }

  /// Has documents whose kind has this origin computed again when `state` changes. It is asked for about every ten
  /// seconds; nil when nobody can tell.
  public func watch(_ origin: String, _ state: @escaping () -> UInt64?) { origins[origin] = state }

  /// Up to `limit` ids whose documents, of any of the kinds, have changed since `time`, the newest first.
  ///
  /// - Throws: when there is no durable tier, or it does not answer.
  public func changed(
    _ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int
  ) throws(SourceError) -> [Change] {
    guard let durable else { throw SourceError(.unavailable, "there is no durable cache") }
    return try durable.changed(kinds, since: time, limit: limit)
  }

  /// Runs `work` with every stored document inflated and checked first: a damaged one is a miss, and is computed again.
  /// For when an answer could not be made from what is stored.
  public func distrusting<Answer>(_ work: () -> Answer) -> Answer {
    isDistrustful = true
    defer { isDistrustful = false }
    return work()
  }

  /// Whether what MusicBrainz said can be kept: only the durable tier has room for it.
  public var keepsSources: Bool { durable != nil }

  /// What the computation that is under way is about to replace.
  public func predecessor(of key: CacheKey) -> Document? {
    guard let ticket else { return nil }
    return ticket.found[key]?.document ?? (ticket.isRenewal ? found([key])[0].document : nil)
  }

  // MARK: - Anticipating

  private struct Anticipated {
    let key: CacheKey
    let found: Found
  }

  private func lookUp(_ keys: [CacheKey], anticipating next: [CacheKey]) -> [Found] {
    if !anticipated.isEmpty {
      let known = anticipated
      anticipated = []
      if known.map(\.key) == keys { return known.map(\.found) }
      let some = keys.compactMap { key in known.first { $0.key == key }?.found }
      if some.count == keys.count {
        anticipated = known.filter { !keys.contains($0.key) }
        return some
      }
    }
    guard !next.isEmpty else { return found(keys) }
    let documents = found(keys + next)
    anticipated = next.indices.map { Anticipated(key: next[$0], found: documents[keys.count + $0]) }
    return Array(documents[..<keys.count])
  }

  // MARK: - Computing what is missing

  private func fill<Failure: SourceFailure>(
    _ found: inout [Found], _ keys: [CacheKey], by deadline: Deadline, _ compute: Compute<Failure>
  ) throws(Failure) {
    var attempts = 0
    while let first = found.firstIndex(where: { !$0.isServable }) {
      guard attempts < 3 else { return try settle(Failure.self, &found, SourceError(.failed, "it was not computed")) }
      let missing = found.indices.filter { !found[$0].isServable }
      let name = leaseName(of: keys[first])
      var lease: Lease?
      // Without a tier that all share nobody sees what another computes: waiting for it would be in vain.
      let outcome =
        shared == nil ? .unavailable : coordination.acquire(name, seconds: DocumentStore.leaseSeconds)
      switch outcome {
      case .held(let held): lease = held
      case .unavailable: break
      case .busy:
        guard deadline.mayWait() else {
          return try settle(Failure.self, &found, SourceError(.crowded, "somebody else is computing it"))
        }
        let isThere = activity.during(.waiting) { wait(for: name, missing, of: keys, into: &found, by: deadline) }
        if isThere { return }
        if !deadline.hasPassed { continue }
        return try settle(Failure.self, &found, SourceError(.timedOut, "somebody else is still computing it"))
      }
      defer { if let lease { coordination.release(lease) } }
      attempts += 1
      let pulse = Pulse(every: DocumentStore.renewMilliseconds) { [coordination] in
        if let lease { _ = coordination.renew(lease, seconds: DocumentStore.leaseSeconds) }
        return deadline.beat()
      }
      let outer = ticket
      var ticket = openTicket(missing.map { keys[$0] })
      // Whoever held the lease before may have finished between the last look and now.
      for index in missing {
        found[index] = found[index].newer(ticket.found[keys[index]] ?? .missing)
        ticket.found[keys[index]] = found[index]
      }
      let open = missing.filter { !found[$0].isServable }
      guard !open.isEmpty else { return }

      do {
        self.ticket = ticket
        defer { self.ticket = outer }
        let computed = try activity.during(.source) { () throws(Failure) in
          try compute(open.map { keys[$0] }, deadline.with(pulse))
        }
        let refused = store(computed, under: self.ticket ?? ticket)
        for index in open {
          guard var document = computed[keys[index]] else { continue }
          // It was overtaken while it was computed: it is true of a moment within this request, and of none later.
          if refused.contains(keys[index]) { document.expires = min(document.expires, now()) }
          found[index] = Found(document, refused.contains(keys[index]) && attempts < 2 ? .revoked : .fresh)
        }
        if !refused.isEmpty { logger.debug("a document was revoked or replaced while it was computed") }
      } catch {
        // An old document that was to be replaced is still better than none.
        guard found.allSatisfy({ $0.document != nil }) else { throw error }
        logger.warning("serving an expired document", metadata: ["reason": "\(error)"])
        return
      }
    }
  }

  private func settle<Failure: SourceFailure>(
    _: Failure.Type, _ found: inout [Found], _ error: SourceError
  ) throws(Failure) {
    guard found.allSatisfy({ $0.document != nil }) else { throw Failure(error) }
    logger.warning("serving an expired document", metadata: ["reason": "\(error)"])
  }

  /// Waits until the holder of the lease has stored what is missing, or has let go of it.
  ///
  /// - Returns: whether nothing is missing any more.
  private func wait(
    for lease: String, _ missing: [Int], of keys: [CacheKey], into found: inout [Found], by deadline: Deadline
  ) -> Bool {
    var pause: UInt32 = 2_000
    while !deadline.hasPassed {
      usleep(pause)
      pause = min(pause * 3 / 2, 25_000)
      // Looked at before the documents: whoever lets go of it has stored them.
      let isHeld = coordination.isHeld(lease)
      let again = stored(missing.map { keys[$0] })
      if again.allSatisfy(\.isServable) {
        for (index, document) in zip(missing, again) { found[index] = document }
        return true
      }
      guard isHeld, deadline.beat() else { return false }
    }
    return false
  }

  func leaseName(of key: CacheKey) -> String { key.text(prefix: "") }

  // MARK: - Stamps

  /// What the documents of a kind are stamped with, beside the state of what they were made from.
  func stamp(of kind: CacheKey.Kind) -> UInt64 {
    for known in stamps where known.kind == kind { return known.stamp }
    let stamp = FNV.hash((settings[kind] ?? "").utf8, from: FNV.hash(program.utf8))
    stamps.append((kind, stamp))
    return stamp
  }
}
