import Cache
import Core
import Foundation
import Memcached
import Testing

@testable import Providers

@Suite struct GateTests {
  final class Clock {
    var milliseconds: Int64 = 1_800_000_000_000
  }

  let clock = Clock()
  let pool: MemoryTier

  init() {
    pool = MemoryTier(limit: 1 << 20) { [clock] in UnixTime(seconds: clock.milliseconds / 1_000) }
  }

  func gate(_ limiter: Gate.Limiter = .nobody, requests: Int = 5, milliseconds: Int = 10_000) -> Gate {
    Gate(
      limiter: limiter, limit: .init(requests: requests, windowMilliseconds: milliseconds),
      limits: ["tadb": .init(requests: 2, windowMilliseconds: milliseconds)],
      coordination: TierCoordination(shared: pool, namespace: "lm3.7")
    ) { [clock] in clock.milliseconds }
  }

  func verdict(_ gate: Gate, _ provider: String = "fanart", isAwaited: Bool = true) -> Gate.Verdict? {
    gate.verdicts(on: [provider], isAwaited: isAwaited)[provider]
  }

  // MARK: - Limits

  @Test func `the null limiter limits nothing`() {
    let gate = gate(requests: 1)
    #expect((0..<100).allSatisfy { _ in gate.admit("fanart") })
  }

  @Test func `the simple limiter admits so many in any window, per process and provider`() {
    let gate = gate(.process, requests: 3)
    #expect((0..<5).map { _ in gate.admit("fanart") } == [true, true, true, false, false])
    #expect((0..<3).map { _ in gate.admit("tadb") } == [true, true, false])
    #expect(self.gate(.process, requests: 3).admit("fanart"))
    clock.milliseconds += 9_999
    #expect(!gate.admit("fanart"))
    clock.milliseconds += 1
    #expect(gate.admit("fanart"))
  }

  @Test func `the pool's limiter counts all processes together, window by window`() {
    let gates = (0..<4).map { _ in gate(.pool, requests: 6) }
    let admitted = (0..<5).flatMap { _ in gates.map { $0.admit("fanart") } }
    #expect(admitted.filter(\.self).count == 6)
    #expect(gates.map { $0.admit("tadb") } == [true, true, false, false])
    clock.milliseconds += 10_000
    #expect(gates.map { $0.admit("fanart") } == [true, true, true, true])
  }

  @Test func `the pool's counters have the names that the original's operators know`() {
    _ = gate(.pool).admit("fanart")
    #expect(pool.get(["lm3.7:ratelimit:fanart:\(clock.milliseconds / 10_000)"]) == [Array("1".utf8)])
  }

  @Test func `without the shared tier the pool's limiter counts the process`() {
    let gate = Gate(
      limiter: .pool, limit: .init(requests: 2, windowMilliseconds: 60_000),
      coordination: TierCoordination(shared: MemoryTier(limit: 0), namespace: "x"))
    #expect((0..<3).map { _ in gate.admit("fanart") } == [true, true, false])
  }

  @Test(.enabled(if: Memcached.path != nil, "no memcached here"))
  func `several processes' handles on one memcached never exceed the limit together`() throws {
    let server = try Memcached()
    defer { server.stop() }
    let now = UnixTime.nowMilliseconds
    let gates = (0..<5).compactMap { _ in
      MemcachedTier([.socket(path: server.socket)], patience: .unhurried).map {
        Gate(
          limiter: .pool, limit: .init(requests: 20, windowMilliseconds: 3_600_000),
          coordination: TierCoordination(shared: $0, namespace: "t")
        ) { now }
      }
    }
    #expect(gates.count == 5)
    let admitted = (0..<10).flatMap { _ in gates.map { $0.admit("fanart") } }
    #expect(admitted.filter(\.self).count == 20)
    #expect(!admitted.prefix(20).contains(false))
  }

  // MARK: - The circuit breaker

  func fail(_ gate: Gate, _ times: Int = 1) {
    for _ in 0..<times { gate.report("fanart", hasSucceeded: false, failures: Gate.failurePoints) }
  }

