import Cache
import Core
import Documents
import Logging
import Testing

@testable import Handlers

/// What the application does for clients that no nginx stands in front of.
@Suite struct EdgeTests {
  /// In milliseconds.
  final class Clock {
    var now: Int64 = 1_000_000
    var waits: [Int] = []
  }

  let clock = Clock()

  func router(origins: [String] = ["*"], rate: Int = 20, burst: Int = 100) -> Router {
    let limit = ClientLimit(
      rate: rate, burst: burst, coordination: Counters { clock.now }, now: { clock.now },
      wait: {
        clock.waits.append($0)
        clock.now += Int64($0)
      })
    let answer: Router.Handler = { _, _ in .success }
    let failure: Router.Handler = { _, _ throws(Failure) in throw .source(SourceError(.unavailable, "away")) }
    return Router(
      roots: ["/api/v0.4"],
      routes: [
        .init("GET", "artist/*", answer), .init("POST", "artist/*/refresh", answer), .init("GET", "invalidate", answer),
        .init("GET", "recent/artist", failure), .init("POST", "search/fingerprint", failure),
        .init("GET", "album/*", failure),
      ],
      edge: Edge(origins: origins, limit: limit), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func request(
    _ path: String = "/artist/x", method: String = "GET", of client: DirectClient? = .init(address: "192.0.2.1"),
    length: Int? = nil
  ) -> Request {
    Request(
      method: method, path: path.split(separator: "/").map(String.init), query: Query(""),
      body: RequestBody(declaredLength: length, source: nil), direct: client)
  }

  func head(_ response: Response, _ request: Request) -> String {
    let writer = ResponseWriter()
    writer.write(response, to: request)
    return String(decoding: writer.head.bytes, as: UTF8.self)
  }

  func body(_ response: Response) -> String {
    guard case .json(let bytes) = response.payload else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: - What the web server hands out

  @Test func `where the web server hands out the settings nothing is answered, and one look is enough`() {
    var looks: [String] = []
    let edge = Edge(
      origins: [], limit: nil,
      isExposed: {
        looks.append($0)
        return $0 == "/home/me"
      })
    func status(_ root: String?) -> Int {
      let client = DirectClient(address: "192.0.2.1", documentRoot: root)
      return edge.respond(to: request(of: client), of: client, path: ["artist", "x"]) { .success }.status
    }
    #expect([nil, "/home/me", "/home/me", "/srv/www", "/srv/www"].map(status) == [200, 500, 500, 200, 200])
    #expect(looks == ["/home/me", "/srv/www"])
  }

  // MARK: - Who is in front

  @Test func `a client is nginx's where nginx says so, and never because the client does`() throws {
    let parameters = [
      "REQUEST_METHOD": "GET", "REQUEST_URI": "/", "REMOTE_ADDR": "192.0.2.1", "HTTP_ORIGIN": "https://a.example",
      "HTTP_LINERNOTES_FRONT": "nginx",
    ]
    #expect(
      try #require(Request { parameters["\($0)"] }).direct
        == DirectClient(address: "192.0.2.1", origin: "https://a.example"))
    let behind = parameters.merging(["LINERNOTES_FRONT": "nginx"]) { $1 }
    #expect(try #require(Request { behind["\($0)"] }).direct == nil)
  }

  @Test(arguments: [("200", nil), ("403", 403), ("500", 500), ("999", nil), ("x", nil), ("", nil)] as [(String, Int?)])
  func `only the status of an error makes a request the report of an error`(text: String, status: Int?) throws {
    let parameters = ["REQUEST_METHOD": "GET", "REQUEST_URI": "/", "REDIRECT_STATUS": text]
    #expect(try #require(Request { parameters["\($0)"] }).direct?.refusal == status)
  }

  @Test func `behind nginx nothing is done twice`() {
    let router = router(burst: 1)
    for _ in 0..<100 {
      let request = request(of: nil)
      let response = router.respond(to: request)
      #expect(response.status == 200 && !head(response, request).contains("Access-Control"))
    }
    #expect(clock.waits.isEmpty)
    let large = request(of: nil, length: 2 << 20)
    #expect(router.respond(to: large).status == 200)
  }

  // MARK: - CORS

  @Test(
    arguments: [
      (["*"], nil, "*", false), (["*"], "https://a.example", "*", false),
      (["https://a.example", "https://b.example"], "https://b.example", "https://b.example", true),
      (["https://a.example"], nil, nil, true), (["https://a.example"], "https://a.example.evil", nil, true),
      (["https://a.example"], "http://a.example", nil, true),
      (["https://a.example"], "https://a.example\r\nX: y", nil, true),
      ([], "https://a.example", nil, false),
    ] as [([String], String?, String?, Bool)])
  func `pages of the sites that are allowed may read every answer`(
    origins: [String], origin: String?, granted: String?, varies: Bool
  ) {
    let router = router(origins: origins)
    for path in ["/artist/x", "/album/x", "/nosuch", "/recent/artist"] {
      let request = request(path, of: DirectClient(origin: origin))
      let head = head(router.respond(to: request), request)
      let lines = head.split(separator: "\r\n")
      #expect(lines.filter { $0.hasPrefix("Access-Control-Allow-Origin: ") }.count == (granted == nil ? 0 : 1))
      if let granted { #expect(lines.contains("Access-Control-Allow-Origin: \(granted)"), "\(path)") }
      #expect(lines.contains("Access-Control-Expose-Headers: ETag, Retry-After") == (granted != nil))
      #expect(lines.contains("Vary: Origin") == varies)
      #expect(!head.contains("Access-Control-Allow-Methods") && !head.contains("evil") && !head.contains("X: y"))
    }
  }

  @Test(arguments: ["/artist/x", "/nosuch", "/recent/artist", "/"])
  func `a preflight is answered without asking anybody and without being counted`(path: String) {
    let router = router(rate: 1, burst: 1)
    for _ in 0..<50 {
      let request = request(path, method: "OPTIONS")
      let response = router.respond(to: request)
      let head = head(response, request)
      #expect(response.status == 204)
      #expect(head.contains("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n"))
      #expect(head.contains("\r\nAccess-Control-Allow-Methods: GET, HEAD, POST, OPTIONS\r\n"))
      #expect(
        head.contains(
          "\r\nAccess-Control-Allow-Headers: Accept, Authorization, Content-Type, If-None-Match, X-Api-Key\r\n"))
      #expect(head.hasSuffix("\r\nAccess-Control-Max-Age: 86400\r\n\r\n"))
    }
    #expect(clock.waits.isEmpty)
  }

  // MARK: - Limits

  @Test(arguments: [("/artist/x", "GET", 20, 100), ("/artist/x", "GET", 1, 1), ("/artist/x/refresh", "POST", 20, 100)])
  func `a client that waits for each answer is slowed and never refused`(
    path: String, method: String, rate: Int, burst: Int
  ) {
    let router = router(rate: rate, burst: burst)
    let begin = clock.now
    for _ in 0..<1_000 {
      #expect(router.respond(to: request(path, method: method)).status == 200)
      clock.now += 5
    }
    #expect(!clock.waits.isEmpty)
    // A burst in each window, and what the rate admits.
    let seconds = Int(clock.now - begin) / 1_000
    let (rate, burst) = path.hasSuffix("refresh") ? (1, 10) : (rate, burst)
    #expect(1_000 <= (seconds / 10 + 2) * burst + (seconds + 20) * rate)
  }

  @Test func `many at once are refused beyond the limit, in JSON, until the rate admits more`() throws {
    let router = router(rate: 10, burst: 5)
    let statuses = (0..<100).map { _ in
      // All at the same moment, whoever has waited.
      clock.now = 1_000_000
      return router.respond(to: request()).status
    }
    #expect(statuses.prefix(15) == [Int](repeating: 200, count: 15)[...])
    #expect(statuses.dropFirst(15).allSatisfy { $0 == 429 })
    let refused = router.respond(to: request())
    #expect(body(refused) == #"{"error":"Too many requests"}"#)
    #expect(try #require(refused.retryAfter) == 10)
    clock.now += 10_000
    #expect(router.respond(to: request()).status == 200)
  }

  @Test func `clients are counted apart, and recent changes and fingerprints not at all`() {
    let router = router(rate: 1, burst: 1)
    for _ in 0..<10 {
      _ = router.respond(to: request())
      clock.now = 1_000_000
    }
    #expect(router.respond(to: request()).status == 429)
    for (path, method) in [
      ("/recent/artist", "GET"), ("/api/v0.4/recent/artist", "GET"), ("/search/fingerprint", "POST"),
    ] {
      #expect(router.respond(to: request(path, method: method)).status == 200)
    }
    #expect(router.respond(to: request(of: DirectClient(address: "192.0.2.2"))).status == 200)
    for address in [nil, "", "unix:", "127.0.0.1", "::1"] {
      for _ in 0..<20 { #expect(router.respond(to: request(of: DirectClient(address: address))).status == 200) }
    }
  }

  @Test(
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "20010db800010002"),
      ("2001:db8:1:2::", "20010db800010002"), ("::2", "0000000000000000"), ("127.0.0.1", nil), ("127.9.9.9", nil),
      ("::1", nil), ("::ffff:127.0.0.1", nil), ("", nil), ("unix:", nil), ("192.0.2.1, 1.2.3.4", nil),
    ] as [(String, String?)])
  func `a client is an address, or the network that a customer is given`(address: String, name: String?) {
    #expect(ClientNetwork(address: address)?.name == name)
  }

  /// Counters that a test's clock ends.
  final class Counters: Coordination {
    private let now: () -> Int64
    private var counters: [String: (count: UInt64, end: Int64)] = [:]

    init(now: @escaping () -> Int64) { self.now = now }

    func count(_ name: String, by amount: UInt64, seconds: Int64) -> UInt64 {
      let time = now()
      let old = counters[name].flatMap { $0.end > time ? $0 : nil }
      let count = (old?.count ?? 0) + amount
      counters[name] = (count, old?.end ?? time + seconds * 1_000)
      return count
    }
  }

  /// A store that others write to.
  final class Absurd: Coordination {
    func count(_ name: String, by amount: UInt64, seconds: Int64) -> UInt64 { .max }
  }

  @Test(arguments: [(1, 1), (10_000, 1_000_000)], [Int64.min, 0, .max])
  func `an absurd count or time refuses for a window at most`(_ allowance: (Int, Int), now: Int64) throws {
    let limit = ClientLimit(
      rate: allowance.0, burst: allowance.1, coordination: Absurd(), now: { now }, wait: { _ in })
    let network = try #require(ClientNetwork(address: "192.0.2.1"))
    #expect((1...10).contains(try #require(limit.refusal(of: network, isForgetting: true))))
  }

  // MARK: - Errors

  @Test(arguments: [
    (400, "Bad request"), (403, "Forbidden"), (404, "Not found"), (413, "Request body too large"),
    (500, "Internal server error"), (503, "Service unavailable"), (418, "Request failed"),
  ])
  func `an error of the web server becomes JSON with its status`(status: Int, message: String) {
    let request = request("/music/.htaccess", of: DirectClient(refusal: status))
    let response = router().respond(to: request)
    #expect(response.status == status && body(response) == #"{"error":"\#(message)"}"#)
    #expect((response.retryAfter != nil) == (status == 503))
    #expect(head(response, request).contains("Access-Control-Allow-Origin: *"))
  }

  @Test func `recent changes and fingerprints are never an error that the client has not made`() {
    for status in [500, 502, 503, 504, 507] {
      let client = DirectClient(refusal: status)
      let recent = router().respond(to: request("/api/v0.4/recent/album", of: client))
      #expect(recent.status == 200 && body(recent).hasSuffix(#""count":0,"limited":true,"items":[]}"#))
      let fingerprint = router().respond(to: request("/search/fingerprint", of: client))
      #expect(fingerprint.status == 200 && body(fingerprint) == "[]")
    }
    for status in [400, 404, 413] {
      #expect(router().respond(to: request("/recent/album", of: DirectClient(refusal: status))).status == status)
    }
    #expect(router().respond(to: request("/recent/artist")).status == 200)
    #expect(router().respond(to: request("/search/fingerprint", method: "POST")).status == 200)
    #expect(router().respond(to: request("/album/x")).status == 503)
    #expect(Edge.failure(for: request("/recent/artist")).status == 200)
    #expect(Edge.failure(for: nil).status == 500)
  }

  @Test func `a body that is too large is refused on every route`() {
    for path in ["/artist/x/refresh", "/nosuch", "/search/fingerprint"] {
      let response = router().respond(to: request(path, method: "POST", length: 2 << 20))
      #expect(response.status == 413 && body(response) == #"{"error":"Request body too large"}"#)
    }
  }
}

/// Counting is all that a limit needs.
extension Coordination {
  func acquire(_ name: String, seconds: Int64) -> LeaseOutcome { .unavailable }
  func renew(_ lease: Lease, seconds: Int64) -> Bool { false }
  func release(_ lease: Lease) {}
  func isHeld(_ name: String) -> Bool { false }
  func counts(_ names: [String]) -> [UInt64?] { names.map { _ in nil } }
  func forget(_ names: [String]) {}
  func pause(_ name: String, seconds: Int64) {}
  func arePaused(_ names: [String]) -> [Bool] { names.map { _ in false } }
}
