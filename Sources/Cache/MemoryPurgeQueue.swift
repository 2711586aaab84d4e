public import Core

/// The queue of purges of one process, where there is no store to keep it in.
public final class MemoryPurgeQueue: PurgeQueue {
  private struct Entry {
    var added: UnixTime
    var place: Int64
    var attempts = 0
    var notBefore: UnixTime
    var lease: Int64?
    var leasedUntil = UnixTime(seconds: 0)
  }

  private let policy: PurgeQueuePolicy
  private let now: () -> UnixTime
  private var entries: [CacheKey: Entry] = [:]
  private var lastNumber: Int64 = 0

  public init(policy: PurgeQueuePolicy = PurgeQueuePolicy(), now: @escaping () -> UnixTime = { .now }) {
    self.policy = policy
    self.now = now
  }

  public var isAvailable: Bool { true }

  public func add(_ keys: [CacheKey], delay: Int64) -> Int {
    let now = now()
    let notBefore = now + PurgeQueuePolicy.delay(delay)
    var refused = 0
    for key in Set(keys) {
      if let there = entries[key] {
        entries[key] = Entry(added: there.added, place: there.place, notBefore: notBefore)
      } else if entries.count < policy.most {
        entries[key] = Entry(added: now, place: nextNumber(), notBefore: notBefore)
      } else {
        refused += 1
      }
    }
    return refused
  }

  public func claim(_ limit: Int, of kinds: [CacheKey.Kind], seconds: Int64) -> [QueuedPurge] {
    let now = now()
    let next =
      entries
      .filter { key, entry in
        kinds.contains(key.kind)
          && (entry.notBefore <= now || entry.notBefore > now + PurgeQueuePolicy.mostDelay)
          && (entry.leasedUntil <= now || entry.leasedUntil > now + PurgeQueuePolicy.longestLease)
      }
      .sorted { $0.value.place < $1.value.place }.prefix(max(0, limit))
    return next.map { key, entry in
      var entry = entry
      let lease = nextNumber()
      entry.attempts += 1
      entry.lease = lease
      entry.leasedUntil = now + PurgeQueuePolicy.lease(seconds)
      entries[key] = entry
      return QueuedPurge(key: key, attempts: entry.attempts, lease: lease)
    }
  }

  public func finish(_ purges: [QueuedPurge]) {
    for purge in purges where isHeld(purge) { entries[purge.key] = nil }
  }

  public func fail(_ purges: [QueuedPurge]) {
    for purge in purges where isHeld(purge) {
      letGo(purge.key)
      entries[purge.key]?.notBefore = now() + policy.pause(afterAttempts: purge.attempts)
    }
  }

  public func giveBack(_ purges: [QueuedPurge]) {
    for purge in purges where isHeld(purge) {
      letGo(purge.key)
      entries[purge.key]?.attempts = purge.attempts - 1
    }
  }

  public func backlog() -> (count: Int, seconds: Int64) {
    let oldest = entries.values.map(\.added).min()
    return (entries.count, oldest.map { max(0, now() - $0) } ?? 0)
  }

  private func isHeld(_ purge: QueuedPurge) -> Bool { entries[purge.key]?.lease == purge.lease }

  private func letGo(_ key: CacheKey) {
    entries[key]?.lease = nil
    entries[key]?.leasedUntil = UnixTime(seconds: 0)
  }

  private func nextNumber() -> Int64 {
    lastNumber += 1
    return lastNumber
  }
}
