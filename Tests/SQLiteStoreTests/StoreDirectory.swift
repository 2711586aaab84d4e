import Core
import Foundation
import Logging
import Metadata
import SQLite

@testable import Cache
@testable import Documents
@testable import SQLiteStore

/// A directory of a test's own, with a store in it that may be opened several times, as by several processes.
final class StoreDirectory {
  let path: String
  let clock = Clock()

  final class Clock {
    var wall = UnixTime(seconds: 1_800_000_000)
    var sinceBoot: Int64 = 1_000_000
    var boot: Int64 = 4_711

    func advance(_ seconds: Int64) {
      wall = wall + seconds
      sinceBoot += seconds * 1_000
    }
  }

  init() {
    path = NSTemporaryDirectory() + "store-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: String { path + "/deep/er/linernotes.db" }

  static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  func store(_ change: (inout StoreFile.Options) -> Void = { _ in }) -> StoreFile {
    let clock = clock
    var options = StoreFile.Options(
      path: file, awaitedMilliseconds: 2_000,
      clock: StoreClock(wall: { clock.wall }, sinceBoot: { clock.sinceBoot }, boot: clock.boot))
    change(&options)
    return StoreFile(options, logger: StoreDirectory.logger)
  }

  func tier(_ change: (inout StoreFile.Options) -> Void = { _ in }) -> SQLiteDurableTier {
    SQLiteDurableTier(store(change))
  }

  func notes(_ change: (inout StoreFile.Options) -> Void = { _ in }) -> SQLiteTier { SQLiteTier(store(change)) }

  /// The permissions, in octal.
  func mode(_ path: String) throws -> String {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return String((attributes[.posixPermissions] as? Int) ?? 0, radix: 8)
  }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/deep/er")) ?? []).sorted()
  }
}

let id: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
let other: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"

func document(_ text: String, expires: UnixTime) -> Document {
  Document(parts: [.init(label: [1], Fragment(Array(text.utf8)))], references: [other], expires: expires)
}
