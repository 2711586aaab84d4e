internal import Cache
internal import Core

/// One memcached server and this process's connection to it.
///
/// A server that is gone refuses within microseconds; one that hangs costs the time-out each time it is asked. So after
/// a failure it is left alone for a while, longer each time, and all its keys are misses until then.
final class MemcachedServer {
  enum Answer<Value> {
    case value(Value)
    case unavailable
  }

  private let connection: MemcachedConnection
  private var backoff = Backoff(shortestMilliseconds: 100, longestMilliseconds: 2_000)

  init(_ address: MemcachedAddress, patience: MemcachedPatience) {
    connection = MemcachedConnection(address, patience: patience)
  }

  /// Whether it is worth asking now.
  var isAvailable: Bool { backoff.isOpen() }

  /// One multi-get. Values are in the order of the keys, nil where there is none.
  func get(_ keys: [String]) -> Answer<[[UInt8]?]> { answer { connection.get(keys) } }

  func read(_ keys: [String]) -> Answer<[VersionedValue]> { answer { connection.read(keys) } }

  /// Stores values, all in one trip; what has become of each, in their order.
  func store(
    _ items: [(item: CacheItem, condition: MemcachedConnection.Condition)]
  ) -> Answer<[MemcachedConnection.Outcome]> { answer { connection.store(items) } }

  /// The new count; nil where there is no counter.
  func increment(_ key: String, by amount: UInt64) -> Answer<UInt64?> {
    answer { connection.increment(key, by: amount) }
  }

  func delete(_ key: String) -> Answer<Bool> { answer { connection.delete(key) } }

  /// How many values it has, and how many bytes they take.
  func size() -> Answer<(items: UInt64, bytes: UInt64)> { answer { connection.size() } }

  private func answer<Value>(_ ask: () -> Value?) -> Answer<Value> {
    guard isAvailable else { return .unavailable }
    guard let value = ask() else {
      backoff.failed()
      return .unavailable
    }
    backoff.succeeded()
    return .value(value)
  }
}
