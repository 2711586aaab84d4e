import Core
import Documents
import Foundation
import Logging
import Metadata
import Postgres
import Testing

@testable import Cache
@testable import Freshness
@testable import Memcached
@testable import PostgresStore
@testable import SQLiteStore

/// Where documents are kept, on the servers of the instance or in a file.
final class RealStores {
  enum Kind: String, CaseIterable, Sendable {
    case postgresAndMemcached, sqliteAndMemcached, postgres, sqlite

    static var available: [Kind] { Kind.allCases.filter { RealStores.areWanted || $0 == .sqlite } }
  }

  static let stack = ProcessInfo.processInfo.environment["LINERNOTES_TEST_STACK"]
  static let areWanted = stack != nil || ProcessInfo.processInfo.environment["CI"] == "true"

  let kind: Kind
  let directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-inval-\(UUID().uuidString)").path
  let namespace = "inval-\(UUID().uuidString.prefix(8))"
  private let database = "inval_\(UUID().uuidString.prefix(8).lowercased())"

  init(_ kind: Kind) throws {
    self.kind = kind
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: directory)
    guard isPostgres, var options = try? options else { return }
    options.database = "postgres"
    try? PostgresClient(name: "test", options: options, logger: World.logger)
      .run(script: "DROP DATABASE IF EXISTS \(database) WITH (FORCE)", by: .after(milliseconds: 10_000))
  }

  private var isPostgres: Bool { kind == .postgres || kind == .postgresAndMemcached }
  private var hasMemcached: Bool { kind == .sqliteAndMemcached || kind == .postgresAndMemcached }

  private static func value(_ name: String) throws -> String {
    let directory = try #require(stack, "LINERNOTES_TEST_STACK must name an instance")
    let text = try String(contentsOfFile: "\(directory)/env", encoding: .utf8)
    let line = text.split(separator: "\n").last { $0.hasPrefix("\(name)=") }
    return String(try #require(line, "\(name) in \(directory)/env").dropFirst(name.count + 1))
  }

  private var options: PostgresOptions {
    get throws {
      PostgresOptions(
        hosts: [try RealStores.value("DATABASE__HOST")], database: database,
        user: try RealStores.value("DATABASE__USER"))
    }
  }

  /// The store as another process opens it.
  func open() throws -> DocumentStore {
    let memcached =
      hasMemcached
      ? MemcachedTier([try #require(MemcachedAddress(try memcachedAddress))], patience: .unhurried) : nil
    let durable: any DurableTier
    var shared: (any CacheTier)? = memcached
    if isPostgres {
      let postgres = PostgresDurableTier(options: try options, logger: World.logger)
      try postgres.ping()
      durable = postgres
    } else {
      let file = StoreFile(StoreFile.Options(path: "\(directory)/linernotes.db"), logger: World.logger)
      durable = SQLiteDurableTier(file)
      shared = memcached ?? SQLiteTier(file)
    }
    return DocumentStore(
      shared: shared, memory: MemoryTier(limit: 1 << 20), durable: durable,
      coordination: TierCoordination(shared: shared, namespace: namespace),
      policy: .init(staleSeconds: 100_000), namespace: namespace, logger: World.logger)
  }

  private var memcachedAddress: String { get throws { try RealStores.value("MEMCACHED_SERVERS") } }

  /// A process that invalidates what the file names.
  func process(purging: Bool = true, rows: Int = 50) throws -> Process {
    let process = Process()
    process.executableURL = Bundle.main.bundleURL.deletingLastPathComponent().appending(path: "InvalidationProcess")
    for folder in [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])] {
      let url = folder.deletingLastPathComponent().appending(path: "InvalidationProcess")
      if FileManager.default.isExecutableFile(atPath: url.path) { process.executableURL = url }
    }
    let place =
      isPostgres
      ? "\(try RealStores.value("DATABASE__HOST")) \(try RealStores.value("DATABASE__USER")) \(database)"
      : "\(directory)/linernotes.db"
    process.arguments = [
      "\(directory)/changes", purging ? "\(directory)/purged" : "", place, hasMemcached ? try memcachedAddress : "",
      namespace, "\(rows)",
    ]
    return process
  }

  func write(_ albums: some Sequence<Int>) throws {
    try albums.map { "\($0)\n" }.joined().write(toFile: "\(directory)/changes", atomically: true, encoding: .utf8)
  }

  var purged: Set<Int> {
    let text = (try? String(contentsOfFile: "\(directory)/purged", encoding: .utf8)) ?? ""
    return Set(text.split(separator: "\n").compactMap { Int($0) })
  }
}

/// On PostgreSQL, SQLite and memcached, with processes that are killed.
@Suite struct RealStoreTests {
  private func document(_ text: String) -> Document {
    Document(
      parts: [.init(Fragment(Array(text.utf8))), .init(Fragment([])), .init(Fragment([]))],
      expires: .now + 100_000)
  }

