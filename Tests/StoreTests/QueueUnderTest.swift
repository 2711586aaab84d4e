import Core
import Postgres
import Testing

@testable import Cache
@testable import PostgresStore
@testable import SQLiteStore

/// The stores that the queue of builds is kept in.
enum QueueKind: String, CaseIterable, Sendable {
  case memory, postgres, sqlite

  static var available: [QueueKind] { allCases.filter { StoreServers.areWanted || $0 != .postgres } }
  static var shared: [QueueKind] { available.filter { $0 != .memory } }

  func make(_ policy: BuildQueuePolicy = QueueUnderTest.policy) throws -> QueueUnderTest {
    switch self {
    case .memory:
      let clock = TestClock(isMoved: true)
      let queue = MemoryBuildQueue(policy: policy, now: { clock.now })
      return QueueUnderTest(clock: clock) { queue }
    case .sqlite:
      let (clock, store) = (TestClock(isMoved: true), SQLiteUnderTest())
      return QueueUnderTest(clock: clock) { SQLiteBuildQueue(store.open(clock), policy: policy) }
    case .postgres:
      let database = try PostgresUnderTest()
      try PostgresDurableTier(options: database.options, logger: StoreServers.logger).ping()
      return QueueUnderTest(clock: TestClock(isMoved: false)) {
        PostgresBuildQueue(StoreDatabase(options: database.options, logger: StoreServers.logger), policy: policy)
      }
    }
  }
}

/// An empty queue.
final class QueueUnderTest {
  let clock: TestClock
  /// Opens it as another process does.
  let open: () throws -> any BuildQueue

  /// Times that a test can wait for.
  static let policy = BuildQueuePolicy(most: 100, attemptsBeforeEnd: 3, shortestPause: 1, longestPause: 2)

  init(clock: TestClock, open: @escaping () throws -> any BuildQueue) {
    self.clock = clock
    self.open = open
  }
}
