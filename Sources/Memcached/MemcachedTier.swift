public import Cache
public import Core

/// The tier that all processes of all hosts share: one memcached server, or several by consistent hashing.
public final class MemcachedTier: CacheTier {
  private let servers: [MemcachedServer]
  /// Tells which of several servers a key lives on; one server needs none.
  private var ring: LazyLibrary<MemcachedRing>

  /// memcached refuses items over 1 MB, and forgets the old value in doing so; longer values are stored in pieces.
  static let longestItem = 900_000

  /// - Returns: nil when there are no addresses.
  public convenience init?(_ addresses: [MemcachedAddress], patience: MemcachedPatience = .ofAnswers) {
    self.init(addresses, patience: patience) { () throws(LibraryFailure) in try MemcachedRing(addresses) }
  }

  init?(
    _ addresses: [MemcachedAddress], patience: MemcachedPatience = .ofAnswers,
    now: @escaping () -> UInt64 = Deadline.monotonicNanoseconds,
    open: @escaping () throws(LibraryFailure) -> MemcachedRing
  ) {
    guard !addresses.isEmpty else { return nil }
    servers = addresses.map { MemcachedServer($0, patience: patience) }
    ring = LazyLibrary(now: now, open: open)
  }

  /// Why none of the servers can be asked, whatever they do: without libmemcached nobody can tell which of several has a
  /// key. One server needs no library.
  public var libraryFailure: LibraryFailure? {
    guard servers.count > 1 else { return nil }
    do throws(LibraryFailure) {
      _ = try ring.contents()
      return nil
    } catch {
      return error
    }
  }

  public var isAvailable: Bool {
    (servers.count == 1 || ring.isWorthTrying) && servers.contains(where: \.isAvailable)
  }

  public func isWhole() -> Bool {
    guard libraryFailure == nil else { return false }
    // Every server is asked, whatever the others say: what answers again is noticed.
    return servers.map { server in
      if case .value = server.get(["health"]) { true } else { false }
    }.allSatisfy(\.self)
  }

  /// How many values all servers together have, and how many bytes they take; nil when one of them does not answer.
  public func size() -> (items: UInt64, bytes: UInt64)? {
    var sum: (items: UInt64, bytes: UInt64) = (0, 0)
    for server in servers {
      guard case .value(let size) = server.size() else { return nil }
      sum.items &+= size.items
      sum.bytes &+= size.bytes
    }
    return sum
  }

  public func get(_ keys: [String]) -> [[UInt8]?] {
    var values = fetch(keys, missing: nil) { $0.get($1) }
    for index in values.indices {
      guard let value = values[index], let list = PieceList(value) else { continue }
      values[index] = join(list, of: keys[index])
    }
    return values
  }

  public func read(_ keys: [String]) -> [VersionedValue] {
    var values = fetch(keys, missing: VersionedValue(value: nil, version: nil)) { $0.read($1) }
    for index in values.indices {
      guard let value = values[index].value, let list = PieceList(value) else { continue }
      values[index].value = join(list, of: keys[index])
    }
    return values
  }

  public func set(_ items: [CacheItem]) { _ = store(items.map { ($0, .always) }) }

  public func replace(_ items: [ConditionalItem]) -> [StoreOutcome] {
    let first = store(
      items.map { conditional in
        switch conditional.version {
        case .missing: (conditional.item, .ifMissing)
        case .number(let number): (conditional.item, .ifNumber(number))
        }
      })
    // What was evicted since was not overtaken.
    let evicted = first.indices.filter { first[$0] == .missing }
    let again = store(evicted.map { (items[$0].item, .ifMissing) })
    var outcomes = first
    for (index, outcome) in zip(evicted, again) { outcomes[index] = outcome }
    return outcomes.map { outcome in
      switch outcome {
      case .stored: .stored
      case .exists: .overtaken
      case .missing, .noRoom, nil: .unavailable
      }
    }
  }

  public func add(_ item: CacheItem) -> AddOutcome {
    switch server(of: item.key)?.store([(item, .ifMissing)]) {
    case .value([.stored]): .added
    // A server without room keeps nothing: whoever wants a lease from it must do without.
    case .value([.noRoom]), .unavailable, nil: .unavailable
    case .value: .exists
    }
  }

