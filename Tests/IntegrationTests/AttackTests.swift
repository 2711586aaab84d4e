import Core
import Foundation
import Glibc
import Testing

/// A master with workers of the test's own, on the databases of an instance.
final class PrivatePool {
  let socket = NSTemporaryDirectory() + "linernotes-\(UUID().uuidString.prefix(13)).sock"
  let log: Temporary
  private let process = Process()

  init(_ stack: Stack, workers: Int, _ settings: [String: String] = [:]) throws {
    log = try Temporary()
    process.executableURL = URL(fileURLWithPath: try stack.value("POOL_BINARY"))
    // Also for an nginx whose workers run as another user than a test that is root.
    process.arguments = ["serve", "--socket", socket, "--workers", "\(workers)", "--socket-mode", "666"]
    process.environment = stack.environment.filter { $0.key.hasPrefix("DATABASE__") || $0.key == "MEMCACHED_SERVERS" }
      .merging([
        "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no",
        // Not in the home directory of whoever tests.
        "CACHE__POSTGRES_URL": "sqlite:///:memory:",
      ]) { $1 }
      .merging(settings) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: log.url)
    process.standardError = process.standardOutput
    try process.run()
    try eventually("\(workers) workers") { try self.workers().count == workers && self.answers() }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  func workers() throws -> Set<Int32> {
    let children = try Command.run("/usr/bin/pgrep", ["-P", "\(process.processIdentifier)"])
    return Set(String(decoding: children.output, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) })
  }

  var master: Int32 { process.processIdentifier }

  func times(_ message: String) throws -> Int {
    try String(contentsOf: log.url, encoding: .utf8).components(separatedBy: message).count - 1
  }

  func connect() throws -> Int32 {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    SocketTimeout.set(on: descriptor, milliseconds: 60_000)
    let status = UnixSocketAddress(path: socket)?.withPointer { Glibc.connect(descriptor, $0, $1) }
    guard status == 0 else {
      close(descriptor)
      throw POSIXError(.ECONNREFUSED)
    }
    return descriptor
  }

  /// All that comes until the other side closes the connection or falls silent.
  func receive(from descriptor: Int32) -> String {
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = recv(descriptor, &piece, piece.count, 0), count > 0 { answer += piece[..<count] }
    return String(decoding: answer, as: UTF8.self)
  }

  func ask(_ bytes: [UInt8]) throws -> String {
    let descriptor = try connect()
    defer { close(descriptor) }
    FastCGI.send(bytes, to: descriptor)
    return receive(from: descriptor)
  }

  /// Whether an ordinary request is answered.
  func answers() -> Bool {
    let request = FastCGI.request("GET", "/nosuch", keep: false)
    let answer = try? ask(request)
    return answer.map { $0.contains("Status: 404") || $0.contains("Status: 401") } ?? false
  }

  func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    for _ in 0..<600 {
      if try condition() { return }
      usleep(50_000)
    }
    Issue.record("never: \(what): \(try String(contentsOf: log.url, encoding: .utf8))")
  }
}

enum FastCGI {
  static func send(_ bytes: [UInt8], to descriptor: Int32) {
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  static func record(_ type: UInt8, _ content: [UInt8], request: UInt8 = 1) -> [UInt8] {
    [1, type, 0, request, UInt8(content.count >> 8), UInt8(content.count & 0xff), 0, 0] + content
  }

  static func pair(_ name: String, _ value: String) -> [UInt8] {
    [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
  }

  static func head(_ method: String, _ uri: String, length: String = "", keep: Bool = true) -> [UInt8] {
    record(1, [0, 1, keep ? 1 : 0, 0, 0, 0, 0, 0])
      + record(4, pair("REQUEST_METHOD", method) + pair("REQUEST_URI", uri) + pair("CONTENT_LENGTH", length))
      + record(4, [])
  }

  static func request(_ method: String, _ uri: String, length: String = "", keep: Bool = true) -> [UInt8] {
    head(method, uri, length: length, keep: keep) + record(5, [])
  }
}

/// A web server that means ill, or is broken: it must not cost others more than the time that is meant for it.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct AttackTests {
  static let fingerprint = FastCGI.head("POST", "/search/fingerprint", length: "1000")

  static let attacks: [(String, [UInt8])] = [
    ("four names asked for behind the head", FastCGI.record(9, names(4), request: 0)),
    ("forty names asked for", FastCGI.record(9, names(40), request: 0)),
    ("a name of 2 GB asked for", FastCGI.record(9, [0xff, 0xff, 0xff, 0xff, 1], request: 0)),
    ("a value of 2 GB asked for", FastCGI.record(9, [1, 0xff, 0xff, 0xff, 0xff, 65], request: 0)),
    ("a second beginning", FastCGI.record(1, [0, 1, 0, 0, 0, 0, 0, 0])),
    ("parameters of 2 GB behind the head", FastCGI.record(4, [0xff, 0xff, 0xff, 0xff, 1])),
    ("a request that is given up", FastCGI.record(2, [])),
    ("a record that nobody knows", FastCGI.record(200, [1, 2, 3, 4])),
  ]

  static func names(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in FastCGI.pair("FCGI_MAX_CONNS", "") } }

