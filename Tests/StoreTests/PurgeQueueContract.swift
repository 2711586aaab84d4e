import Core
import Metadata
import Testing

@testable import Cache
@testable import PostgresStore
@testable import SQLiteStore

extension QueueKind {
  static let purgePolicy = PurgeQueuePolicy(most: 10, shortestPause: 1, longestPause: 2)

  func makePurges() throws -> PurgesUnderTest {
    let policy = Self.purgePolicy
    switch self {
    case .memory:
      let clock = TestClock(isMoved: true)
      let queue = MemoryPurgeQueue(policy: policy, now: { clock.now })
      return PurgesUnderTest(clock: clock) { queue }
    case .sqlite:
      let (clock, store) = (TestClock(isMoved: true), SQLiteUnderTest())
      return PurgesUnderTest(clock: clock) { SQLitePurgeQueue(store.open(clock), policy: policy) }
    case .postgres:
      let database = try PostgresUnderTest()
      try PostgresDurableTier(options: database.options, logger: StoreServers.logger).ping()
      return PurgesUnderTest(clock: TestClock(isMoved: false)) {
        PostgresPurgeQueue(StoreDatabase(options: database.options, logger: StoreServers.logger), policy: policy)
      }
    }
  }
}

/// An empty queue of purges.
final class PurgesUnderTest {
  let clock: TestClock
  /// Opens it as another process does.
  let open: () throws -> any PurgeQueue

  init(clock: TestClock, open: @escaping () throws -> any PurgeQueue) {
    self.clock = clock
    self.open = open
  }
}

/// What every queue of purges promises.
@Suite struct PurgeQueueContract {
  let kinds: [CacheKey.Kind] = [.artist, .album]

  func key(_ number: UInt64, _ kind: CacheKey.Kind = .album) -> CacheKey { CacheKey(kind, MBID(high: 1, low: number)) }

  @Test(arguments: QueueKind.available)
  func `purges come in the order in which they were added, each to one process`(kind: QueueKind) throws {
    let store = try kind.makePurges()
    let queue = try store.open()
    for number in 0..<4 { #expect(try queue.add([key(UInt64(number))], delay: 0) == 0) }
    #expect(try queue.add([key(2), key(2), key(9, .artist)], delay: 0) == 0)
    #expect(try store.open().backlog().count == 5)
    let first = try store.open().claim(3, of: kinds, seconds: 60)
    #expect(first.map(\.key) == [key(0), key(1), key(2)] && first.allSatisfy { $0.attempts == 1 })
    let second = try queue.claim(9, of: kinds, seconds: 60)
    #expect(second.map(\.key) == [key(3), key(9, .artist)])
    #expect(Set((first + second).map(\.lease)).count == 5)
    #expect(try queue.claim(9, of: kinds, seconds: 60).isEmpty)
    try queue.finish(first + second)
    #expect(try store.open().backlog().count == 0)
    #expect(try queue.claim(0, of: kinds, seconds: 60).isEmpty && queue.claim(9, of: [], seconds: 60).isEmpty)
  }

  @Test(arguments: QueueKind.available)
  func `kinds that a process does not know stay`(kind: QueueKind) throws {
    let queue = try kind.makePurges().open()
    _ = try queue.add([key(1), key(2, .artist)], delay: 0)
    #expect(try queue.claim(9, of: [.artist], seconds: 60).map(\.key) == [key(2, .artist)])
    #expect(try queue.backlog().count == 2)
  }

  @Test(arguments: QueueKind.available)
  func `a delay and a lease are waited for`(kind: QueueKind) throws {
    let store = try kind.makePurges()
    let queue = try store.open()
    _ = try queue.add([key(1)], delay: 1)
    #expect(try queue.claim(9, of: kinds, seconds: 1).isEmpty)
    try store.clock.eventually("the delay is over") { try queue.claim(9, of: kinds, seconds: 1).count == 1 }
    #expect(try queue.claim(9, of: kinds, seconds: 1).isEmpty)
    // A process that was killed: another gets it.
    try store.clock.eventually("the lease runs out") {
      try store.open().claim(9, of: kinds, seconds: 60).map(\.attempts) == [2]
    }
    #expect(try queue.backlog().seconds >= 1)
  }

  @Test(arguments: QueueKind.available)
  func `what is added again while somebody has it stays, and is had again`(kind: QueueKind) throws {
    let store = try kind.makePurges()
    let queue = try store.open()
    _ = try queue.add([key(1)], delay: 0)
    let old = try queue.claim(9, of: kinds, seconds: 60)
    _ = try store.open().add([key(1)], delay: 0)
    try queue.finish(old)
    try queue.fail(old)
    try queue.giveBack(old)
    let new = try queue.claim(9, of: kinds, seconds: 60)
    #expect(new.map(\.key) == [key(1)] && new.map(\.attempts) == [1])
    try queue.finish(new)
    #expect(try queue.backlog() == (0, 0))
  }

  @Test(arguments: QueueKind.available)
  func `what fails waits, longer each time, and what is given back does not`(kind: QueueKind) throws {
    let store = try kind.makePurges()
    let queue = try store.open()
    _ = try queue.add([key(1)], delay: 0)
    try queue.giveBack(try queue.claim(9, of: kinds, seconds: 60))
    let first = try queue.claim(9, of: kinds, seconds: 60)
    #expect(first.map(\.attempts) == [1])
    try queue.fail(first)
    #expect(try queue.claim(9, of: kinds, seconds: 60).isEmpty)
    var second: [QueuedPurge] = []
    try store.clock.eventually("the pause is over") {
      second = try queue.claim(9, of: kinds, seconds: 60)
      return second.map(\.attempts) == [2]
    }
    try queue.fail(second)
    #expect(try queue.claim(9, of: kinds, seconds: 60).isEmpty)
    try store.clock.eventually("the second pause is over") {
      try queue.claim(9, of: kinds, seconds: 60).map(\.attempts) == [3]
    }
  }

  @Test(arguments: QueueKind.available)
  func `it has an end, and what is in it can still be added again`(kind: QueueKind) throws {
    let queue = try kind.makePurges().open()
    #expect(try queue.add((0..<8).map { key($0) }, delay: 0) == 0)
    #expect(try queue.add((6..<13).map { key($0) }, delay: 0) == 3)
    #expect(try queue.backlog().count == 10)
    #expect(try queue.add([key(0), key(99)], delay: 0) == 1)
  }

  @Test(arguments: QueueKind.shared)
  func `several processes never get the same`(kind: QueueKind) throws {
    let store = try kind.makePurges()
    _ = try store.open().add((0..<10).map { key($0) }, delay: 0)
    nonisolated(unsafe) let open = store.open
    let claimed = try inParallel(4) { _ in
      let queue = try open()
      var mine: [CacheKey] = []
      while let purge = try queue.claim(1, of: [.artist, .album], seconds: 60).first { mine.append(purge.key) }
      return mine
    }
    #expect(claimed.flatMap(\.self).count == 10 && Set(claimed.flatMap(\.self)).count == 10)
  }
}
