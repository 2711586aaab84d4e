import Core
import Foundation
import HTTP
import Logging
import Testing

/// `Recorded/replay`: a web service on a port of its own, which answers as MusicBrainz' did.
final class RecordedServer {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Recorded")

  /// One request, as the server has seen it.
  struct Entry: Decodable {
    var at: Double
    var path: String
    var status: Int
    var how: String
    var agent: String
  }

  let url: String
  private let process = Process()

  init(_ arguments: [String] = []) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", Self.folder.appending(path: "replay").path] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "replay did not start")
    url = "http://127.0.0.1:\(port)"
  }

  deinit {
    // It has inherited a mask that blocks SIGTERM.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// What it has been asked since it was last reset.
  func log() throws -> [Entry] { try JSONDecoder().decode([Entry].self, from: get("/_replay/log")) }

  /// Forgets all requests and faults.
  func reset() throws { _ = try get("/_replay/reset") }

  /// Has it fail: `REGEX=KIND[:TIMES]`.
  func fail(_ rule: String) throws {
    let text = try #require(rule.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    _ = try get("/_replay/fault?\(text)")
  }

  /// The shortest time between two requests, in milliseconds.
  func leastGap() throws -> Double {
    let times = try log().map(\.at).sorted()
    return zip(times, times.dropFirst()).map { ($1 - $0) * 1_000 }.min() ?? .infinity
  }

  private func get(_ path: String) throws -> Data {
    let fetcher = CurlFetcher(userAgent: "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let service = HTTPService(
      origins: Set([Origin(of: url)].compactMap(\.self)), connections: 1, timeoutMilliseconds: 10_000,
      longestBody: 64 << 20)
    var found: Result<HTTPResponse, FetchError> = .failure(.notStarted)
    let exchange = HTTPExchange(id: 0, request: HTTPRequest(url + path), service: service)
    fetcher.run([exchange], by: .after(milliseconds: 10_000)) {
      found = $1
      return []
    }
    let response = try found.get()
    try #require(response.status == 200, "replay: \(path)")
    return Data(response.body)
  }
}
