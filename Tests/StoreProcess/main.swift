import Cache
import Core
import Documents
import Glibc
import Logging
import SQLite
import SQLiteStore

/// One of many processes that share a store, for the tests: `StoreProcess WORK FILE NUMBER TIMES`.
let words = CommandLine.arguments
guard words.count == 5, let number = UInt64(words[3]), let times = UInt64(words[4]) else { exit(2) }
let file = StoreFile(
  StoreFile.Options(path: words[2], awaitedMilliseconds: 30_000),
  logger: Logger(label: "store") { _ in SwiftLogNoOpLogHandler() })
let tier = SQLiteDurableTier(file)
let notes = SQLiteTier(file)

let document = Document(
  parts: [.init(Fragment(Array(String(repeating: "text ", count: 100).utf8)))],
  expires: UnixTime(seconds: 3_000_000_000))

@MainActor func key(_ count: UInt64) -> CacheKey {
  CacheKey(CacheKey.Kind("artist", parts: 1...1), MBID(high: number, low: count))
}

@MainActor func store(_ count: UInt64) throws {
  guard try tier.set([key(count): document], revision: try tier.revision()).isEmpty else { exit(3) }
}

func write(_ text: StaticString, to descriptor: Int32) {
  guard Glibc.write(descriptor, text.utf8Start, text.utf8CodeUnitCount) == text.utf8CodeUnitCount else { exit(4) }
}

switch words[1] {
// Stores documents and counts them.
case "count":
  for count in 0..<times {
    try store(count)
    guard notes.increment("count", by: 1, lifetime: 1_000) != nil else { exit(5) }
  }
// Says of each document that it has been stored.
case "write":
  for count in 0..<times {
    try store(count)
    write("#", to: STDOUT_FILENO)
  }
// Notes when it has a lease and when it gives it back.
case "lease":
  _ = notes.get(["any"])
  let log = open(words[2] + ".log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
  let coordination = TierCoordination(shared: notes, namespace: "test")
  var left = times
  while left > 0 {
    guard case .held(let lease) = coordination.acquire("work", seconds: 60) else {
      usleep(.random(in: 500...3_000))
      continue
    }
    write("B", to: log)
    write("E", to: log)
    coordination.release(lease)
    left -= 1
  }
// Stores what there is room for: no file may be larger than so many KiB.
case "limited":
  var limit = rlimit(rlim_cur: rlim_t(number * 1_024), rlim_max: rlim_t(number * 1_024))
  setrlimit(__rlimit_resource_t(1), &limit)
  signal(SIGXFSZ, SIG_IGN)
  let random = open("/dev/urandom", O_RDONLY | O_CLOEXEC)
  var (stored, last) = (0, UInt64(0))
  for count in 0..<times {
    var text = [UInt8](repeating: 0, count: 40_000)
    read(random, &text, text.count)
    let large = Document(parts: [.init(Fragment(text))], expires: UnixTime(seconds: 3_000_000_000))
    do {
      guard try tier.set([key(count): large], revision: try tier.revision()).isEmpty else { exit(3) }
      stored += 1
      last = count
    } catch {
      usleep(2_000)
    }
    tier.tend { false }
  }
  // However little room there is, what was stored is read; what is older may have made room.
  // A file that has failed is left alone for a moment.
  var (isThere, tries) = (stored == 0, 0)
  while !isThere {
    if let found = try? tier.get([key(last)]) { isThere = found[0] != nil }
    tries += 1
    guard isThere || tries < 300 else { exit(6) }
    if !isThere { usleep(20_000) }
  }
  print(stored, file.notice ?? "-")
  guard number < 1_000 || stored > 0 else { exit(7) }
// Reads as somebody who may not write.
case "read":
  guard setgid(65_534) == 0, setuid(65_534) == 0 else { exit(8) }
  guard try tier.get([key(0)])[0] != nil else { exit(9) }
  guard (try? tier.revision()) == nil, file.notice != nil else { exit(10) }
default: exit(2)
}
