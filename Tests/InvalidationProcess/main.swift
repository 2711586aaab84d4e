import Cache
import Core
import Freshness
import Glibc
import Logging
import Memcached
import Metadata
import Postgres
import PostgresStore
import SQLiteStore

/// A process that invalidates once: `InvalidationProcess CHANGES PURGED STORE MEMCACHED NAMESPACE ROWS`.
///
/// Each line of CHANGES is the number of an album that changed; what is purged is written to PURGED. STORE is
/// `HOST USER DATABASE` of a PostgreSQL, or the path of a SQLite file. MEMCACHED may be empty.
let words = CommandLine.arguments
guard words.count == 7, let rows = Int(words[6]) else { exit(2) }

func lines(of path: String) -> [String] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var lines: [String] = []
  var (line, space) = (UnsafeMutablePointer<CChar>?.none, 0)
  defer { free(line) }
  while case let count = getline(&line, &space, file), count > 0, let text = line {
    lines.append(String(String(cString: text).dropLast()))
  }
  return lines
}

final class FileChanges: ChangeSource {
  let albums: [UInt64]

  init(_ path: String) { albums = lines(of: path).compactMap { UInt64($0) } }

  func feed(by deadline: Deadline) throws(SourceError) -> ChangeFeed { .packets }
  func position(since time: UnixTime, by deadline: Deadline) throws(SourceError) -> String { "0" }

  func changes(after position: String?, limit: Int, by deadline: Deadline) throws(SourceError) -> ChangeBatch {
    let start = min(albums.count, position.flatMap { Int($0) } ?? 0)
    let end = min(albums.count, start + limit)
    var changes = EntityChanges()
    changes.albums = Set(albums[start..<end].map { MBID(high: 9, low: $0) })
    return ChangeBatch(changes: changes, position: String(end), isLast: end == albums.count, rows: end - start)
  }
}

final class FilePurging: Purging {
  let descriptor: Int32

  init(_ path: String) { descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) }

  func purge(_ changes: EntityChanges) throws(SourceError) {
    let text = Array(changes.albums.map { "\($0.low)\n" }.joined().utf8)
    guard write(descriptor, text, text.count) == text.count else { throw SourceError(.failed, "cannot be written") }
  }
}

let logger = Logger(label: "invalidation") { _ in SwiftLogNoOpLogHandler() }
let place = words[3].split(separator: " ").map(String.init)
let durable: any DurableTier
var shared: (any CacheTier)? = MemcachedAddress(words[4]).flatMap { MemcachedTier([$0], patience: .unhurried) }
if place.count == 3 {
  durable = PostgresDurableTier(
    options: PostgresOptions(hosts: [place[0]], database: place[2], user: place[1]), logger: logger)
} else {
  let file = StoreFile(StoreFile.Options(path: words[3], awaitedMilliseconds: 30_000), logger: logger)
  durable = SQLiteDurableTier(file)
  shared = shared ?? SQLiteTier(file)
}
let coordination = TierCoordination(shared: shared, namespace: words[5])
let store = DocumentStore(
  shared: shared, memory: MemoryTier(limit: 1 << 20), durable: durable, coordination: coordination,
  policy: .init(staleSeconds: 100_000), namespace: words[5], logger: logger)
var options = Invalidator.Options()
options.rows = rows
options.leaseSeconds = 1
let invalidator = Invalidator(
  FileChanges(words[1]), store: store, coordination: coordination,
  purging: words[2].isEmpty ? nil : FilePurging(words[2]), options: options, logger: logger)
do throws(SourceError) {
  let start = Deadline.monotonicNanoseconds()
  let run = try invalidator.run(until: .after(milliseconds: 600_000, awaited: false))
  let milliseconds = (Deadline.monotonicNanoseconds() - start) / 1_000_000
  print("\(run.count) \(milliseconds) ms")
  if case .occupied = run.ending { exit(3) }
  exit(run.missed.isEmpty ? 0 : 4)
} catch {
  print("\(error)")
  exit(5)
}