  public func delete(_ key: String) {
    _ = server(of: key)?.delete(key)
  }

  public func increment(_ key: String, by amount: UInt64, lifetime: Int64) -> UInt64? {
    guard let server = server(of: key) else { return nil }
    // The text protocol increments only what is there. Between the first look and `add` another process may have begun
    // the counter, and before the last look the counter may have been forgotten: then it is not worth counting.
    if case .value(let count?) = server.increment(key, by: amount) { return count }
    switch add(CacheItem(key, Array(String(amount).utf8), lifetime: lifetime)) {
    case .added: return amount
    case .exists:
      guard case .value(let count) = server.increment(key, by: amount) else { return nil }
      return count
    case .unavailable: return nil
    }
  }

  // MARK: - Storing

  /// What has become of each item, nil where the server does not answer.
  private func store(
    _ items: [(item: CacheItem, condition: MemcachedConnection.Condition)]
  ) -> [MemcachedConnection.Outcome?] {
    var outcomes = [MemcachedConnection.Outcome?](repeating: nil, count: items.count)
    var perServer: [Int: [Int]] = [:]
    var items = items
    for index in items.indices {
      if items[index].item.value.count > MemcachedTier.longestItem {
        guard let list = storePieces(of: items[index].item) else { continue }
        items[index].item.value = list.encoded
      }
      guard let server = self.index(of: items[index].item.key) else { continue }
      perServer[server, default: []].append(index)
    }
    for (server, indices) in perServer {
      guard case .value(let found) = servers[server].store(indices.map { items[$0] }) else { continue }
      for (index, outcome) in zip(indices, found) { outcomes[index] = outcome }
    }
    return outcomes
  }

  /// Stores the pieces of a long value under names that no other version has: a reader finds all of one version, or
  /// nothing.
  ///
  /// - Returns: the list of them, which is stored in the value's place; nil when not all of them could be kept.
  private func storePieces(of item: CacheItem) -> PieceList? {
    let count = (item.value.count + MemcachedTier.longestItem - 1) / MemcachedTier.longestItem
    guard count <= PieceList.most else { return nil }
    let list = PieceList(count: count, version: UInt64.random(in: .min ... .max))
    for (number, key) in list.keys(of: item.key).enumerated() {
      let start = number * MemcachedTier.longestItem
      let piece = Array(item.value[start..<min(start + MemcachedTier.longestItem, item.value.count)])
      let stored = server(of: key)?.store([(CacheItem(key, piece, lifetime: item.lifetime), .always)])
      guard case .value([.stored]) = stored else { return nil }
    }
    return list
  }

  private func server(of key: String) -> MemcachedServer? { index(of: key).map { servers[$0] } }

  /// Which server has the key; nil when nobody can tell.
  private func index(of key: String) -> Int? {
    guard servers.count > 1 else { return 0 }
    guard let index = (try? ring.contents())?.index(of: key), servers.indices.contains(index) else { return nil }
    return index
  }

  /// One multi-get per server that has some of the keys.
  private func fetch<Value>(
    _ keys: [String], missing: Value, _ ask: (MemcachedServer, [String]) -> MemcachedServer.Answer<[Value]>
  ) -> [Value] {
    if servers.count == 1 {
      guard case .value(let values) = ask(servers[0], keys) else { return .init(repeating: missing, count: keys.count) }
      return values
    }
    var values = [Value](repeating: missing, count: keys.count)
    for (server, indices) in Dictionary(grouping: keys.indices, by: { index(of: keys[$0]) }) {
      guard let server else { continue }
      guard case .value(let found) = ask(servers[server], indices.map { keys[$0] }) else { continue }
      for (index, value) in zip(indices, found) { values[index] = value }
    }
    return values
  }

  private func join(_ list: PieceList, of key: String) -> [UInt8]? {
    var value: [UInt8] = []
    for piece in fetch(list.keys(of: key), missing: nil, { $0.get($1) }) {
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

  /// No document is as long as so many: a list that claims more is not ours.
  static let most = 40

  /// No document begins with it: it is not a format version.
  private static let marker: UInt8 = 0xff

  init(count: Int, version: UInt64) {
    self.count = count
    self.version = version
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count == 10, bytes[0] == PieceList.marker, (1...PieceList.most).contains(Int(bytes[1])) else {
      return nil
    }
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