  @Test func `attacks cost no worker, and the pool answers at once afterwards`() throws {
    let pool = try PrivatePool(.content, workers: 4)
    let before = try pool.workers()
    for (name, bytes) in AttackTests.attacks {
      for head in [FastCGI.head("GET", "/nosuch"), AttackTests.fingerprint + FastCGI.record(5, [91])] {
        // With the head, and when that has been taken in.
        for isLater in [false, true] {
          let attackers = try (0..<24).map { _ in try pool.connect() }
          defer { for attacker in attackers { close(attacker) } }
          for attacker in attackers { FastCGI.send(isLater ? head : head + bytes, to: attacker) }
          if isLater { for attacker in attackers { FastCGI.send(bytes, to: attacker) } }
          let start = Deadline.monotonicNanoseconds()
          #expect(pool.answers(), "\(name)")
          #expect(Deadline.monotonicNanoseconds() - start < 5_000_000_000, "\(name)")
        }
      }
    }
    #expect(try pool.workers() == before)
    #expect(try pool.times("worker died") == 0)
  }

  @Test(arguments: ["-2", "-1", "-9223372036854775808", "9223372036854775808", "12x", "1e9"])
  func `a length of the body that is none is answered with 400`(length: String) throws {
    let pool = try PrivatePool(.content, workers: 1)
    let before = try pool.workers()
    for method in ["POST", "GET"] {
      let answer = try pool.ask(FastCGI.request(method, "/search/fingerprint", length: length, keep: false))
      #expect(answer.contains("Status: 400") && answer.contains(#"{"error":"Not a request"}"#))
    }
    #expect(try pool.workers() == before)
  }

  @Test func `what drips holds a worker for a few seconds and no longer`() throws {
    let pool = try PrivatePool(.content, workers: 2)
    let before = try pool.workers()
    let dripping = try (0..<4).map { _ in try pool.connect() }
    let isOver = NSLock()
    isOver.lock()
    let thread = Thread {
      for (index, descriptor) in dripping.enumerated() where index % 2 == 0 {
        FastCGI.send(AttackTests.fingerprint + [1, 5, 0, 1, 3, 0xe8, 0, 0], to: descriptor)
      }
      while !isOver.try() {
        for (index, descriptor) in dripping.enumerated() { FastCGI.send([index % 2 == 0 ? 91 : 1], to: descriptor) }
        usleep(200_000)
      }
      for descriptor in dripping { close(descriptor) }
    }
    thread.start()
    defer { isOver.unlock() }
    #expect(pool.answers())
    #expect(try pool.workers() == before)
  }

  @Test func `a worker without descriptors waits for one, says so once, and goes on`() throws {
    let pool = try PrivatePool(.content, workers: 1)
    let worker = try #require(try pool.workers().first)
    // Standard input, output and error, and the descriptor of signals.
    try #require(try Command.run("/usr/bin/prlimit", ["--pid", "\(worker)", "--nofile=4:"]).status == 0)
    let connection = try pool.connect()
    try pool.eventually("it says so") { try pool.times("cannot accept connections") > 0 }
    func ticks() throws -> Int {
      let fields = try String(contentsOfFile: "/proc/\(worker)/stat", encoding: .utf8).components(separatedBy: ") ")[1]
        .split(separator: " ")
      return try #require(Int(fields[11])) + (try #require(Int(fields[12])))
    }
    let before = try ticks()
    usleep(1_000_000)
    #expect(try ticks() - before < 30, "of the 100 that a second has")
    #expect(try pool.times("cannot accept connections") == 1)
    try #require(try Command.run("/usr/bin/prlimit", ["--pid", "\(worker)", "--nofile=1024:"]).status == 0)
    close(connection)
    #expect(pool.answers())
    #expect(try pool.workers() == [worker])
  }

  @Test func `a HUP during a roll-over is followed by another`() throws {
    let pool = try PrivatePool(.content, workers: 2)
    let before = try pool.workers()
    kill(pool.master, SIGHUP)
    try pool.eventually("it begins") { try pool.times("starting new workers") == 1 }
    kill(pool.master, SIGHUP)
    try pool.eventually("it begins once more") { try pool.times("starting new workers") == 2 }
    try pool.eventually("both are over") { try pool.times("old workers retired") == 2 }
    try pool.eventually("the workers are new") {
      let now = try pool.workers()
      return now.count == 2 && now.isDisjoint(with: before)
    }
    #expect(pool.answers())
  }

  @Test func `nothing that master or worker start inherits the listening socket from them`() throws {
    let pool = try PrivatePool(.content, workers: 1)
    func target(_ process: Int32, _ name: String) -> String? {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(name)")
    }
    let worker = try #require(try pool.workers().first)
    let listener = try #require(target(worker, "0"))
    for process in [pool.master, worker] {
      let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
        .filter { target(process, $0) == listener }
      #expect(names.count == 1)
      for name in names {
        let text = try String(contentsOfFile: "/proc/\(process)/fdinfo/\(name)", encoding: .utf8)
        let flags = text.split(separator: "\n").first { $0.hasPrefix("flags:") }?.split(separator: "\t").last
        #expect(Int(flags ?? "", radix: 8).map { $0 & Int(O_CLOEXEC) != 0 } == true)
      }
    }
  }
}
