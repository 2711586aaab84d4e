import Core
import Postgres
import Testing

@testable import Cache
@testable import PostgresStore
@testable import SQLiteStore

/// The stores that documents survive in.
enum DurableKind: String, CaseIterable, Sendable {
  case postgres, sqlite

  static var available: [DurableKind] { allCases.filter { StoreServers.areWanted || $0 != .postgres } }

  func make() throws -> DurableUnderTest {
    switch self {
    case .sqlite:
      let store = SQLiteUnderTest()
      return DurableUnderTest { time in SQLiteDurableTier(store.open(TestClock(at: time))) }
    case .postgres:
      let database = try PostgresUnderTest()
      return DurableUnderTest { time in
        let tier = PostgresDurableTier(options: database.options, logger: StoreServers.logger, now: { time })
        try tier.ping()
        return tier
      }
    }
  }
}

/// An empty durable tier.
final class DurableUnderTest {
  private let make: (UnixTime) throws -> any DurableTier

  init(make: @escaping (UnixTime) throws -> any DurableTier) { self.make = make }

  /// Opens it as another process does whose clock shows this time.
  func open(at time: UnixTime = TestClock.start) throws -> any DurableTier { try make(time) }
}
