import Foundation
import Testing

/// The executable itself: its commands, as a CGI script, and what its workers make of a client that is no web server.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct ProcessTests {
  let stack = Stack.content

  var settings: [String: String] {
    stack.environment.filter { $0.key.hasPrefix("DATABASE__") || $0.key == "MEMCACHED_SERVERS" }
      // Not in the home directory of whoever tests.
      .merging(["PATH": "/usr/bin:/bin", "CACHE__POSTGRES_URL": "sqlite:///:memory:"]) { $1 }
  }

  func linernotes(_ arguments: String..., environment: [String: String] = [:]) throws -> Command.Result {
    try Command.run(
      try stack.value("POOL_BINARY"), arguments, environment: settings.merging(environment) { $1 })
  }

  func cgi(_ path: String, _ environment: [String: String] = [:]) throws -> (head: String, body: String) {
    let result = try linernotes(
      environment: [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/cgi-bin/linernotes",
        "PATH_INFO": path, "REQUEST_URI": "/cgi-bin/linernotes\(path)", "QUERY_STRING": "",
      ].merging(environment) { $1 })
    #expect(result.status == 0, "\(result.error)")
    let text = String(decoding: result.output, as: UTF8.self)
    let end = try #require(text.firstRange(of: "\r\n\r\n"))
    return (String(text[..<end.lowerBound]), String(text[end.upperBound...]))
  }

  @Test func `as a CGI script it answers what the pool answers`() throws {
    let answer = try cgi(HTTPTests.artist)
    #expect(answer.head.hasPrefix("Status: 200 OK\r\nContent-Type: application/json"))
    #expect(Data(answer.body.utf8) == (try stack.get(HTTPTests.artist).body))
    #expect(try cgi("").body.contains("\"version\""))
    #expect(try cgi("/artist/xyz").head.hasPrefix("Status: 400"))
    #expect(try cgi("/nosuch").head.hasPrefix("Status: 404"))
  }

  @Test(arguments: ["-2", "-9223372036854775808", "9223372036854775808", "x"])
  func `as a CGI script it answers a length of the body that is none with 400`(length: String) throws {
    let answer = try cgi("/search/fingerprint", ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": length])
    #expect(answer.head.hasPrefix("Status: 400") && answer.body == #"{"error":"Not a request"}"#)
  }

  @Test func `as a CGI script it does not take a query for a command line`() throws {
    let result = try linernotes(
      "--help",
      environment: ["GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": "/artist/xyz"])
    #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("Status: 400"))
  }

  @Test func `a CGI script with broken settings still answers in JSON`() throws {
    let result = try linernotes(
      environment: [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": "/", "DATABASE__PORT": "abc",
      ])
    #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("Status: 500"))
    #expect(String(decoding: result.output, as: UTF8.self).hasSuffix(#"{"error":"Internal server error"}"#))
    #expect(result.error.contains("DATABASE__PORT"))
  }

  @Test func `check tells what is up and fails when something is not`() throws {
    let sound = try linernotes("check")
    #expect(sound.status == 0)
    #expect(
      String(decoding: sound.output, as: UTF8.self).contains(/musicbrainz +up +[0-9.]+ ms +schema 31/))
    let broken = try linernotes("check", environment: ["MEMCACHED_SERVERS": "/nowhere/memcached"])
    #expect(broken.status == 1)
    let text = String(decoding: broken.output, as: UTF8.self)
    #expect(text.contains(/cache +DOWN +[0-9.]+ ms +memcached does not answer/), "\(text)")
    // What to do about it, and where: a line each.
    #expect(text.contains(/[ ]{8,}→ .*MEMCACHED_SERVERS/), "\(text)")
    let told = try linernotes("check", "--json", environment: ["MEMCACHED_SERVERS": "/nowhere/memcached"])
    #expect(told.status == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: told.output) as? [String: Any])
    let components = try #require(object["components"] as? [String: [String: Any]])
    #expect(object["status"] as? String == "degraded")
    #expect((components["cache"]?["advice"] as? String)?.contains("MEMCACHED_SERVERS") ?? false)
    #expect(components["musicbrainz"]?["latency_ms"] is Double && components["durable"]?["advice"] == nil)
  }

  @Test func `config shows where values come from, and no secrets`() throws {
    let result = try linernotes("config", environment: ["DATABASE__PASSWORD": "hunter2", "WORKERS": "3"])
    let text = String(decoding: result.output, as: UTF8.self)
    #expect(result.status == 0)
    #expect(text.contains("WORKERS = 3  # env WORKERS"))
    #expect(text.contains("DATABASE__PASSWORD = ********  # env DATABASE__PASSWORD"))
    #expect(!text.contains("hunter2") && !result.error.contains("hunter2"))
  }

  @Test func `a bad value stops the start with a line that names it`() throws {
    let result = try linernotes("serve", environment: ["WORKERS": "many"])
    #expect(result.status != 0)
    #expect(result.error.contains("WORKERS") && result.error.contains("many"))
  }

  @Test func `serve says what it lacks when it has no socket`() throws {
    let result = try linernotes("serve")
    #expect(result.status != 0)
    #expect(result.error.contains("standard input is not a listening socket"))
  }

  @Test func `version and help are there`() throws {
    #expect(try linernotes("--version").status == 0)
    let help = try linernotes("--help")
    #expect(String(decoding: help.output, as: UTF8.self).contains("serve"))
  }

  // MARK: - FastCGI

  static let begin: [UInt8] = [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
  static let endOfParameters: [UInt8] = [1, 4, 0, 1, 0, 0, 0, 0]
  static let endOfBody: [UInt8] = [1, 5, 0, 1, 0, 0, 0, 0]

  static let garbage: [(String, [UInt8])] = [
    ("nothing", []),
    ("half a header", [1, 1, 0]),
    ("an unfinished request", begin),
    ("HTTP", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
    ("a name of 2 GB", begin + [1, 4, 0, 1, 0, 5, 0, 0, 0xff, 0xff, 0xff, 0xfe, 0]),
    (
      "forty names asked for",
      [1, 9, 0, 0, 2, 0x58, 0, 0] + (0..<40).flatMap { _ in [14, 0] + Array("FCGI_MAX_CONNS".utf8) }
    ),
    ("an oversized record", begin + [1, 4, 0, 1, 0xff, 0xff, 0, 0] + [UInt8](repeating: 1, count: 70_000)),
    ("a body that is no body", begin + endOfParameters + [9, 9, 9, 9, 9, 9, 9, 9]),
  ]

  @Test func `a client that talks garbage costs no worker`() throws {
    let socket = try stack.value("POOL_SOCKET")
    let before = Set(try stack.workers())
    #expect(!before.isEmpty)
    for (name, bytes) in ProcessTests.garbage {
      let answer = try stack.converse(with: socket, bytes, seconds: 1, close: name == "nothing")
      #expect(!String(decoding: answer, as: UTF8.self).contains("200 OK"), "\(name)")
    }
    // Workers wait for the rest of an unfinished request, but not for long.
    usleep(2_500_000)
    #expect(Set(try stack.workers()) == before)
    #expect(try stack.get(HTTPTests.artist).status == 200)
  }

  @Test func `a request without parameters is answered with 400`() throws {
    let answer = try stack.converse(
      with: try stack.value("POOL_SOCKET"), ProcessTests.begin + ProcessTests.endOfParameters + ProcessTests.endOfBody,
      seconds: 2)
    let text = String(decoding: answer, as: UTF8.self)
    #expect(text.contains("Status: 400 Bad Request"))
    #expect(text.contains(#"{"error":"Not a request"}"#))
  }

  @Test func `a client that goes away without reading costs no worker`() throws {
    let before = Set(try stack.workers())
    let uri: [UInt8] = Array("REQUEST_URI".utf8)
    let path = Array(HTTPTests.album.utf8)
    let pairs: [UInt8] =
      [14, 3] + Array("REQUEST_METHODGET".utf8) + [UInt8(uri.count), UInt8(path.count)] + uri + path
    let request: [UInt8] =
      ProcessTests.begin + [1, 4, 0, 1, 0, UInt8(pairs.count), 0, 0] + pairs
      + ProcessTests.endOfParameters + ProcessTests.endOfBody
    for _ in 0..<50 {
      _ = try stack.converse(with: try stack.value("POOL_SOCKET"), request, close: true)
    }
    #expect(Set(try stack.workers()) == before)
    #expect(try stack.get(HTTPTests.album).status == 200)
  }
}
