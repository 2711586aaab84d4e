import Core
import Logging
import Testing

@testable import Cache
@testable import Handlers

/// What `/health` says of the whole.
@Suite struct HealthTests {
  typealias State = Component.State

  static let database = State(isUp: true, detail: "schema 31", canAnswer: true)
  static let oldDatabase = State(isUp: true, detail: "schema 31", notice: "90 days", canAnswer: true)
  static let memcached = State(isUp: true, detail: "memcached", canAnswer: true)
  static let memory = State(isUp: true, detail: "memory of each process")
  static let search = State(isUp: true, detail: "index, fresh")
  static let noIndex = State(isUp: false, detail: "has to be built", isToBeSetUp: true)
  static let durable = State(isUp: true, detail: "PostgreSQL", canAnswer: true)
  static let away = State(isUp: false, detail: "away")

  @Test(
    arguments: [
      ([database, memcached, search, durable], .healthy),
      ([database, memory, search], .healthy),
      ([oldDatabase, memcached, search, durable], .degraded),
      ([database, away, search, durable], .degraded),
      ([database, memcached, noIndex, durable], .degraded),
      ([database, memcached, search, away], .degraded),
      // What is stored can be served.
      ([away, memcached, away, away], .degraded),
      ([away, memory, search, durable], .degraded),
      // Everything can be computed.
      ([database, away, away, away], .degraded),
      // What was found could not be told, and what a process remembers is soon forgotten.
      ([away, memory, search], .unhealthy),
      ([away, memory, search, away], .unhealthy),
      ([away, away, search, away], .unhealthy),
      ([away, away, away, away], .unhealthy),
    ] as [([State], Health)])
  func `the whole is what its parts can do`(_ states: [State], _ expected: Health) {
    #expect(Health(states, heedingNotices: true) == expected)
  }

  @Test func `a notice is told in the detail and makes the whole degraded, not the part`() throws {
    let server = Server([Component("musicbrainz") { HealthTests.oldDatabase }])
    let health = try server.object("health")
    #expect(health["status"].text == "degraded")
    let component = health["components"]["musicbrainz"]
    #expect(component["status"].text == "up" && component["detail"].text == "schema 31, 90 days")
    #expect(try server.object("")["status"].text == "healthy")
  }

  @Test func `what answers go out without makes nothing worse`() {
    var provider = HealthTests.away
    provider.isEssential = false
    #expect(Health([HealthTests.database, provider], heedingNotices: true) == .healthy)
  }

  @Test func `a part tells how long it took, since when it is so, its numbers and its last error`() throws {
    var state = State(isUp: false, detail: "broken \"\n")
    let server = Server([
      Component("a") { state },
      Component("b") { _ in
        var state = State(isUp: true, detail: "")
        state.figures = [("waiting", 3)]
        return state
      },
    ])
    let first = try server.object("health")["components"]
    #expect(first["a"]["last_error"].text == "broken \"\n")
    #expect(first["a"]["since"].text == "2026-01-01T00:00:00+00:00")
    #expect(first["b"]["waiting"].int == 3 && first["b"]["last_error"].isNull)
    guard case .number = first["a"]["latency_ms"] else { throw Mismatch() }
    state = State(isUp: true, detail: "again")
    server.now = server.now + 100
    let second = try server.object("health")["components"]
    #expect(second["a"]["status"].text == "up" && second["a"]["since"].text == "2026-01-01T00:01:40+00:00")
    #expect(second["a"]["last_error"].text == "broken \"\n")
    #expect(second["a"]["last_error_at"].text == "2026-01-01T00:00:00+00:00")
    #expect(second["b"]["since"].text == "2026-01-01T00:00:00+00:00")
  }

  @Test func `liveness asks nothing of any part, readiness all of them`() throws {
    var looks = 0
    let server = Server([
      Component("a") {
        looks += 1
        return HealthTests.away
      }
    ])
    #expect(try server.object("health", "live") == .object(["status": .string("up")]))
    #expect(looks == 0)
    #expect(server.response("health", "ready").status == 503)
    #expect(looks == 1)
    #expect(Server([Component("a") { HealthTests.memcached }]).response("health", "ready").status == 200)
  }

