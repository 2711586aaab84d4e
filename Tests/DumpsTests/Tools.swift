import Foundation

/// Runs a program that writes archives; tests only.
@discardableResult
func run(_ arguments: [String], input: [UInt8]? = nil, environment: [String: String] = [:]) throws -> [UInt8] {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let output = Pipe()
  process.standardOutput = output
  let source = Pipe()
  if input != nil { process.standardInput = source }
  try process.run()
  let writer = Thread {
    if let input { source.fileHandleForWriting.write(Data(input)) }
    try? source.fileHandleForWriting.close()
  }
  writer.start()
  let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw ToolFailure(description: "\(arguments.joined(separator: " ")) ended with \(process.terminationStatus)")
  }
  return bytes
}

struct ToolFailure: Error, CustomStringConvertible {
  var description: String
}

/// A directory of a test's own.
final class Folder {
  let path: String

  /// - Parameter isSmall: whether it holds a few small files, which may be in memory: a build creates hundreds of scratch
  ///   files, which takes a disk most of the time of a test.
  init(isSmall: Bool = false) throws {
    let memory = "/dev/shm"
    let isInMemory = isSmall && access(memory, W_OK) == 0
    path = (isInMemory ? memory + "/" : NSTemporaryDirectory()) + "dumps-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))) }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// Numbers that are the same in every run.
struct Numbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}
