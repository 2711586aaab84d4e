import Core
import Foundation
import Glibc
import Metadata
import SQLite
import Testing

@testable import Cache
@testable import Documents
@testable import SQLiteStore

/// Many processes on one file.
@Suite(.serialized) struct ProcessTests {
  let directory = StoreDirectory()

  @Test func `fifty processes that begin together lay out one file, and lose no write`() throws {
    let children = try (0..<50).map { try Child.start(.count, directory.file, number: $0, times: 4) }
    for child in children { #expect(child.wait() == 0) }
    let tier = StoreFile(.init(path: directory.file), logger: StoreDirectory.logger)
    #expect(SQLiteTier(tier).get(["count"])[0].map { String(decoding: $0, as: UTF8.self) } == "200")
    let keys = (0..<50).flatMap { child in (0..<4).map { Child.key(child, $0) } }
    #expect(try SQLiteDurableTier(tier).get(keys).allSatisfy { $0 != nil })
    #expect(try tier.check().faults.isEmpty)
    #expect(!directory.names.contains { $0.contains("damaged") })
  }

  @Test func `what was acknowledged before a SIGKILL is there, and the file is sound`() throws {
    var acknowledged = 0
    let end = Deadline.after(milliseconds: 60_000)
    var run = 0
    while !end.hasPassed, run < 30 || acknowledged < 3_000 {
      run += 1
      let children = try (0..<2).map { try Child.start(.write, directory.file, number: run * 2 + $0, times: 100_000) }
      usleep(.random(in: 5_000...120_000))
      for child in children { child.kill() }
      let tier = SQLiteDurableTier(StoreFile(.init(path: directory.file), logger: StoreDirectory.logger))
      for (index, child) in children.enumerated() {
        // Each number that a child has written out was stored before.
        let count = child.output.count
        acknowledged += count
        for start in stride(from: 0, to: count, by: 100) {
          let keys = (start..<min(start + 100, count)).map { Child.key(run * 2 + index, $0) }
          #expect(try tier.get(keys).allSatisfy { $0 != nil })
        }
      }
    }
    #expect(run > 5 && acknowledged >= 2_000, "\(run) runs, \(acknowledged) writes")
    let file = StoreFile(.init(path: directory.file), logger: StoreDirectory.logger)
    let findings = try file.check()
    #expect(findings.faults.isEmpty && findings.damaged == 0)
  }

  @Test func `of fifty processes one at a time has a lease`() throws {
    let children = try (0..<50).map { try Child.start(.lease, directory.file, number: $0, times: 2) }
    for child in children { #expect(child.wait() == 0) }
    // Each has written B when it got the lease and E before it gave it back.
    let log = FileManager.default.contents(atPath: directory.file + ".log").map { String(decoding: $0, as: UTF8.self) }
    let text = try #require(log)
    #expect(text.count == 200)
    #expect(text == String(repeating: "BE", count: text.count / 2))
  }

  @Test func `a limit of the file size is a full disk, also at the first opening`() throws {
    #expect(try Child.start(.limited, directory.file, number: 12_000, times: 400).wait() == 0)
    let other = StoreDirectory()
    #expect(try Child.start(.limited, other.file, number: 2_000, times: 3).wait() == 0)
    // With room it goes on from there.
    for path in [directory.file, other.file] {
      let tier = SQLiteDurableTier(StoreFile(.init(path: path), logger: StoreDirectory.logger))
      #expect(try tier.set([Child.key(1, 1): Child.document], revision: try tier.revision()).isEmpty)
      #expect(try tier.file.check().faults.isEmpty)
    }
  }

  /// As long as a file may be, one block more each time: so each write is once the first to fail, of laying the file out
  /// as well.
  @Test func `whichever write is the first that there is no room for, what was acknowledged stays`() throws {
    for blocks in 0..<70 {
      let directory = StoreDirectory()
      let child = try Child.start(.limited, directory.file, number: blocks * 4, times: 5)
      try #require(child.wait() == 0, "\(blocks) blocks")
      let tier = SQLiteDurableTier(StoreFile(.init(path: directory.file), logger: StoreDirectory.logger))
      #expect(
        try tier.set([Child.key(1, 1): Child.document], revision: try tier.revision()).isEmpty, "\(blocks) blocks")
      let findings = try tier.file.check()
      #expect(findings.faults.isEmpty && findings.damaged == 0, "\(blocks) blocks")
      #expect(!directory.names.contains { $0.contains("damaged") }, "\(blocks) blocks")
    }
  }

  @Test(.disabled(if: geteuid() != 0, "needs root")) func `what cannot be written to is read`() throws {
    let writer = SQLiteDurableTier(StoreFile(.init(path: directory.file), logger: StoreDirectory.logger))
    _ = try writer.set([Child.key(0, 0): Child.document], revision: try writer.revision())
    writer.file.close()
    for path in [directory.path, directory.path + "/deep", directory.path + "/deep/er"] { chmod(path, 0o755) }
    for name in directory.names { chmod(directory.path + "/deep/er/" + name, 0o644) }
    // No log is there, and nobody could make one.
    #expect(try Child.start(.read, directory.file, number: 0, times: 1).wait() == 0)
    // With a log that others write to.
    let again = SQLiteDurableTier(StoreFile(.init(path: directory.file), logger: StoreDirectory.logger))
    _ = try again.set([Child.key(0, 0): Child.document], revision: try again.revision())
    for name in directory.names { chmod(directory.path + "/deep/er/" + name, 0o644) }
    #expect(try Child.start(.read, directory.file, number: 0, times: 1).wait() == 0)
  }
}

/// Another process on the same file: `StoreProcess`.
final class Child {
  enum Work: String {
    case count, write, lease, limited, read
  }

  private let process = Process()
  private let pipe = Pipe()

  static func start(_ work: Work, _ path: String, number: Int, times: Int) throws -> Child {
    let child = Child()
    // It is built beside the tests.
    child.process.executableURL = URL(fileURLWithPath: try #require(realPath("/proc/self/exe")))
      .deletingLastPathComponent().appendingPathComponent("StoreProcess")
    child.process.arguments = [work.rawValue, path, "\(number)", "\(times)"]
    child.process.standardOutput = child.pipe
    try child.process.run()
    return child
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// - Returns: its exit status.
  func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  lazy var output = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())

  static func key(_ child: Int, _ number: Int) -> CacheKey {
    CacheKey(.artist, MBID(high: UInt64(child), low: UInt64(number)))
  }

  static let document = SQLiteStoreTests.document(
    String(repeating: "text ", count: 100), expires: UnixTime(seconds: 3_000_000_000))
}