  @Test func `after repeated failures anywhere in the pool nobody asks, until a probe succeeds`() {
    let (one, two) = (gate(), gate())
    fail(one, 3)
    #expect(verdict(two) == .open)
    fail(two, 2)
    #expect(verdict(one) == .closed(isWorthProbing: false))
    #expect(verdict(two, isAwaited: false) == .closed(isWorthProbing: false))
    #expect(verdict(two, "tadb") == .open)

    clock.milliseconds += 30_000
    #expect(verdict(one) == .closed(isWorthProbing: true), "no client waits for a probe")
    #expect(verdict(one, isAwaited: false) == .probing)
    #expect(verdict(two, isAwaited: false) == .closed(isWorthProbing: false), "one probes, not all")

    one.report("fanart", hasSucceeded: true, failures: 0)
    #expect(verdict(two) == .open)
    fail(two, 4)
    #expect(verdict(two) == .open, "what was before the success is forgotten")
  }

  @Test func `a probe that fails keeps it closed, for longer each time`() {
    let gate = gate()
    fail(gate, 5)
    for seconds in [30, 60, 120, 240, 480, 600, 600] as [Int64] {
      clock.milliseconds += (seconds - 1) * 1_000
      #expect(verdict(gate, isAwaited: false) == .closed(isWorthProbing: false))
      clock.milliseconds += 1_000
      #expect(verdict(gate, isAwaited: false) == .probing)
      gate.report("fanart", hasSucceeded: false, failures: Gate.impatientPoints)
    }
  }

  @Test func `a success between failures begins the count anew`() {
    let gate = gate()
    for _ in 0..<10 {
      fail(gate, 4)
      _ = verdict(gate)
      gate.report("fanart", hasSucceeded: true, failures: Gate.failurePoints)
    }
    #expect(verdict(gate) == .open)
  }

  @Test func `failures long past are forgotten`() {
    let gate = gate()
    fail(gate, 4)
    clock.milliseconds += 301_000
    fail(gate, 1)
    #expect(verdict(gate) == .open)
  }

  @Test func `Retry-After is kept by the whole pool, to the second, and needs no probe`() {
    let (one, two) = (gate(), gate())
    one.pause("fanart", seconds: 90)
    clock.milliseconds += 89_000
    #expect(verdict(two, isAwaited: false) == .closed(isWorthProbing: false))
    clock.milliseconds += 1_000
    #expect(verdict(two) == .open)
    one.pause("fanart", seconds: .max)
    clock.milliseconds += 86_400_000
    #expect(verdict(two) == .open, "not for longer than a day")
  }

  @Test func `what somebody else has put under its keys does no harm`() {
    let gate = gate()
    for bytes in [[], [0xff, 0x00], Array("x y z".utf8), Array("0 9223372036854775807 1".utf8)] as [[UInt8]] {
      for name in ["pause", "failures", "strikes"] {
        pool.set([CacheItem("lm3.7:\(name):fanart", bytes, lifetime: 100)])
      }
      #expect(verdict(gate) == .open)
      fail(gate)
    }
  }
}

/// A memcached of the test's own, on a socket in a directory of its own.
final class Memcached {
  static let path = ["/usr/bin/memcached", "/usr/local/bin/memcached"].first(
    where: FileManager.default.isExecutableFile)

  struct NotStarted: Error {}

  let socket: String
  private let directory: URL
  private let process = Process()

  init() throws {
    guard let path = Memcached.path else { throw NotStarted() }
    directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    socket = directory.appending(path: "m").path
    process.executableURL = URL(filePath: path)
    process.arguments = ["-s", socket, "-U", "0", "-m", "16", "-u", NSUserName()]
    try process.run()
    let deadline = Deadline.after(milliseconds: 5_000)
    // The socket is there a moment before anybody listens on it, and whoever is refused then leaves it alone.
    while !answers {
      guard process.isRunning, !deadline.hasPassed else { throw NotStarted() }
      usleep(5_000)
    }
  }

  /// Asked of a handle of its own each time.
  private var answers: Bool {
    MemcachedTier([.socket(path: socket)])?.add(CacheItem("started", [1], lifetime: 1)) ?? .unavailable != .unavailable
  }

  func stop() {
    kill(process.processIdentifier, SIGKILL)
    try? FileManager.default.removeItem(at: directory)
  }
}
