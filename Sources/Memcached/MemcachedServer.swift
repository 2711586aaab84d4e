internal import CMemcached
internal import Cache
internal import Core

/// One memcached server and this process's connections to it: one for many values at once, and libmemcached's for
/// everything else. Owns the C handle.
///
/// A server that is gone answers within microseconds, one that hangs costs the poll time-out each time it is asked:
/// no setting of libmemcached trips on that, so after a failure the server is left alone for a while, longer each
/// time, and all its keys are misses until then.
final class MemcachedServer {
  enum Answer<Value> {
    case value(Value)
    case unavailable
  }

  private let handle: UnsafeMutablePointer<memcached_st>
  private let connection: MemcachedConnection
  private var backoff = Backoff(shortestMilliseconds: 100, longestMilliseconds: 2_000)

  init?(_ address: MemcachedAddress) {
    guard let handle = memcached_create(nil) else { return nil }
    self.handle = handle
    connection = MemcachedConnection(address)
    memcached_behavior_set(
      handle, MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, UInt64(MemcachedConnection.connectMilliseconds))
    memcached_behavior_set(handle, MEMCACHED_BEHAVIOR_POLL_TIMEOUT, UInt64(MemcachedConnection.silenceMilliseconds))
    memcached_behavior_set(handle, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1)
    // How long libmemcached itself leaves a server alone. The breaker here decides that, so: not at all.
    memcached_behavior_set(handle, MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, 0)
    let added =
      switch address {
      case .socket(let path): memcached_server_add_unix_socket(handle, path)
      case .host(let name, let port): memcached_server_add(handle, name, in_port_t(port))
      }
    guard added == MEMCACHED_SUCCESS else { return nil }
  }

  deinit { memcached_free(handle) }

  /// Whether it is worth asking now.
  var isAvailable: Bool { backoff.isOpen() }

  /// One multi-get. Values are in the order of the keys, nil where there is none.
  func get(_ keys: [String]) -> Answer<[[UInt8]?]> { answer { connection.get(keys) } }

  /// Stores values, all in one trip. Which of them there was room for, in their order.
  func set(_ items: [CacheItem]) -> Answer<[Bool]> { answer { connection.set(items) } }

  private func answer<Value>(_ ask: () -> Value?) -> Answer<Value> {
    guard isAvailable else { return .unavailable }
    guard let value = ask() else { return failed() }
    backoff.succeeded()
    return .value(value)
  }

  /// Stores a value until `expires`, in Unix seconds, unless there is one. `false` when there is.
  func add(_ key: String, _ value: [UInt8], expires: Int64) -> Answer<Bool> {
    guard isAvailable else { return .unavailable }
    let code = value.withUnsafeBytes { bytes in
      memcached_add(
        handle, key, key.utf8.count, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
        time_t(expires), 0)
    }
    switch code {
    case MEMCACHED_SUCCESS:
      backoff.succeeded()
      return .value(true)
    case MEMCACHED_NOTSTORED, MEMCACHED_DATA_EXISTS:
      return .value(false)
    case MEMCACHED_E2BIG, MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE, MEMCACHED_SERVER_ERROR:
      // It answers, but has no room for this: nothing is wrong with the server.
      return .value(false)
    default:
      return failed()
    }
  }

  /// The new count; nil where there is no counter.
  func increment(_ key: String, by amount: UInt64) -> Answer<UInt64?> {
    guard isAvailable else { return .unavailable }
    var count: UInt64 = 0
    switch memcached_increment(handle, key, key.utf8.count, UInt32(clamping: amount), &count) {
    case MEMCACHED_SUCCESS:
      backoff.succeeded()
      return .value(count)
    case MEMCACHED_NOTFOUND, MEMCACHED_CLIENT_ERROR:
      return .value(nil)
    default:
      return failed()
    }
  }

  func delete(_ key: String) -> Answer<Bool> {
    guard isAvailable else { return .unavailable }
    let code = memcached_delete(handle, key, key.utf8.count, 0)
    if code == MEMCACHED_NOTFOUND { return .value(false) }
    return code == MEMCACHED_SUCCESS ? .value(true) : failed()
  }

  private func failed<Value>() -> Answer<Value> {
    // What is still on its way belongs to the failed question; a new connection cannot see it.
    memcached_quit(handle)
    connection.disconnect()
    backoff.failed()
    return .unavailable
  }
}