  @Test func `the parts are for this machine, for whom nginx lets in, and for the key`() throws {
    func sees(_ parameters: [String: String]) throws -> Bool {
      var parameters = parameters
      parameters["REQUEST_METHOD"] = "GET"
      parameters["REQUEST_URI"] = "/health"
      let request = try #require(Request(parameters: { parameters["\($0)"] }))
      let server = Server([Component("a") { HealthTests.memcached }])
      return try server.object(request)["components"].isObject
    }
    #expect(try sees(["REMOTE_ADDR": "127.0.0.1"]))
    #expect(try sees(["REMOTE_ADDR": "::1"]))
    #expect(try !sees(["REMOTE_ADDR": "192.0.2.1"]))
    #expect(try !sees([:]))
    #expect(try !sees(["REMOTE_ADDR": "nonsense"]))
    // A proxy on this machine speaks for somebody else.
    #expect(try !sees(["REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"]))
    // Nor may another site's page, in the browser of somebody who may.
    #expect(try !sees(["REMOTE_ADDR": "127.0.0.1", "HTTP_ORIGIN": "https://evil.example", "HTTP_HOST": "127.0.0.1"]))
    #expect(try sees(["REMOTE_ADDR": "127.0.0.1", "HTTP_ORIGIN": "http://127.0.0.1", "HTTP_HOST": "127.0.0.1"]))
    #expect(try sees(["REMOTE_ADDR": "192.0.2.1", "HTTP_X_API_KEY": "secret"]))
    #expect(try !sees(["REMOTE_ADDR": "192.0.2.1", "HTTP_X_API_KEY": "secreT"]))
    // nginx in front says who is who; a client's header cannot.
    #expect(try sees(["LINERNOTES_FRONT": "nginx", "LINERNOTES_INTERNAL": "1", "REMOTE_ADDR": "10.0.0.1"]))
    #expect(try !sees(["LINERNOTES_FRONT": "nginx", "LINERNOTES_INTERNAL": "", "REMOTE_ADDR": "127.0.0.1"]))
    #expect(try !sees(["LINERNOTES_FRONT": "nginx", "HTTP_LINERNOTES_INTERNAL": "1", "REMOTE_ADDR": "10.0.0.1"]))
  }

  @Test func `parts that hang hold up nobody for long, and what was not looked at is told as it was`() {
    var hangs = false
    let slow = (0..<5).map { number in
      Component("slow\(number)") { deadline in
        guard hangs else { return HealthTests.database }
        while !deadline.hasPassed {}
        return HealthTests.away
      }
    }
    let watch = HealthWatch(
      slow, history: ComponentHistory(tier: nil, namespace: ""), longestForAll: 400, longestForOne: 150)
    #expect(watch.look().health == .healthy)
    hangs = true
    let start = Deadline.monotonicNanoseconds()
    let report = watch.look()
    // Five of them would take 750 ms, if there were no limit for all.
    #expect(Deadline.monotonicNanoseconds() - start < 5_000_000_000)
    #expect(!report.entries[0].state.isUp && report.entries[4].state.isUp)
    #expect(report.entries[4].microseconds == nil)
    #expect(report.entries[4].state.detail.hasPrefix("not looked at"))
    #expect(report.health == .degraded)
  }

  // MARK: - What is remembered

  @Test func `one process tells what another has seen`() {
    let tier = MemoryTier(limit: 1 << 20)
    var now = UnixTime(seconds: 1_000)
    let (first, second) = (
      ComponentHistory(tier: tier, namespace: "x", now: { now }),
      ComponentHistory(tier: tier, namespace: "x", now: { now })
    )
    _ = first.note([("a", HealthTests.memcached), ("b", HealthTests.away)])
    now = now + 50
    let seen = second.note([("a", HealthTests.memcached), ("b", HealthTests.memcached)])
    #expect(seen[0].since.seconds == 1_000 && seen[1].since.seconds == 1_050)
    #expect(seen[1].lastError?.text == "away" && seen[1].lastError?.time.seconds == 1_000)
    now = now + 50
    #expect(first.note([("b", HealthTests.memcached)])[0].since.seconds == 1_050)
  }

