import Foundation
import Testing

@testable import Settings

/// The settings that an environment and a file make.
func load(_ environment: [String: String] = [:], file: String? = nil) throws -> Settings {
  try Settings.load(environment: environment, file: file)
}

/// The problems of a configuration that must not load.
func problems(_ environment: [String: String], file: String? = nil) throws -> [String] {
  let error = #expect(throws: SettingsError.self) { try load(environment, file: file) }
  return try #require(error).problems
}

/// A file that is there as long as the body runs.
func withFile<Result>(
  _ content: String, named name: String = "settings.yaml", _ body: (_ path: String) throws -> Result
) throws -> Result {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent("settings-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  let file = directory.appendingPathComponent(name)
  try content.write(to: file, atomically: false, encoding: .utf8)
  return try body(file.path)
}

extension Settings {
  /// The line of the report for a key.
  func line(_ key: String) -> String? { report.lines.first { $0.hasPrefix("\(key) = ") } }
}
