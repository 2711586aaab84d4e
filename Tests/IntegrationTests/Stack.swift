import Foundation
import Testing

/// A running instance that `scripts/test` has made with `scripts/stack`, and the means to talk to it and to hurt it.
struct Stack: Sendable {
  let directory: String
  private let script: String

  /// The instance whose answers are read; no test disturbs it.
  static let content = Stack(variable: "LINERNOTES_TEST_STACK")
  /// The instance that is broken and mended, by one test at a time.
  static let fault = Stack(variable: "LINERNOTES_FAULT_STACK")

  /// Without servers the integration tests are skipped by a developer's `swift test`, but never by CI.
  static let isMissingAndMayBe =
    ProcessInfo.processInfo.environment["LINERNOTES_TEST_STACK"] == nil
    && ProcessInfo.processInfo.environment["CI"] != "true"

  private init(variable: String) {
    self.init(directory: ProcessInfo.processInfo.environment[variable] ?? "no \(variable)")
  }

  /// One that a test makes and removes.
  init(directory: String) {
    self.directory = directory
    script =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "scripts/stack").path
  }

  /// What `scripts/stack` says of the instance: settings, ports, process ids.
  var environment: [String: String] {
    let text = (try? String(contentsOfFile: "\(directory)/env", encoding: .utf8)) ?? ""
    return Dictionary(
      text.split(separator: "\n").compactMap { line in
        guard let equals = line.firstIndex(of: "=") else { return nil }
        return (String(line[..<equals]), String(line[line.index(after: equals)...]))
      }, uniquingKeysWith: { $1 })
  }

  func value(_ name: String) throws -> String { try #require(environment[name], "\(name) in \(directory)/env") }

  /// `scripts/stack VERB DIR SERVICE…`
  func run(_ verb: String, _ arguments: String...) throws { try run(verb, arguments) }

  func run(_ verb: String, _ arguments: [String]) throws {
    let result = try Command.run(script, [verb, directory] + arguments)
    try #require(result.status == 0, "stack \(verb): \(result.error)")
  }

  /// The process ids of the workers of the pool.
  func workers() throws -> [Int32] {
    let children = try Command.run("/usr/bin/pgrep", ["-P", try value("POOL_PID")])
    return String(decoding: children.output, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
  }
}

/// A program that is run to its end.
enum Command {
  struct Result {
    var status: Int32
    var output: Data
    var error: String
  }

  static func run(
    _ path: String, _ arguments: [String], environment: [String: String]? = nil, input: Data = Data()
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let environment { process.environment = environment }
    let files = try (0..<3).map { _ in try Temporary() }
    try input.write(to: files[0].url)
    process.standardInput = try FileHandle(forReadingFrom: files[0].url)
    process.standardOutput = try FileHandle(forWritingTo: files[1].url)
    process.standardError = try FileHandle(forWritingTo: files[2].url)
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try Data(contentsOf: files[1].url),
      error: String(decoding: try Data(contentsOf: files[2].url), as: UTF8.self))
  }
}

/// A file that is gone with the last reference to it. Unlike a pipe it is never full.
final class Temporary {
  let url = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)")

  init() throws { try Data().write(to: url) }

  deinit { try? FileManager.default.removeItem(at: url) }
}
