import Foundation
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
    let curl = Process()
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    curl.arguments = ["curl", "--noproxy", "*", "-fsS", "-m", "10", url + path]
    let output = Pipe()
    curl.standardOutput = output
    try curl.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    curl.waitUntilExit()
    try #require(curl.terminationStatus == 0, "replay: \(path)")
    return data
  }
}
