import Core
import Logging
import Testing

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
    let handler = InfoHandler(
      build: BuildInfo(version: "1"), components: [Component("musicbrainz") { HealthTests.oldDatabase }],
      vintage: { "2026-07-24T10:00:00+00:00" })
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let router = Router(roots: [], routes: handler.routes, logger: logger)
    func text(_ path: [String]) throws -> String {
      let response = router.respond(to: Request(method: "GET", path: path, query: Query("")))
      #expect(response.status == 200)
      guard case .json(let bytes) = response.payload else { throw Mismatch() }
      return String(decoding: bytes, as: UTF8.self)
    }
    #expect(try text(["health"]).contains(#""status":"degraded""#))
    #expect(try text(["health"]).contains(#""musicbrainz":{"status":"up","detail":"schema 31, 90 days"}"#))
    #expect(try text([]).contains(#""status":"healthy""#))
  }

  struct Mismatch: Error {}
}
