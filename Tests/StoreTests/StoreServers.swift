import Core
import Foundation
import Logging
import Postgres
import SQLiteStore
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

/// What is to be done when all tests have run: a test cannot tell when the last of its threads lets go of its store.
enum AtTheEnd {
  private static let work = Mutex<[@Sendable () -> Void]>([])

  static func run(_ piece: @escaping @Sendable () -> Void) {
    let isFirst = work.withLock { work in
      work.append(piece)
      return work.count == 1
    }
    if isFirst { atexit { for piece in AtTheEnd.work.withLock({ $0 }) { piece() } } }
  }
}

/// A PostgreSQL database that a test has to itself; the store creates it.
struct PostgresUnderTest {
  let options: PostgresOptions

  init() throws {
    let options = PostgresOptions(
      hosts: [try StoreServers.value("DATABASE__HOST")],
      database: "store_\(UUID().uuidString.prefix(8).lowercased())", user: try StoreServers.value("DATABASE__USER"))
    self.options = options
    AtTheEnd.run {
      var maintenance = options
      maintenance.database = "postgres"
      try? PostgresClient(name: "test", options: maintenance, logger: StoreServers.logger)
        .run(script: "DROP DATABASE IF EXISTS \(options.database) WITH (FORCE)", by: .after(milliseconds: 10_000))
    }
  }
}

/// A SQLite file that a test has to itself.
struct SQLiteUnderTest {
  let path: String

  init() {
    let directory = NSTemporaryDirectory() + "linernotes-store-" + UUID().uuidString
    path = directory + "/linernotes.db"
    AtTheEnd.run { try? FileManager.default.removeItem(atPath: directory) }
  }

  /// Opens it as another process does.
  func open(_ clock: TestClock) -> StoreFile {
    let options = StoreFile.Options(
      path: path,
      clock: StoreClock(
        wall: { clock.now }, sinceBoot: { (clock.now - TestClock.start + 1_000) * 1_000 }, boot: 4_711))
    return StoreFile(options, logger: StoreServers.logger)
  }
}

/// The time of a store: a clock that the test moves where the store counts in our process, the real one where a server
/// counts.
final class TestClock: Sendable {
  private let isMoved: Bool
  private let moved: Mutex<Int64>

  static let start = UnixTime(seconds: 1_800_000_000)

  init(isMoved: Bool) {
    self.isMoved = isMoved
    moved = Mutex(TestClock.start.seconds)
  }

  /// A clock that stands still.
  init(at time: UnixTime) {
    isMoved = true
    moved = Mutex(time.seconds)
  }

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
