public import Core

/// The tier of a process on its own: the least recently used values go when the limit in bytes is reached.
public final class MemoryTier: CacheTier {
  private struct Entry {
    var value: [UInt8]
    var expires: UnixTime
    var lastUse: UInt64
  }

  private let limit: Int
  private let now: () -> UnixTime
  private var entries: [String: Entry] = [:]
  private var size = 0
  private var uses: UInt64 = 0

  /// - Parameters:
  ///   - limit: how many bytes keys and values may take; 0 keeps nothing.
  public init(limit: Int, now: @escaping () -> UnixTime = { .now }) {
    self.limit = limit
    self.now = now
  }

  public var isAvailable: Bool { limit > 0 }

  public func get(_ keys: [String]) -> [[UInt8]?] {
    keys.map { key in
      guard let entry = entries[key] else { return nil }
      guard entry.expires > now() else {
        delete(key)
        return nil
      }
      uses += 1
      entries[key]?.lastUse = uses
      return entry.value
    }
  }

  public func set(_ items: [CacheItem]) {
    for item in items {
      delete(item.key)
      guard cost(item.key, item.value) <= limit else { continue }
      uses += 1
      entries[item.key] = Entry(value: item.value, expires: item.expires, lastUse: uses)
      size += cost(item.key, item.value)
      if size > limit { makeRoom() }
    }
  }

  public func add(_ key: String, _ value: [UInt8], expires: UnixTime) -> AddOutcome {
    if let entry = entries[key], entry.expires > now() { return .exists }
    set(key, value, expires: expires)
    return .added
  }

  public func delete(_ key: String) {
    guard let entry = entries.removeValue(forKey: key) else { return }
    size -= cost(key, entry.value)
  }

  public func increment(_ key: String, by amount: UInt64, expires: UnixTime) -> UInt64? {
    guard limit > 0 else { return nil }
    guard let entry = entries[key], entry.expires > now() else {
      set(key, Array(String(amount).utf8), expires: expires)
      return amount
    }
    guard let count = UInt64(String(decoding: entry.value, as: UTF8.self)) else { return nil }
    set(key, Array(String(count &+ amount).utf8), expires: entry.expires)
    return count &+ amount
  }

  public func removeAll() {
    entries.removeAll()
    size = 0
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
