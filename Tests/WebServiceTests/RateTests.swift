import Core
import Foundation
import Testing

@testable import WebService

/// Real processes of the executable against a server that notes when it is asked: never two requests closer than the
/// interval, whoever sends them and whoever dies.
@Suite(
  .serialized,
  .enabled(
    if: ProcessInfo.processInfo.environment["LINERNOTES_TEST_STACK"] != nil
      || ProcessInfo.processInfo.environment["CI"] == "true"))
struct RateTests {
  static let interval = 0.25
  static let script = RecordedServer.folder.deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "scripts/stack").path

  let server: RecordedServer
  /// The executable that the other integration tests run.
  let binary: String

  init() throws {
    server = try RecordedServer()
    let stack = ProcessInfo.processInfo.environment["LINERNOTES_TEST_STACK"] ?? "no LINERNOTES_TEST_STACK"
    binary = "\(stack)/bin/linernotes"
    try #require(FileManager.default.isExecutableFile(atPath: binary))
  }

  var settings: [String: String] {
    [
      "MUSICBRAINZ__SOURCE": "webservice", "MUSICBRAINZ__BASE_URL": "\(server.url)/ws/2",
      "MUSICBRAINZ__INTERVAL": "\(Self.interval)", "REQUEST_DEADLINE_MS": "5000", "BUILD_WAIT": "10",
      "LOG_LEVEL": "critical",
      "WIKIPEDIA__BASE_URL": "http://127.0.0.1:9", "WIKIDATA_BASE_URL": "http://127.0.0.1:9",
      "COMMONS_BASE_URL": "http://127.0.0.1:9",
    ]
  }

  static func albums() throws -> [MBID] {
    try EqualityTests.column("release_group", "gid")
  }

  /// Starts one CGI process for each path.
  func cgi(_ paths: [String], _ environment: [String: String]) throws -> [(process: Process, output: Temporary)] {
    try paths.map { path in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: binary)
      process.environment = settings.merging([
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path,
        "REQUEST_URI": path, "QUERY_STRING": "",
      ]) { $1 }.merging(environment) { $1 }
      let output = try Temporary()
      process.standardOutput = try FileHandle(forWritingTo: output.url)
      process.standardError = FileHandle.nullDevice
      try process.run()
      return (process, output)
    }
  }

  func check() throws {
    let log = try server.log()
    #expect(log.count >= 12)
    let gap = try server.leastGap()
    #expect(gap >= Self.interval * 1_000 - 20, "\(log.count) requests, the closest \(gap) ms apart")
    // Nor is time lost between them, such as whole deadlines. A busy machine may take a while to start processes.
    let times = log.map(\.at).sorted()
    let mean = ((times.last ?? 0) - (times.first ?? 0)) / Double(max(1, log.count - 1))
    #expect(mean < Self.interval * 6, "on average \(mean) s")
  }

  func status(_ output: Temporary) throws -> String {
    String(try String(contentsOf: output.url, encoding: .utf8).prefix { $0 != "\r\n" && $0 != "\r" })
  }

  /// With a store, and with nothing but a locked file.
  @Test(arguments: [true, false])
  func `CGI processes that share only a file keep the interval, also when some are killed`(_ hasStore: Bool) throws {
    let paths = try Self.albums().prefix(30).map { "/album/\($0)" }
    let state = FileManager.default.temporaryDirectory.appending(path: "rate-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: state) }
    let all = try cgi(
      paths,
      [
        "MEMCACHED_SERVERS": "", "CACHE__NAMESPACE": state.lastPathComponent, "STATE_DIRECTORY": state.path,
        // All of them may wait: those that may not would ask for nothing.
        "WORKERS": "90",
        "CACHE__POSTGRES_URL": hasStore ? "sqlite:///\(state.path)/store.db" : "sqlite:///:memory:",
      ])
    for index in stride(from: 0, to: all.count, by: 5) {
      usleep(300_000)
      kill(all[index].process.processIdentifier, SIGKILL)
    }
    for (index, started) in all.enumerated() {
      started.process.waitUntilExit()
      guard index % 5 != 0 else { continue }
      let status = try status(started.output)
      #expect(["Status: 200 OK", "Status: 503 Service Unavailable"].contains(status))
    }
    try check()
  }

  @Test func `a pool of 16 and 50 CGI processes keep the interval together`() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "rate-\(UUID().uuidString.prefix(8))").path
    defer { _ = try? run(Self.script, ["remove", directory]) }
    let sets = settings.flatMap { ["--set", "\($0.key)=\($0.value)"] }
    try #require(
      try run(
        Self.script,
        ["up", directory, "--binary", binary, "--workers", "16", "--services", "memcached,pool,nginx"] + sets) == 0)
    let text = try String(contentsOfFile: "\(directory)/env", encoding: .utf8)
    func value(_ name: String) -> String {
      text.split(separator: "\n").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }
    try server.reset()
    let albums = try Self.albums()
    let clients = try (0..<32).map { index in
      let curl = Process()
      curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      curl.arguments = [
        "curl", "--noproxy", "*", "-sS", "-m", "30", "-o", "/dev/null", "\(value("URL"))/album/\(albums[index])",
      ]
      curl.standardError = FileHandle.nullDevice
      try curl.run()
      return curl
    }
    let all = try cgi(
      albums.dropFirst(40).prefix(50).map { "/album/\($0)" }, ["MEMCACHED_SERVERS": value("MEMCACHED_SERVERS")])
    for index in stride(from: 0, to: all.count, by: 10) {
      usleep(300_000)
      kill(all[index].process.processIdentifier, SIGKILL)
    }
    for started in all { started.process.waitUntilExit() }
    for client in clients { client.waitUntilExit() }
    try check()
  }

  private func run(_ path: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

/// A file that is gone with the last reference to it.
final class Temporary {
  let url = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)")

  init() throws { try Data().write(to: url) }

  deinit { try? FileManager.default.removeItem(at: url) }
}
