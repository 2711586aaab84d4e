public import Core
public import CoreMetrics

/// A tier in the memory of one process. When the limit in bytes is reached, the least recently used values are dropped.
public final class MemoryTier: CacheTier {
  private struct Entry {
    var value: [UInt8]
    var expires: UnixTime
    var lastUse: UInt64
    var version: UInt64
  }

  private let limit: Int
  private let now: () -> UnixTime
  private let gauge: Gauge?
  private var entries: [String: Entry] = [:]
  private var size = 0 {
    didSet { gauge?.record(size) }
  }
  private var uses: UInt64 = 0
  private var versions: UInt64 = 0

  /// - Parameters:
  ///   - limit: how many bytes keys and values may take; 0 keeps nothing.
  ///   - gauge: shows how many bytes they take.
  ///   - now: by default seconds of a clock that nobody can set; only differences matter.
  public init(limit: Int, gauge: Gauge? = nil, now: @escaping () -> UnixTime = { .monotonic }) {
    self.limit = limit
    self.gauge = gauge
    self.now = now
  }

  public var isAvailable: Bool { limit > 0 }

  /// Whether there is nothing in it, not even what has expired.
  var isEmpty: Bool { entries.isEmpty }

  public func get(_ keys: [String]) -> [[UInt8]?] { keys.map { entry($0)?.value } }

  public func read(_ keys: [String]) -> [VersionedValue] {
    keys.map { key in
      guard let entry = entry(key) else { return VersionedValue(value: nil, version: .missing) }
      return VersionedValue(value: entry.value, version: .number(entry.version))
    }
  }

  public func set(_ items: [CacheItem]) {
    for item in items { set(item) }
  }

  public func replace(_ items: [ConditionalItem]) -> [StoreOutcome] {
    items.map { conditional in
      let version = entry(conditional.item.key).map { CacheVersion.number($0.version) } ?? .missing
      // What was evicted since was not overtaken.
      guard version == conditional.version || version == .missing else { return .overtaken }
      set(conditional.item)
      return .stored
    }
  }

  public func add(_ item: CacheItem) -> AddOutcome {
    guard entry(item.key) == nil else { return .exists }
    set(item)
    return .added
  }

  public func delete(_ key: String) {
    guard let entry = entries.removeValue(forKey: key) else { return }
    size -= cost(key, entry.value)
  }

  public func increment(_ key: String, by amount: UInt64, lifetime: Int64) -> UInt64? {
    guard limit > 0 else { return nil }
    guard let known = entry(key) else {
      set(CacheItem(key, Array(String(amount).utf8), lifetime: lifetime))
      return amount
    }
    guard let count = UInt64(String(decoding: known.value, as: UTF8.self)) else { return nil }
    set(CacheItem(key, Array(String(count &+ amount).utf8), lifetime: known.expires - now()))
    return count &+ amount
  }

  public func removeAll() {
    entries.removeAll()
    size = 0
  }

  private func entry(_ key: String) -> Entry? {
    guard let entry = entries[key] else { return nil }
    guard entry.expires > now() else {
      delete(key)
      return nil
    }
    uses += 1
    entries[key]?.lastUse = uses
    return entry
  }

  private func set(_ item: CacheItem) {
    delete(item.key)
    guard cost(item.key, item.value) <= limit, item.lifetime > 0 else { return }
    uses += 1
    versions += 1
    entries[item.key] = Entry(
      value: item.value, expires: now() + item.lifetime, lastUse: uses, version: versions)
    size += cost(item.key, item.value)
    if size > limit { makeRoom() }
  }

  /// Drops the least recently used quarter at once: sorting is then paid rarely, and no list has to be kept in order.
  private func makeRoom() {
    let byUse = entries.sorted { $0.value.lastUse < $1.value.lastUse }
    for (key, _) in byUse {
      guard size > limit - limit / 4 else { return }
      delete(key)
    }
  }

  private func cost(_ key: String, _ value: [UInt8]) -> Int { key.utf8.count + value.count + 64 }
}
