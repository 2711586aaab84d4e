import Core
import Foundation
import Testing

/// The files of the repository, and the executable that was built from it.
enum Checkout {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The executable that is handed on, if it was built; else that beside the tests.
  static var executable: String {
    if let path = released { return path }
    let own = URL(fileURLWithPath: realpath("/proc/self/exe", nil).map { String(cString: $0) } ?? "/")
    return own.deletingLastPathComponent().appending(path: "linernotes").path
  }

  static let released = ProcessInfo.processInfo.environment["LINERNOTES_EXECUTABLE"]

  /// The names of the commands that a user is told of.
  static func commands() throws -> [String] {
    let dump = try run(executable, ["--experimental-dump-help"])
    return (JSONValue(Array(dump.text.utf8)) ?? .null)["command"]["subcommands"].elements
      .filter { $0["shouldDisplay"].isTrue }.compactMap { $0["commandName"].text }
  }

  struct Outcome {
    var status: Int32
    var text: String
    var error: String
  }

  @discardableResult
  static func run(_ path: String, _ arguments: [String], _ environment: [String: String] = [:]) throws -> Outcome {
    let directory = NSTemporaryDirectory() + "packaging-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    // Files, because what a daemon has inherited would keep a pipe open.
    let paths = ["\(directory)/output", "\(directory)/error"]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    for path in paths { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[0]))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[1]))
    try process.run()
    process.waitUntilExit()
    let texts = try paths.map { try String(contentsOfFile: $0, encoding: .utf8) }
    return Outcome(status: process.terminationStatus, text: texts[0], error: texts[1])
  }
}
