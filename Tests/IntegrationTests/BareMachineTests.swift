import Foundation
import Testing

/// The executable that is handed on, as `scripts/test` has built it, where only libc6, libcurl4 and ca-certificates are
/// installed (`scripts/bare-root`): without libpq, libmemcached, Swift's libraries and libstdc++.
@Suite(.disabled(if: BareMachine.isMissingAndMayBe), .enabled(if: BareMachine.canBe, "needs root or user namespaces"))
struct BareMachineTests {
  let machine = BareMachine()

  @Test func `it says its version, and what is in force`() throws {
    let version = try machine.run([:], "--version")
    #expect(version.status == 0 && version.text.hasPrefix("0."), "\(version)")
    let config = try machine.run(["WORKERS": "3"], "config")
    #expect(config.status == 0 && config.text.contains("WORKERS = 3"), "\(config)")
  }

  @Test func `check names the libraries that are missing, their packages and who needs them`() throws {
    let check = try machine.run(
      ["DATABASE__HOST": "db.invalid", "MEMCACHED_SERVERS": "127.0.0.1:1,127.0.0.1:2"], "check")
    #expect(check.status == 1)
    for library in [
      "libpq cannot be used (Debian's package libpq5)", "libmemcached cannot be used (Debian's package libmemcached11)",
    ] {
      #expect(check.text.contains("  notice: \(library)"), "\(check)")
    }
    #expect(
      check.text.contains(/musicbrainz +DOWN +[0-9.]+ ms +MusicBrainz database: libpq cannot be used/), "\(check)")
    #expect(check.text.contains(/cache +DOWN +[0-9.]+ ms +libmemcached cannot be used/), "\(check)")
    #expect(!check.text.contains("libcurl"), "\(check)")
  }

  @Test func `one memcached server needs no library`() throws {
    let check = try machine.run(["MEMCACHED_SERVERS": "127.0.0.1:1"], "check")
    #expect(check.text.contains(/cache +DOWN +[0-9.]+ ms +memcached does not answer/), "\(check)")
    #expect(!check.text.contains("libmemcached"), "\(check)")
  }

  @Test func `as a CGI script it answers in JSON, and says what is missing`() throws {
    let root = try machine.cgi("/", ["MEMCACHED_SERVERS": ""])
    #expect(root.head.hasPrefix("Status: 200 OK\r\nContent-Type: application/json"), "\(root)")
    #expect(root.body.hasPrefix("{") && root.body.contains("\"version\":"), "\(root)")
    let health = try machine.cgi("/health", ["MEMCACHED_SERVERS": "", "DATABASE__HOST": "db.invalid"])
    #expect(health.head.hasPrefix("Status: 503 "), "\(health)")
    #expect(health.head.contains("\r\nContent-Type: application/json\r\n"), "\(health)")
    #expect(
      health.body.contains("\"detail\":\"MusicBrainz database: libpq cannot be used (Debian's package libpq5): "),
      "\(health)")
    let artist = try machine.cgi("/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a", ["MEMCACHED_SERVERS": ""])
    #expect(artist.head.hasPrefix("Status: 503 "), "\(artist)")
    #expect(try machine.cgi("/nosuch", ["MEMCACHED_SERVERS": ""]).head.hasPrefix("Status: 404 "))
  }

  @Test func `libcurl is found where it is needed`() throws {
    let answer = try machine.cgi(
      "/search",
      [
        "MEMCACHED_SERVERS": "", "SEARCH_SOURCE": "solr", "SOLR__URL": "http://127.0.0.1:9",
        "QUERY_STRING": "type=artist&query=x",
      ])
    #expect(answer.head.hasPrefix("Status: 503 "), "\(answer)")
    #expect(!answer.error.contains("libcurl"), "\(answer)")
  }

  /// What the README says of executables that are built on Debian 12.
  @Test(.enabled(if: BareMachine.isOfDebian12, "only on Debian 12"))
  func `it asks for no newer glibc than 2.34`() throws {
    let symbols = try Command.run("/usr/bin/objdump", ["-T", try #require(BareMachine.executable)])
    let versions = String(decoding: symbols.output, as: UTF8.self).matches(of: /GLIBC_2\.(\d+)/).compactMap {
      Int($0.1)
    }
    #expect(versions.max() == 34)
  }
}

/// A machine on which next to nothing is installed.
struct BareMachine {
  static let executable = ProcessInfo.processInfo.environment["LINERNOTES_EXECUTABLE"]
  static let isMissingAndMayBe = executable == nil && ProcessInfo.processInfo.environment["CI"] != "true"
  static let canBe = executable == nil || (try? BareMachine().run([:], "--version").status) != 3

  static let isOfDebian12 =
    (try? String(contentsOfFile: "/etc/debian_version", encoding: .utf8))?.hasPrefix("12.") == true

  private static let script =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "scripts/bare-root").path

  struct Outcome {
    var status: Int32
    var text: String
    var error: String
  }

  func run(_ environment: [String: String], _ arguments: String...) throws -> Outcome {
    let result = try Command.run(
      BareMachine.script,
      (["SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 }).map { "\($0)=\($1)" }
        + [try #require(BareMachine.executable, "LINERNOTES_EXECUTABLE is not set")] + arguments)
    return Outcome(
      status: result.status, text: String(decoding: result.output, as: UTF8.self), error: result.error)
  }

  func cgi(
    _ path: String, _ environment: [String: String]
  ) throws -> (head: String, body: String, error: String) {
    let outcome = try run(
      [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path,
        "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1",
      ].merging(environment) { $1 }, "serve")
    #expect(outcome.status == 0, "\(outcome.error)")
    let end = try #require(outcome.text.firstRange(of: "\r\n\r\n"), "\(outcome)")
    return (String(outcome.text[..<end.lowerBound]), String(outcome.text[end.upperBound...]), outcome.error)
  }
}
