import Core
import Logging
import TestServers
import Testing

@testable import HTTP

@Suite struct ContinuedTransferTests {
  let fetcher = CurlFetcher(userAgent: "tests", logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
  let latch = Latch()

  func service(_ server: ReplayServer, connections: Int = 4, milliseconds: Int = 60_000) -> HTTPService {
    HTTPService(
      origins: Set([Origin(of: server.url)].compactMap(\.self)), connections: connections,
      timeoutMilliseconds: milliseconds, redirects: 2)
  }

  func run(
    _ server: ReplayServer, _ paths: [String], _ deadline: Deadline, _ service: HTTPService? = nil,
    form: [UInt8]? = nil
  ) -> [Result<HTTPResponse, FetchError>?] {
    var results: [Int: Result<HTTPResponse, FetchError>] = [:]
    let exchanges = paths.enumerated().map { index, path in
      HTTPExchange(
        id: index, request: HTTPRequest(server.url + path, form: form), service: service ?? self.service(server))
    }
    fetcher.run(exchanges, by: deadline) { id, result in
      results[id] = result
      return []
    }
    return paths.indices.map { results[$0] }
  }

  var impatient: Deadline { .after(milliseconds: 100) }
  var patient: Deadline { .after(milliseconds: 60_000, awaited: false) }

  static func answer(_ text: String) -> Result<HTTPResponse, FetchError> {
    .success(HTTPResponse(status: 200, body: Array(text.utf8)))
  }

  @Test func `what a client could not wait for goes on, and is not asked for again`() {
    let server = ReplayServer { [latch] _ in .held(latch, body: Array("late".utf8)) }
    defer { server.stop() }
    #expect(run(server, ["/a"], impatient) == [.failure(.timedOut)])
    #expect(run(server, ["/a"], impatient) == [.failure(.timedOut)])
    latch.open()
    #expect(run(server, ["/a"], patient) == [Self.answer("late")])
    #expect(server.requests.count == 1)
    #expect(run(server, ["/a"], patient) == [Self.answer("late")], "an answer is given once")
    #expect(server.requests.count == 2)
  }

  @Test func `it goes on while others are asked, too`() {
    let server = ReplayServer { [latch] in $0 == "/a" ? .held(latch, body: Array("a".utf8)) : .answer(body: []) }
    defer { server.stop() }
    #expect(run(server, ["/a"], impatient) == [.failure(.timedOut)])
    latch.open()
    for _ in 0..<20 { #expect(run(server, ["/b"], patient) == [Self.answer("")]) }
    #expect(run(server, ["/a"], patient) == [Self.answer("a")])
    #expect(server.requests.filter { $0.hasPrefix("GET /a ") }.count == 1)
  }

  @Test func `a redirect that was followed is not followed again`() {
    let server = ReplayServer { [latch] path in
      path == "/a" ? .answer(status: 302, headers: ["Location: /b"], body: []) : .held(latch, body: Array("b".utf8))
    }
    defer { server.stop() }
    while server.requests.count < 2 { #expect(run(server, ["/a"], impatient) == [.failure(.timedOut)]) }
    latch.open()
    #expect(run(server, ["/a"], patient) == [Self.answer("b")])
    #expect(server.requests.count == 2)
  }

  @Test func `what is posted is never left to go on`() {
    let server = ReplayServer { _ in .hang }
    defer { server.stop() }
    let form = Array("a=b".utf8)
    #expect(run(server, ["/a"], impatient, form: form) == [.failure(.timedOut)])
    #expect(fetcher.start(of: HTTPRequest(server.url + "/a", form: form)) == nil)
  }

  @Test func `what nobody waited for has had its time`() {
    let server = ReplayServer { _ in .hang }
    defer { server.stop() }
    #expect(run(server, ["/a"], .after(milliseconds: 100, awaited: false)) == [.failure(.timedOut)])
    #expect(fetcher.start(of: HTTPRequest(server.url + "/a")) == nil)
  }

  @Test func `it is forgotten when its own time-out is over`() {
    let server = ReplayServer { _ in .hang }
    defer { server.stop() }
    let request = HTTPRequest(server.url + "/a")
    let before = Deadline.monotonicNanoseconds()
    #expect(run(server, ["/a"], impatient, service(server, milliseconds: 1_000)) == [.failure(.timedOut)])
    while let start = fetcher.start(of: request) { #expect(start >= before) }
    #expect(Deadline.monotonicNanoseconds() - before >= 1_000_000_000)
  }

  @Test func `a time-out of its own ends it where nobody waits either`() {
    let server = ReplayServer { _ in .hang }
    defer { server.stop() }
    let service = service(server, milliseconds: 1_000)
    #expect(run(server, ["/a"], impatient, service) == [.failure(.timedOut)])
    #expect(run(server, ["/a"], patient, service) == [.failure(.timedOut)])
  }

  @Test func `no more than 32 go on`() {
    let server = ReplayServer { _ in .hang }
    defer { server.stop() }
    let paths = (0..<40).map { "/\($0)" }
    _ = run(server, paths, impatient, service(server, connections: 50))
    #expect(paths.count { fetcher.start(of: HTTPRequest(server.url + $0)) != nil } == 32)
    fetcher.dropParked()
    #expect(paths.allSatisfy { fetcher.start(of: HTTPRequest(server.url + $0)) == nil })
  }

  @Test func `the only connection goes to whoever asks now`() {
    let server = ReplayServer { $0 == "/a" ? .hang : .answer(body: Array("b".utf8)) }
    defer { server.stop() }
    let service = service(server, connections: 1)
    #expect(run(server, ["/a"], impatient, service) == [.failure(.timedOut)])
    #expect(run(server, ["/b"], patient, service) == [Self.answer("b")])
    #expect(fetcher.start(of: HTTPRequest(server.url + "/a")) == nil)
  }

  @Test func `the limit of bytes still holds`() {
    let server = ReplayServer { [latch] _ in .held(latch, body: [UInt8](repeating: 0x20, count: 3 << 20)) }
    defer { server.stop() }
    #expect(run(server, ["/a"], impatient) == [.failure(.timedOut)])
    latch.open()
    #expect(run(server, ["/a"], patient) == [.failure(.tooLarge)])
  }

  @Test func `waiting ends when the deadline's pulse says so, and what is under way goes on`() {
    let server = ReplayServer { _ in .hang }
    defer { server.stop() }
    var beats = 0
    let pulse = Pulse(every: 0) {
      beats += 1
      return beats < 3
    }
    #expect(run(server, ["/a"], patient.with(pulse)) == [.failure(.timedOut)])
    #expect(beats == 3)
    #expect(fetcher.start(of: HTTPRequest(server.url + "/a")) != nil)
  }

  @Test func `libcurl that could not be opened is tried again after a while`() {
    let server = ReplayServer { _ in .answer(body: []) }
    defer { server.stop() }
    var tries = 0
    var now: UInt64 = 0
    let fetcher = CurlFetcher(
      userAgent: "tests", logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() },
      open: { () throws(LibraryFailure) in
        tries += 1
        guard tries >= 3 else { throw LibraryFailure(CurlLibrary.name, "not yet") }
        return try CurlLibrary()
      },
      now: { now })
    func fetch() -> Result<HTTPResponse, FetchError>? {
      var result: Result<HTTPResponse, FetchError>?
      let exchange = HTTPExchange(id: 0, request: HTTPRequest(server.url), service: service(server))
      fetcher.run([exchange], by: patient) {
        result = $1
        return []
      }
      return result
    }
    #expect((0..<5).allSatisfy { _ in fetch() == .failure(.unsupported) })
    #expect(tries == 1)
    now += 30_000_000_000
    #expect(fetch() == .failure(.unsupported))
    #expect(tries == 2)
    now += 30_000_000_000
    #expect(fetch() == Self.answer(""))
    #expect(fetch() == Self.answer(""))
    #expect(tries == 3)
  }
}
