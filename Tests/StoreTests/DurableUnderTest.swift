import Core
import Postgres
import SQLite
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
      return DurableUnderTest { time in
        SQLiteDurableTier(store.open(TestClock(at: time)))
      } execute: { script in
        try SQLiteConnection(path: store.path).execute(script)
      }
    case .postgres:
      let database = try PostgresUnderTest()
      return DurableUnderTest { time in
        let tier = PostgresDurableTier(options: database.options, logger: StoreServers.logger, now: { time })
        try tier.ping()
        return tier
      } execute: { script in
        try PostgresClient(name: "test", options: database.options, logger: StoreServers.logger)
          .run(script: script, by: .after(milliseconds: 10_000))
      }
    }
  }
}

/// An empty durable tier.
final class DurableUnderTest {
  private let make: (UnixTime) throws -> any DurableTier
  /// Runs SQL of the store's own.
  let execute: (String) throws -> Void

  init(make: @escaping (UnixTime) throws -> any DurableTier, execute: @escaping (String) throws -> Void) {
    self.make = make
    self.execute = execute
  }

  /// Opens it as another process does whose clock shows this time.
  func open(at time: UnixTime = TestClock.start) throws -> any DurableTier { try make(time) }
}