  @Test func `what a process has seen while the tier was away is told after it is back, and what is no record is none`()
  {
    let tier = MemoryTier(limit: 1 << 20)
    var now = UnixTime(seconds: 1_000)
    let history = ComponentHistory(tier: tier, namespace: "x", now: { now })
    _ = history.note([("a", HealthTests.memcached)])
    let old = tier.get(["x:health:a"])[0]
    now = now + 10
    _ = history.note([("a", HealthTests.away)])
    // As if it had not heard of that.
    tier.set([CacheItem("x:health:a", old ?? [], lifetime: 100)])
    now = now + 10
    #expect(history.note([("a", HealthTests.away)])[0].since.seconds == 1_010)
    for garbage in ["", "up", "up x", "sideways 5", "down 5 5", "up -1", "up 99999999999999999999", "\u{0}"] {
      tier.set([CacheItem("x:health:a", Array(garbage.utf8), lifetime: 100)])
      let fresh = ComponentHistory(tier: tier, namespace: "x", now: { now })
      #expect(fresh.note([("a", HealthTests.memcached)])[0].since == now, "\(garbage)")
    }
    // A time to come is another host's clock.
    tier.set([CacheItem("x:health:a", Array("up 9000".utf8), lifetime: 100)])
    let fresh = ComponentHistory(tier: tier, namespace: "x", now: { now })
    #expect(fresh.note([("a", HealthTests.memcached)])[0].since == now)
  }

  @Test func `a detail that counts seconds is not written at every look`() {
    let tier = MemoryTier(limit: 1 << 20)
    var now = UnixTime(seconds: 1_000)
    let history = ComponentHistory(tier: tier, namespace: "x", now: { now })
    _ = history.note([("a", State(isUp: false, detail: "failed 1 s ago"))])
    let version = tier.read(["x:health:a"])[0].version
    now = now + 1
    _ = history.note([("a", State(isUp: false, detail: "failed 2 s ago"))])
    #expect(tier.read(["x:health:a"])[0].version == version)
    now = now + 60
    #expect(
      history.note([("a", State(isUp: false, detail: "failed 62 s ago"))])[0].lastError?.text == "failed 62 s ago")
    #expect(tier.read(["x:health:a"])[0].version != version)
  }

  @Test func `until when a provider is left alone is told`() {
    let coordination = TierCoordination(shared: MemoryTier(limit: 1 << 20), namespace: "x")
    coordination.pause("fanart", seconds: 60)
    #expect(coordination.arePaused(["fanart", "caa"]) == [true, false])
    let until = coordination.pausedUntil(["fanart", "caa"])
    #expect(until[1] == nil && abs((until[0] ?? UnixTime(seconds: 0)) - UnixTime.now - 60) <= 1)
    let condition = Breaker(coordination).conditions(of: ["fanart"])[0]
    #expect(condition.isPaused && condition.pausedUntil == until[0])
  }

  struct Mismatch: Error {}

  /// The routes of `/` and `/health`, at a time of its own.
  final class Server {
    var now = UnixTime(seconds: 1_767_225_600)
    private var router: Router?

    init(_ components: [Component]) {
      let build = BuildInfo(version: "1")
      let watch = HealthWatch(
        components,
        history: ComponentHistory(tier: nil, namespace: "") { [unowned self] in now })
      router = Router(
        roots: [],
        routes: InfoHandler(build: build, watch: watch, vintage: { "2026-07-24T10:00:00+00:00" }).routes
          + HealthHandler(build: build, watch: watch, key: "secret").routes,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func response(_ path: String...) -> Response { response(path) }

    private func response(_ path: [String]) -> Response {
      var visitor = Visitor()
      visitor.isInternal = true
      return respond(
        Request(method: "GET", path: path.filter { !$0.isEmpty }, query: Query(""), visitor: visitor))
    }

    private func respond(_ request: Request) -> Response { router?.respond(to: request) ?? .internalError }

    func object(_ path: String...) throws -> JSONValue { try object(response(path)) }
    func object(_ request: Request) throws -> JSONValue { try object(respond(request)) }

    private func object(_ response: Response) throws -> JSONValue {
      guard case .json(let bytes) = response.payload, let object = JSONValue(bytes) else { throw Mismatch() }
      return object
    }
  }
}
