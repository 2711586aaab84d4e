import Core
import Foundation
import Logging
import Postgres
import Synchronization
import Testing

/// The servers of the instance that `scripts/test` has made. Stores that need none are tested without them.
enum StoreServers {
  static let directory = ProcessInfo.processInfo.environment["LINERNOTES_TEST_STACK"]
  /// By a developer's `swift test` they may be missing, but never by CI's.
  static let areWanted = directory != nil || ProcessInfo.processInfo.environment["CI"] == "true"

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  static func value(_ name: String) throws -> String {
    let directory = try #require(directory, "LINERNOTES_TEST_STACK must name an instance")
    let text = try String(contentsOfFile: "\(directory)/env", encoding: .utf8)
    let line = text.split(separator: "\n").last { $0.hasPrefix("\(name)=") }
    return String(try #require(line, "\(name) in \(directory)/env").dropFirst(name.count + 1))
  }
}

/// A PostgreSQL database that a test has to itself. The store creates it; it is dropped when the tests end.
struct PostgresUnderTest {
  let options: PostgresOptions

  private static let made = Mutex<[PostgresOptions]>([])

  init() throws {
    options = PostgresOptions(
      hosts: [try StoreServers.value("DATABASE__HOST")],
      database: "store_\(UUID().uuidString.prefix(8).lowercased())", user: try StoreServers.value("DATABASE__USER"))
    let isFirst = PostgresUnderTest.made.withLock { made in
      made.append(options)
      return made.count == 1
    }
    if isFirst { atexit { PostgresUnderTest.dropAll() } }
  }

  private static func dropAll() {
    let made = made.withLock { $0 }
    guard var maintenance = made.first else { return }
    maintenance.database = "postgres"
    let client = PostgresClient(name: "test", options: maintenance, logger: StoreServers.logger)
    for options in made {
      try? client.run(
        script: "DROP DATABASE IF EXISTS \(options.database) WITH (FORCE)", by: .after(milliseconds: 10_000))
    }
  }
}

/// The time of a store: a clock that the test moves where the store counts in our process, the real one where a server
/// counts.
final class TestClock: Sendable {
  private let isMoved: Bool
  private let moved = Mutex(TestClock.start.seconds)

  static let start = UnixTime(seconds: 1_800_000_000)

  init(isMoved: Bool) { self.isMoved = isMoved }

  var now: UnixTime { isMoved ? UnixTime(seconds: moved.withLock { $0 }) : .now }

  /// Waits until something holds: by moving the clock, a second a look, or by looking every 20 ms. Fails after a minute
  /// of the one or 10 seconds of the other.
  func eventually(_ what: Comment, _ holds: () throws -> Bool) throws {
    for _ in 0..<(isMoved ? 60 : 500) {
      if try holds() { return }
      if isMoved { moved.withLock { $0 += 1 } } else { usleep(20_000) }
    }
    Issue.record(what)
  }
}

/// Does the same in several threads at once; the results in no order.
func inParallel<Result: Sendable>(
  _ count: Int, _ work: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
  let results = Mutex<[Swift.Result<Result, any Error>]>([])
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = Swift.Result { try work(index) }
    results.withLock { $0.append(result) }
  }
  return try results.withLock { try $0.map { try $0.get() } }
}
