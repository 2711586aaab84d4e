import Core
import Foundation
import Postgres
import Testing

@testable import Cache
@testable import Memcached
@testable import PostgresStore
@testable import SQLiteStore

/// The stores that small values are kept in. All of them must pass the same tests.
enum TierKind: String, CaseIterable, Sendable {
  case memory, memcached, postgres, sqlite

  /// Those that can be tested here.
  static var available: [TierKind] { allCases.filter { StoreServers.areWanted || !$0.isServer } }
  /// Those that processes share.
  static var shared: [TierKind] { available.filter { $0 != .memory } }

  private var isServer: Bool { self == .memcached || self == .postgres }

  func make() throws -> TierUnderTest {
    switch self {
    case .memory:
      let clock = TestClock(isMoved: true)
      let tier = MemoryTier(limit: 64 << 20, now: { clock.now })
      return TierUnderTest(clock: clock) { tier }
    case .sqlite:
      let (clock, store) = (TestClock(isMoved: true), SQLiteUnderTest())
      return TierUnderTest(clock: clock) { SQLiteTier(store.open(clock)) }
    case .memcached:
      let address = try #require(MemcachedAddress(try StoreServers.value("MEMCACHED_SERVERS")))
      return TierUnderTest(clock: TestClock(isMoved: false)) {
        try #require(MemcachedTier([address], patience: .unhurried))
      }
    case .postgres:
      let options = try PostgresTierDatabase.shared.get().options
      return TierUnderTest(clock: TestClock(isMoved: false)) {
        PostgresTier(StoreDatabase(options: options, logger: StoreServers.logger))
      }
    }
  }
}

/// The one database that all tests of PostgreSQL's tier share: their keys differ.
private enum PostgresTierDatabase {
  static let shared = Result {
    let database = try PostgresUnderTest()
    try PostgresDurableTier(options: database.options, logger: StoreServers.logger).ping()
    return database
  }
}

/// A store of small values, and keys in it that no other test has.
final class TierUnderTest {
  let clock: TestClock
  /// Opens it as another process does. The memory of a process is always the same.
  let open: () throws -> any CacheTier
  let prefix = "test-\(UUID().uuidString.prefix(12)):"

  init(clock: TestClock, open: @escaping () throws -> any CacheTier) {
    self.clock = clock
    self.open = open
  }

  func item(_ name: String, _ value: [UInt8], lifetime: Int64 = 60) -> CacheItem {
    CacheItem(prefix + name, value, lifetime: lifetime)
  }
}
