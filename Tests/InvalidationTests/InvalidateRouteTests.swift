import Core
import Documents
import Glibc
import Logging
import Metadata
import Testing

@testable import Cache
@testable import Freshness
@testable import Handlers

/// `/invalidate`: who may, since when, and what is answered.
@Suite struct InvalidateRouteTests {
  let world = World()

  func router(_ invalidator: Invalidator?, key: String? = "secret", urlBase: String = "https://example.org") -> Router {
    let handler = InvalidateHandler(
      invalidation: Invalidation(invalidator: invalidator, urlBase: urlBase),
      limits: Limits(requestDeadline: 1_000, key: key), now: { [world] in world.clock.time })
    return Router(roots: ["/api/v0.4"], routes: handler.routes, logger: World.logger)
  }

  func ask(
    _ router: Router, _ method: String = "POST", _ query: String = "",
    key: (name: String, value: String)? = ("HTTP_X_API_KEY", "secret")
  ) throws -> Response {
    var parameters = ["REQUEST_METHOD": method, "REQUEST_URI": "/api/v0.4/invalidate?\(query)", "QUERY_STRING": query]
    if let key { parameters[key.name] = key.value }
    return router.respond(to: try #require(Request { parameters["\($0)"] }))
  }

  func text(_ response: Response) -> String {
    guard case .json(let bytes) = response.payload else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: ["GET", "POST"])
  func `what changed is listed, and how much it is; the second time nothing is`(method: String) throws {
    try world.run()
    world.change([World.album(1), World.album(2)], to: "new")
    let router = router(world.invalidator())
    let response = try ask(router, method)
    #expect(response.status == 200 && response.caching == .none && response.totalCount == 2)
    let base = "https://example.org/album"
    #expect(text(response) == #"["\#(base)/\#(World.album(1))","\#(base)/\#(World.album(2))"]"#)
    #expect(try text(ask(router, method)) == "[]")
  }

  @Test func `HEAD, which tells what GET would, is none of it`() throws {
    let response = try ask(router(world.invalidator()), "HEAD")
    #expect(response.status == 405 && response.allow == "GET, OPTIONS, POST")
    #expect(try ask(router(world.invalidator()), "OPTIONS").allow == "GET, OPTIONS, POST")
    #expect(world.source.questions == 0)
  }

  @Test(
    arguments: [
      (("HTTP_X_API_KEY", "secret"), 200), (("HTTP_AUTHORIZATION", "secret"), 200),
      (("HTTP_AUTHORIZATION", "Bearer secret"), 200), (("HTTP_AUTHORIZATION", "bearer   secret"), 200),
      (nil, 401), (("HTTP_X_API_KEY", ""), 401), (("HTTP_X_API_KEY", "secre"), 401),
      (("HTTP_X_API_KEY", "secrets"), 401), (("HTTP_X_API_KEY", "Secret"), 401),
      (("HTTP_X_API_KEY", "secretsecret"), 401), (("HTTP_AUTHORIZATION", "Bearer"), 401),
      (("HTTP_AUTHORIZATION", "Bearersecret"), 401), (("HTTP_AUTHORIZATION", "Basic secret"), 401),
    ] as [((String, String)?, Int)], ["GET", "POST"])
  func `who has the key may`(case: ((String, String)?, Int), method: String) throws {
    let (key, status) = `case`
    let response = try ask(router(world.invalidator()), method, key: key.map { (name: $0.0, value: $0.1) })
    #expect(response.status == status)
    #expect(response.caching == .none)
    if status != 200 { #expect(world.source.questions == 0) }
  }

  @Test(arguments: [nil, ""])
  func `without a key configured nobody may, whatever they send`(key: String?) throws {
    for sent in [nil, "", "secret"] {
      let response = try ask(
        router(world.invalidator(), key: key), key: sent.map { (name: "HTTP_X_API_KEY", value: $0) })
      #expect(response.status == 403)
    }
  }

  @Test(
    arguments: [
      ("since=2027-01-15T07:00:00Z", 200), ("since=2027-01-15T09:30:00%2B02:00", 200), ("since=2027-01-15", 200),
      ("since=2027-01-15T09:30:00+02:00", 200), ("since=1799990000", 200), ("since=", 200), ("", 200),
      ("since=garbage", 400), ("since=2027-13-01", 400), ("since=-5", 400), ("since=12.5", 400),
      ("since=2027-01-15T25:00:00Z", 400), ("since=99999999999999999999", 400), ("since=1800000000000", 400),
      ("since=2100-01-01T00:00:00Z", 400), ("since=%00", 400),
    ])
  func `a time is read, or refused`(query: String, status: Int) throws {
    #expect(try ask(router(world.invalidator()), "GET", query).status == status)
  }

  @Test func `it goes back to a time before the last run, and no farther for one after it`() throws {
    world.change([World.album(1)], to: "first")
    let first = world.clock.time
    world.clock.time = world.clock.time + 3_600
    world.change([World.album(2)], to: "second")
    let second = world.clock.time
    world.clock.time = world.clock.time + 3_600
    let invalidator = world.invalidator()
    try world.run(invalidator)
    #expect(try invalidator.run(until: World.soon).count == 0)
    #expect(try text(ask(router(invalidator), "GET", "since=\(second.seconds)")).contains("\(World.album(2))"))
    #expect(try ask(router(invalidator), "GET", "since=\(first.seconds)").totalCount == 2)
    world.clock.time = world.clock.time + 60
    world.change([World.album(3)], to: "third")
    let response = try ask(router(invalidator), "GET", "since=\(world.clock.time.seconds)")
    #expect(response.totalCount == 1 && text(response).contains("\(World.album(3))"))
  }

  @Test func `a second run is told since when the first has been at it`() throws {
    let (first, second) = (world.invalidator(), world.invalidator())
    world.change([World.album(1)], to: "new")
    var answer: Response?
    world.source.meanwhile = { [world] in
      world.source.meanwhile = {}
      answer = try? ask(router(second))
    }
    try world.run(first)
    #expect(answer?.status == 409 && answer?.retryAfter == 5)
    #expect(answer.map(text) == #"{"error":"Invalidation is running","since":"2027-01-15T08:00:00+00:00"}"#)
    #expect(try ask(router(second)).status == 200)
  }

  @Test func `a run that has been killed keeps others out only as long as its lease lives`() throws {
    var lease = InvalidationLease(world.coordination, seconds: 30, now: { 0 })
    let isTaken = lease.take(at: world.clock.time)
    #expect(isTaken)
    #expect(try ask(router(world.invalidator())).status == 409)
    world.clock.time = world.clock.time + 31
    #expect(try ask(router(world.invalidator())).status == 200)
  }

  @Test func `what takes longer than a client waits goes on, by this process or another`() throws {
    try world.run()
    for number in 1...5 { world.change([World.album(number)], to: "new") }
    let (first, second) = (world.invalidator(rows: 1), world.invalidator(rows: 1))
    // Whether the time is up is looked at five times a second.
    world.source.meanwhile = { usleep(100_000) }
    let hasNoTime = Pulse(every: 0) { false }
    let run = try first.run(until: .after(milliseconds: 60_000, awaited: false).with(hasNoTime), keepsLease: true)
    world.source.meanwhile = {}
    #expect(run.ending == .stopped && run.count > 0 && run.count < 5)
    #expect(first.isToBeContinued, "by the process that began")
    #expect(!second.isToBeContinued)
    #expect(try ask(router(second)).status == 409)
    // It has been killed.
    world.clock.time = world.clock.time + 31
    #expect(second.isToBeContinued)
    second.goOn(until: World.soon)
    #expect(!second.isToBeContinued)
    #expect(try world.run().count == 0)
    let purged = world.purging.purged.reduce(into: Set<MBID>()) { $0.formUnion($1.albums) }
    #expect(purged == Set((1...5).map(World.album)))
  }

  @Test func `what cannot go on is left alone for a moment`() throws {
    try world.run()
    for number in 1...5 { world.change([World.album(number)], to: "new") }
    let invalidator = world.invalidator(rows: 1)
    let stopped = Pulse(every: 0) { false }
    world.source.meanwhile = { usleep(100_000) }
    #expect(
      try invalidator.run(until: .after(milliseconds: 1_000, awaited: false).with(stopped), keepsLease: true).ending
        == .stopped)
    world.source.meanwhile = {}
    world.source.isAway = true
    invalidator.goOn(until: World.soon)
    #expect(!invalidator.isToBeContinued)
    world.source.isAway = false
    world.clock.time = world.clock.time + 60
    #expect(invalidator.isToBeContinued, "somebody has wanted it")
    invalidator.goOn(until: World.soon)
    #expect(!invalidator.isToBeContinued && world.purging.purged.last?.albums == [World.album(5)])
  }

  @Test func `a source that cannot answer is 503, as is none at all`() throws {
    world.source.isAway = true
    #expect(try ask(router(world.invalidator())).status == 503)
    #expect(try ask(router(nil)).status == 503)
    world.source.isAway = false
    #expect(try ask(router(world.invalidator())).status == 200)
  }

  @Test func `no more than ten thousand are listed, and all are counted`() throws {
    try world.run()
    world.change((1...10_050).map(World.album), to: "new")
    let response = try ask(router(world.invalidator(), urlBase: ""))
    #expect(response.totalCount == 10_050)
    #expect(text(response).split(separator: ",").count == 10_000)
  }

  @Test func `the time that a comparison takes depends on what was sent alone`() {
    let key = AccessKey("secret")
    #expect(key != nil && AccessKey("") == nil && AccessKey(nil) == nil)
    // Every length, and every place of a wrong byte.
    for count in 0...20 {
      let sent = String(repeating: "s", count: count)
      #expect(key?.admits(sent) == false)
    }
    for place in 0..<6 {
      var bytes = Array("secret".utf8)
      bytes[place] ^= 1
      #expect(key?.admits(String(decoding: bytes, as: UTF8.self)) == false)
    }
  }
}