  private func load(_ store: DocumentStore, _ numbers: [Int], _ text: String) throws -> [String] {
    let documents = try store.load(numbers.map(World.key), by: .after(milliseconds: 20_000)) {
      keys, _ throws(SourceError) in
      Dictionary(uniqueKeysWithValues: keys.map { ($0, document(text)) })
    }
    store.catchUp()
    return documents.map { document in
      let output = OutputBuffer()
      _ = Body(document.parts.map(\.fragment)).appendPlain(to: output)
      return String(decoding: output.bytes, as: UTF8.self)
    }
  }

  @Test(.timeLimit(.minutes(3)), arguments: RealStores.Kind.available)
  func `killed again and again, it loses nothing`(kind: RealStores.Kind) throws {
    let stores = try RealStores(kind)
    let all = Array(1...400)
    #expect(Set(try load(stores.open(), all, "old")) == ["old"])
    try stores.write(all)
    var (kills, ends) = (0, 0)
    for attempt in 0..<200 where ends == 0 {
      let process = try stores.process(rows: 5)
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      // Later each time: it gets through in the end.
      usleep(UInt32.random(in: 0...UInt32(1_000 + attempt * attempt * 150)))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { kills += 1 }
      if process.terminationReason == .exit, process.terminationStatus == 0 { ends += 1 }
    }
    #expect(kills > 2 && ends == 1, "\(kills) killed")
    #expect(stores.purged == Set(all))
    let store = try stores.open()
    #expect(Set(try load(store, all, "new")) == ["new"])
    if store.hasOwnShared {
      for key in all.map(World.key) { store.shared?.delete(store.name(of: key)) }
      #expect(Set(try load(try stores.open(), all, "must not be asked")) == ["new"])
    }
  }

  @Test(arguments: RealStores.Kind.available)
  func `a computation under way in another process cannot bring the old back`(kind: RealStores.Kind) throws {
    let stores = try RealStores(kind)
    let store = try stores.open()
    #expect(try load(store, [1], "old") == ["old"])
    try stores.write([1, 2])
    for number in [1, 2] {
      if number == 1 { store.revoke([World.key(1)]) }
      var texts = ["old", "new"][...]
      var isFirst = true
      _ = try store.load([World.key(number)], by: .after(milliseconds: 20_000)) { keys, _ throws(SourceError) in
        let text = texts.popFirst() ?? "newer"
        if isFirst {
          isFirst = false
          // It has read the old state; now that changes.
          try? FileManager.default.removeItem(atPath: "\(stores.directory)/done")
          if let process = try? stores.process() {
            process.standardOutput = FileHandle.nullDevice
            try? stores.write(number == 1 ? [1] : [1, 2])
            try? process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
          }
        }
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, document(text)) })
      }
      store.catchUp()
      #expect(try load(try stores.open(), [number], "new") == ["new"], "number \(number)")
      if let shared = store.shared, store.hasOwnShared { shared.delete(store.name(of: World.key(number))) }
      #expect(try load(try stores.open(), [number], "newest") == ["new"], "number \(number)")
    }
  }

  @Test(arguments: RealStores.Kind.available)
  func `two at once: one works, the other says so`(kind: RealStores.Kind) throws {
    guard kind != .postgres else { return }
    let stores = try RealStores(kind)
    _ = try load(stores.open(), [1], "old")
    try stores.write(1...4_000)
    let processes = try (0..<3).map { _ in try stores.process(purging: false, rows: 20) }
    for process in processes {
      process.standardOutput = FileHandle.nullDevice
      try process.run()
    }
    for process in processes { process.waitUntilExit() }
    let statuses = processes.map(\.terminationStatus).sorted()
    #expect(statuses.first == 0 && statuses.contains(3), "\(statuses)")
    #expect(try load(try stores.open(), [1], "new") == ["new"])
  }

  /// Figures for whoever asks for them: how long it takes until what has changed is revoked in both stores.
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["LINERNOTES_FIGURES"] != nil),
    arguments: RealStores.Kind.available)
  func `how long it takes`(kind: RealStores.Kind) throws {
    for count in [10, 1_000, 60_000] {
      let stores = try RealStores(kind)
      let store = try stores.open()
      for start in stride(from: 0, to: count, by: 500) {
        let numbers = start..<min(start + 500, count)
        store.put(Dictionary(uniqueKeysWithValues: numbers.map { (World.key($0), document("old \($0)")) }))
        store.catchUp()
      }
      try stores.write(0..<count)
      let process = try stores.process(purging: false, rows: 1_000)
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      process.waitUntilExit()
      print("\(kind): \(String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self))", terminator: "")
    }
  }
}
