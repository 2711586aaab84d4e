internal import CMemcached
public import Cache
public import Core

/// The tier that all processes of all hosts share: one or several memcached servers by consistent hashing.
public final class MemcachedTier: CacheTier {
  private let servers: [MemcachedServer]
  private let ring: Ring

  /// memcached refuses items over 1 MB, and forgets the old value in doing so; longer values are stored in pieces.
  static let longestItem = 900_000

  /// - Returns: nil when there are no addresses.
  public init?(_ addresses: [MemcachedAddress]) {
    let servers = addresses.compactMap { MemcachedServer($0) }
    guard !servers.isEmpty, servers.count == addresses.count, let ring = Ring(addresses) else { return nil }
    self.servers = servers
    self.ring = ring
  }

  public var isAvailable: Bool { servers.contains(where: \.isAvailable) }

  public func get(_ keys: [String]) -> [[UInt8]?] {
    var values = fetch(keys)
    for index in values.indices {
      guard let value = values[index], let head = PieceList(value) else { continue }
      values[index] = join(fetch(head.keys(of: keys[index])))
    }
    return values
  }

  public func set(_ items: [CacheItem]) {
    let isLong = { (item: CacheItem) in item.value.count > MemcachedTier.longestItem }
    for item in items.filter(isLong) { setPieces(item) }
    for (server, items) in Dictionary(grouping: items.lazy.filter { !isLong($0) }, by: { index(of: $0.key) }) {
      _ = servers[server].set(items)
    }
  }

  private func setPieces(_ item: CacheItem) {
    // The pieces first, under names that no other version has: a reader finds all of one version, or nothing.
    let list = PieceList(
      count: (item.value.count + MemcachedTier.longestItem - 1) / MemcachedTier.longestItem,
      version: UInt64.random(in: .min ... .max))
    for (number, key) in list.keys(of: item.key).enumerated() {
      let start = number * MemcachedTier.longestItem
      let piece = Array(item.value[start..<min(start + MemcachedTier.longestItem, item.value.count)])
      guard case .value([true]) = server(of: key).set([CacheItem(key: key, value: piece, expires: item.expires)]) else {
        return
      }
    }
    _ = server(of: item.key).set([CacheItem(key: item.key, value: list.encoded, expires: item.expires)])
  }

  public func add(_ key: String, _ value: [UInt8], expires: UnixTime) -> AddOutcome {
    switch server(of: key).add(key, value, expires: expires.seconds) {
    case .value(let added): added ? .added : .exists
    case .unavailable: .unavailable
    }
  }

  public func delete(_ key: String) {
    _ = server(of: key).delete(key)
  }

  public func increment(_ key: String, by amount: UInt64, expires: UnixTime) -> UInt64? {
    let server = server(of: key)
    // The text protocol increments only what is there. Between the first look and `add` another process may have begun
    // the counter, and before the last look the counter may have been forgotten: then it is not worth counting.
    if case .value(let count?) = server.increment(key, by: amount) { return count }
    switch server.add(key, Array(String(amount).utf8), expires: expires.seconds) {
    case .value(true): return amount
    case .value(false):
      guard case .value(let count) = server.increment(key, by: amount) else { return nil }
      return count
    case .unavailable: return nil
    }
  }

  private func server(of key: String) -> MemcachedServer { servers[index(of: key)] }

  private func index(of key: String) -> Int { servers.count == 1 ? 0 : ring.index(of: key) }

  /// One multi-get per server that has some of the keys.
  private func fetch(_ keys: [String]) -> [[UInt8]?] {
    if servers.count == 1 {
      guard case .value(let values) = servers[0].get(keys) else { return .init(repeating: nil, count: keys.count) }
      return values
    }
    var values = [[UInt8]?](repeating: nil, count: keys.count)
    for (server, indices) in Dictionary(grouping: keys.indices, by: { index(of: keys[$0]) }) {
      guard case .value(let found) = servers[server].get(indices.map { keys[$0] }) else { continue }
      for (index, value) in zip(indices, found) { values[index] = value }
    }
    return values
  }

  private func join(_ pieces: [[UInt8]?]) -> [UInt8]? {
    var value: [UInt8] = []
    for piece in pieces {
      guard let piece else { return nil }
      value.append(contentsOf: piece)
    }
    return value
  }
}

/// What is stored under the key of a value that is kept in pieces.
struct PieceList: Equatable {
  let count: Int
  let version: UInt64

  /// No document begins with it: it is not a format version.
  private static let marker: UInt8 = 0xff

  init(count: Int, version: UInt64) {
    self.count = count
    self.version = version
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count == 10, bytes[0] == PieceList.marker else { return nil }
    count = Int(bytes[1])
    version = bytes[2...].reduce(0) { $0 << 8 | UInt64($1) }
  }

  var encoded: [UInt8] {
    [PieceList.marker, UInt8(clamping: count)] + (0..<8).map { UInt8(truncatingIfNeeded: version >> (56 - 8 * $0)) }
  }

  func keys(of key: String) -> [String] {
    (0..<count).map { "\(key)#\(String(version, radix: 16)).\($0)" }
  }
}

/// libmemcached's ketama ring, used for nothing but the question which server a key lives on. The servers' connections
/// are kept apart from it, so that one that hangs can be left alone without moving the keys of the others.
private final class Ring {
  private let handle: UnsafeMutablePointer<memcached_st>

  init?(_ addresses: [MemcachedAddress]) {
    guard let handle = memcached_create(nil) else { return nil }
    self.handle = handle
    memcached_behavior_set(
      handle, MEMCACHED_BEHAVIOR_DISTRIBUTION, UInt64(MEMCACHED_DISTRIBUTION_CONSISTENT_KETAMA.rawValue))
    for address in addresses {
      let added =
        switch address {
        case .socket(let path): memcached_server_add_unix_socket(handle, path)
        case .host(let name, let port): memcached_server_add(handle, name, in_port_t(port))
        }
      guard added == MEMCACHED_SUCCESS else { return nil }
    }
  }

  deinit { memcached_free(handle) }

  func index(of key: String) -> Int { Int(memcached_generate_hash(handle, key, key.utf8.count)) }
}
