public import Core

/// The queue of one process, which is gone with it: for where there is no store.
public final class MemoryBuildQueue: BuildQueue {
  private struct Entry {
    var reason: BuildReason
    var rank: Int
    var place: Int64
    var client: UInt64?
    var added: UnixTime
    var attempts = 0
    var notBefore = UnixTime(seconds: .min)
    var lease: Int64?
    var leasedUntil = UnixTime(seconds: .min)
  }

  private let policy: BuildQueuePolicy
  private let now: () -> UnixTime
  private var entries: [CacheKey: Entry] = [:]
  private var lastPlace: Int64 = 0
  private var lastLease: Int64 = 0
  private var rate: BuildRate

  public init(policy: BuildQueuePolicy = BuildQueuePolicy(), now: @escaping () -> UnixTime = { .now }) {
    self.policy = policy
    self.now = now
    rate = BuildRate(since: now())
  }

  public var isAvailable: Bool { true }

  public func add(_ keys: [CacheKey], _ reason: BuildReason, client: UInt64?) throws(SourceError) -> [QueueOutcome] {
    var refusals: [CacheKey: QueueOutcome] = [:]
    var admission = QueueAdmission(
      policy, reason, total: entries.count, ofClient: client.map { client in mine(client) } ?? 0)
    if entries.isEmpty { rate = BuildRate(since: now()) }
    var seen: Set<CacheKey> = []
    for key in keys where seen.insert(key).inserted {
      if let entry = entries[key] {
        guard reason.isBetter(than: entry.reason, rank: entry.rank) else { continue }
        guard admission.raise(isCharged: client != nil && entry.client != client) else { continue }
        entries[key]?.reason = min(reason, entry.reason)
        entries[key]?.rank = reason.rawValue
        entries[key]?.place = nextPlace()
        if let client { entries[key]?.client = client }
      } else if let refusal = admission.add(isCharged: client != nil) {
        refusals[key] = refusal
      } else {
        entries[key] = Entry(
          reason: reason, rank: reason.rawValue, place: nextPlace(), client: client, added: now())
      }
    }
    let places = try places(of: keys)
    return zip(keys, places).map { key, place in refusals[key] ?? .waiting(place: place ?? 1) }
  }

  public func places(of keys: [CacheKey]) throws(SourceError) -> [Int?] {
    let now = now()
    var places: [CacheKey: Int] = [:]
    var place = 1
    for (key, entry) in ordered() {
      places[key] = place
      if entry.notBefore <= now || entry.leasedUntil > now { place += 1 }
    }
    return keys.map { places[$0] }
  }

  public func claim(
    _ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64
  ) throws(SourceError) -> [QueuedBuild] {
    let now = now()
    let known = Dictionary(kinds.map { ($0.name, $0) }) { first, _ in first }
    let claimable = ordered().filter { key, entry in
      known[key.kind.name] != nil
        && policy.isClaimable(
          notBefore: entry.notBefore, leasedUntil: entry.leasedUntil, attempts: entry.attempts, at: now)
    }
    return claimable.prefix(max(0, limit)).map { key, entry in
      var entry = entry
      lastLease += 1
      entry.lease = lastLease
      entry.leasedUntil = now + BuildQueuePolicy.lease(seconds)
      entry.attempts += 1
      if entry.attempts >= policy.attemptsBeforeEnd { entry.rank = BuildQueuePolicy.lastRank }
      entries[key] = entry
      return QueuedBuild(
        key: CacheKey(known[key.kind.name] ?? key.kind, key.id), reason: entry.reason, attempts: entry.attempts,
        added: entry.added, lease: lastLease)
    }
  }

  public func renew(_ builds: [QueuedBuild], seconds: Int64) throws(SourceError) -> [Bool] {
    builds.map { build in
      change(build) { $0.leasedUntil = now() + BuildQueuePolicy.lease(seconds) }
    }
  }

  public func finish(_ builds: [QueuedBuild]) throws(SourceError) {
    for build in builds where entries[build.key]?.lease == build.lease {
      entries[build.key] = nil
      rate.count(1, at: now())
    }
  }

  public func fail(_ builds: [QueuedBuild], pausing seconds: Int64) throws(SourceError) {
    for build in builds {
      change(build) { entry in
        entry.lease = nil
        entry.leasedUntil = UnixTime(seconds: .min)
        entry.notBefore = now() + policy.pause(afterAttempts: entry.attempts, atLeast: seconds)
      }
    }
  }

  public func giveBack(_ builds: [QueuedBuild]) throws(SourceError) {
    for build in builds {
      change(build) { entry in
        entry.lease = nil
        entry.leasedUntil = UnixTime(seconds: .min)
        entry.attempts -= 1
        entry.rank = policy.rank(entry.reason, attempts: entry.attempts)
      }
    }
  }

  public func progress() throws(SourceError) -> QueueProgress {
    let now = now()
    return QueueProgress(
      waiting: entries.count, underWay: entries.values.filter { $0.leasedUntil > now }.count, done: rate.done,
      since: rate.began, elapsed: now - rate.began,
      oldest: entries.values.map(\.added).min().map { Int(clamping: max(0, now - $0)) })
  }

  @discardableResult
  private func change(_ build: QueuedBuild, _ change: (inout Entry) -> Void) -> Bool {
    guard var entry = entries[build.key], entry.lease == build.lease else { return false }
    change(&entry)
    entries[build.key] = entry
    return true
  }

  private func ordered() -> [(key: CacheKey, value: Entry)] {
    entries.sorted { ($0.value.rank, $0.value.place) < ($1.value.rank, $1.value.place) }
  }

  private func mine(_ client: UInt64) -> Int { entries.values.filter { $0.client == client }.count }

  private func nextPlace() -> Int64 {
    lastPlace += 1
    return lastPlace
  }
}
