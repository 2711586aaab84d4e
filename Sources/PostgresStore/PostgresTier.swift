public import Cache
internal import Core
internal import Postgres

/// A tier for small values in the durable cache's database: what processes agree by where there is no memcached. The
/// server counts all times, in parts of a second.
///
/// Each call is a transaction of about half a millisecond. The table is not logged, so its values are gone after a crash
/// of the server.
public final class PostgresTier: CacheTier {
  private let database: StoreDatabase

  /// No value is kept for longer, in seconds: ten years.
  private static let longestLifetime: Int64 = 315_360_000
  private static let anyVersion: Int64 = -1

  public init(_ database: StoreDatabase) { self.database = database }

  public var isAvailable: Bool { database.isAvailable && !database.isToBeLaidOut }

  public func isWhole() -> Bool { isAvailable && read(["health"])[0].version != nil }

  public func get(_ keys: [String]) -> [[UInt8]?] { read(keys).map(\.value) }

  public func read(_ keys: [String]) -> [VersionedValue] {
    guard !keys.isEmpty else { return [] }
    let missing = [VersionedValue](repeating: VersionedValue(value: nil, version: .missing), count: keys.count)
    let found = ask([PostgresQuery(.valueGet, [.texts(keys)])], into: missing) {
      found, _, row throws(PostgresFailure) in
      let index = try row.int() - 1
      let version = UInt64(bitPattern: Int64(try row.int()))
      guard found.indices.contains(index) else { return }
      found[index] = VersionedValue(value: try row.bytes(), version: .number(version))
    }
    return found ?? [VersionedValue](repeating: VersionedValue(value: nil, version: nil), count: keys.count)
  }

  public func set(_ items: [CacheItem]) { _ = put(items.map { ($0, PostgresTier.anyVersion) }) }

  public func replace(_ items: [ConditionalItem]) -> [StoreOutcome] {
    let stored = put(
      items.map { conditional in
        switch conditional.version {
        case .missing: (conditional.item, 0)
        case .number(let number): (conditional.item, Int64(bitPattern: number))
        }
      })
    return stored?.map { $0 ? .stored : .overtaken } ?? items.map { _ in .unavailable }
  }

  public func add(_ item: CacheItem) -> AddOutcome {
    guard let stored = put([(item, 0)]) else { return .unavailable }
    return stored[0] ? .added : .exists
  }

  public func delete(_ key: String) {
    _ = ask([PostgresQuery(.valueDelete, [.text(key)])], into: ()) { _, _, _ in }
  }

  public func increment(_ key: String, by amount: UInt64, lifetime: Int64) -> UInt64? {
    database.noteValues(1)
    let query = PostgresQuery(
      .valueIncrement, [.text(key), .text(String(amount)), .int8(PostgresTier.allowed(lifetime))])
    return ask([query], into: UInt64?.none) { count, _, row throws(PostgresFailure) in
      count = UInt64(try row.text())
    } ?? nil
  }

  // MARK: - Asking

  /// Stores values, each if the version under its key is the one beside it. Rows are locked in the order of the keys, so
  /// that two processes never wait for each other.
  ///
  /// - Returns: whether each was stored; nil when nobody can tell.
  private func put(_ items: [(item: CacheItem, version: Int64)]) -> [Bool]? {
    database.noteValues(items.count)
    let order = items.indices.sorted { (items[$0].item.key, $0) < (items[$1].item.key, $1) }
    let queries = order.map { index in
      let (item, version) = items[index]
      return PostgresQuery(
        .valuePut, [.text(item.key), .bytes(item.value), .int8(PostgresTier.allowed(item.lifetime)), .int8(version)])
    }
    return ask(queries, into: [Bool](repeating: false, count: items.count)) { stored, index, _ in
      stored[order[index]] = true
    }
  }

  /// - Returns: nil when the server cannot be asked.
  private func ask<Answer>(
    _ queries: [PostgresQuery], into initial: Answer,
    _ add: (inout Answer, Int, inout PostgresRow) throws(PostgresFailure) -> Void
  ) -> Answer? {
    guard !queries.isEmpty else { return initial }
    return try? database.run(queries, into: initial, within: StoreDatabase.readMilliseconds, add)
  }

  private static func allowed(_ lifetime: Int64) -> Int64 { min(max(0, lifetime), longestLifetime) }
}
