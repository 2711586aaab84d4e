import Foundation
import SQLite
import Testing

/// Nothing but the executable and a directory: SQLite is the store, and no server is asked.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) final class SQLiteAloneTests {
  let stack = Stack.content
  let user: LonelyUser

  init() throws { user = try LonelyUser() }

  var dataset: String { "\(user.directory)/sample.dataset" }

  /// The sources that the stack has, and nobody's servers.
  var sources: [String: String] {
    stack.environment.filter { name, _ in name.hasPrefix("DATABASE__") || name.hasSuffix("BASE_URL") }
      .merging(["PATH": "/usr/bin:/bin", "STATE_DIRECTORY": "\(user.directory)/state"]) { $1 }
  }

  /// No source either.
  var nothing: [String: String] { ["STATE_DIRECTORY": "\(user.directory)/state", "DATABASE__HOST": "/nonexistent"] }

  func export() throws {
    let result = try user.run(sources, network: true, ["export", dataset, "--all"])
    try #require(result.status == 0, "\(result.error)")
  }

  @Test func `from an empty directory, without a network, what was imported is answered, and all says what is missing`()
    throws
  {
    try export()
    let first = try user.run(nothing, ["import", dataset])
    try #require(first.status == 0, "\(first.error)")
    #expect(try user.modes("state").allSatisfy { name, mode in mode == (name.isEmpty ? "700" : "600") })
    for path in ExpectationTests.paths {
      let answer = try user.cgi(path, nothing)
      #expect(answer.head.hasPrefix("Status: 200"), "\(path) \(answer.head)")
      #expect(answer.body == (try stack.get(path).body), "\(path)")
    }
    // What needs neither an index nor a source.
    for (path, status) in [
      ("/", 200), ("/recent/artist", 200), ("/recent/album?since=1", 200), ("/nosuch", 404),
      ("/artist/xyz", 400), ("/series/x", 400), ("/artist/00000000-0000-4000-8000-000000000000", 503),
      ("/search/artist?query=soup", 503), ("/health", 200),
    ] {
      #expect(try user.cgi(path, nothing).head.hasPrefix("Status: \(status)"), "\(path)")
    }
    let health = String(decoding: try user.cgi("/health", nothing).body, as: UTF8.self)
    #expect(health.contains(#""durable":{"status":"up","detail":"SQLite"#), "\(health)")
    #expect(health.contains(#""musicbrainz":{"status":"down""#), "\(health)")
    let check = try user.run(nothing, ["check"])
    let text = String(decoding: check.output, as: UTF8.self)
    #expect(check.status == 1)
    #expect(text.contains(/musicbrainz +DOWN/) && text.contains(/cache +up +[0-9.]+ ms +SQLite/), "\(text)")
    #expect(text.contains(/durable +up +[0-9.]+ ms +SQLite/), "\(text)")
    #expect(text.contains("store: \(user.directory)/state/"), "\(text)")
    let sound = try user.run(nothing, ["store", "check"])
    #expect(sound.status == 0, "\(sound.error)")

    // The way back, and to another store.
    let back = "\(user.directory)/back.dataset"
    let export = try user.run(nothing, ["export", back])
    try #require(export.status == 0, "\(export.error)")
    var other = nothing
    other["STATE_DIRECTORY"] = "\(user.directory)/other"
    let second = try user.run(other, ["import", back])
    try #require(second.status == 0, "\(second.error)")
    for path in ExpectationTests.paths {
      #expect(try user.cgi(path, other).body == (try stack.get(path).body), "\(path)")
    }
    let again = try user.run(other, ["import", back])
    #expect(
      String(decoding: again.output, as: UTF8.self).contains("0 artists, 0 lists of albums, 0 albums imported"))
  }

  @Test func `without any setting there is no memcached, no Solr, and the store is in the home directory`() throws {
    let check = try user.run([:], ["check"])
    let text = String(decoding: check.output, as: UTF8.self)
    #expect(!text.contains("memcached does not answer") && !text.contains("11211") && !text.contains("8983"), "\(text)")
    // Whoever seems to have relied on what the default was is told.
    let told = try user.run(nothing.merging(["RATE_LIMITER": "memcached"]) { $1 }, ["check"])
    #expect(String(decoding: told.output, as: UTF8.self).contains("MEMCACHED_SERVERS is not set"))
  }

  // MARK: - While a pool runs

  enum Fate: CaseIterable {
    case deleted, emptied, cut, garbage, newer, directoryGone
  }

  func meet(_ fate: Fate) throws {
    let state = "\(user.directory)/state"
    let file = "\(state)/linernotes.db"
    switch fate {
    case .deleted:
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) }
    case .emptied: truncate(file, 0)
    case .cut: truncate(file, 8_192)
    case .garbage:
      let garbage = Data((0..<200_000).map { _ in UInt8.random(in: 0...255) })
      try garbage.write(to: URL(fileURLWithPath: file), options: .atomic)
      chmod(file, 0o666)
    case .newer:
      // user_version, big-endian, at 60: layout 9.0.
      // What is in the log belongs to it.
      let connection = try SQLiteConnection(path: file)
      connection.wait(milliseconds: 5_000)
      try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
      connection.close()
      var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      guard bytes.count > 64 else { return }
      bytes.replaceSubrange(60..<64, with: [0, 9, 0, 0])
      try bytes.write(to: URL(fileURLWithPath: file), options: .atomic)
      chmod(file, 0o666)
    case .directoryGone: try? FileManager.default.removeItem(atPath: state)
    }
  }

  @Test(arguments: Fate.allCases)
  func `whatever becomes of the file while a pool runs, everything is answered, and answered right`(fate: Fate) throws {
    let pool = try StorePool(user, sources)
    let paths = ExpectationTests.paths
    for path in paths { #expect(try pool.site.get(path).body == (try stack.get(path).body), "\(path)") }
    let statuses = try pool.load((0..<12).flatMap { _ in paths }) {
      for _ in 0..<(fate == .newer ? 1 : 4) {
        usleep(60_000)
        try meet(fate)
      }
    }
    // A file that is cut off in the very moment in which a process reads it ends that process.
    let failed = statuses.count { $0 != "200" }
    let allowed = fate == .emptied || fate == .cut ? 4 : 0
    #expect(failed <= allowed, "\(failed) of \(statuses.count): \(pool.text.suffix(2_000))")
    #expect(statuses.count == 12 * paths.count)
    for path in paths { #expect(try pool.site.get(path).body == (try stack.get(path).body), "\(path)") }
    var health = ""
    for _ in 0..<200 {
      health = String(decoding: try pool.site.get("/health").body, as: UTF8.self)
      if health.contains(#""durable":{"status":"up""#) == (fate != .newer) { break }
      usleep(50_000)
    }
    #expect(health.contains(#""durable":{"status":"up""#) == (fate != .newer), "\(health)")
    if fate == .newer { #expect(health.contains("layout 9.0 of a newer version"), "\(health)") }
    if fate == .garbage {
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(user.directory)/state")
      #expect(names.contains { $0.contains(".damaged-") }, "\(names)")
    }
  }

  // MARK: - Behind memcached

  @Test func `behind memcached SQLite keeps what was computed`() throws {
    var settings = sources
    settings["MEMCACHED_SERVERS"] = try stack.value("MEMCACHED_SERVERS")
    settings["CACHE__NAMESPACE"] = "alone-\(UUID().uuidString)"
    let expected = try stack.get(HTTPTests.album).body
    #expect(try user.cgi(HTTPTests.album, settings, network: true).body == expected)
    settings["DATABASE__HOST"] = "/nonexistent"
    // memcached has it.
    var elsewhere = settings
    elsewhere["STATE_DIRECTORY"] = "\(user.directory)/elsewhere"
    var answer = try user.cgi(HTTPTests.album, elsewhere, network: true)
    // A memcached that is slow to answer is left out for that request.
    for _ in 0..<20 where answer.body != expected { answer = try user.cgi(HTTPTests.album, elsewhere, network: true) }
    #expect(answer.body == expected, "\(answer.head)")
    // Nothing of this name is in memcached.
    settings["CACHE__NAMESPACE"] = "alone-\(UUID().uuidString)"
    #expect(try user.cgi(HTTPTests.album, settings, network: true).body == expected)
    // And not in the file alone any more.
    settings["STATE_DIRECTORY"] = "\(user.directory)/elsewhere"
    #expect(try user.cgi(HTTPTests.album, settings, network: true).body == expected)
  }

  // MARK: - A dataset

  @Test func `another dataset file is taken over by itself, without a refused request`() throws {
    try export()
    let list = "\(user.directory)/ids"
    try "472bc127-8861-45e8-bc9e-31e8dd32de7a\n".write(toFile: list, atomically: true, encoding: .utf8)
    let small = "\(user.directory)/small.dataset"
    let result = try user.run(sources, network: true, ["export", small, "--ids", list])
    try #require(result.status == 0, "\(result.error)")
    let link = "\(user.directory)/current"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: small)

    let pool = try StorePool(user, nothing, ["--dataset", "current"])
    #expect(try pool.site.get(HTTPTests.artist).body == (try stack.get(HTTPTests.artist).body))
    func count() throws -> String {
      String(decoding: try pool.site.get("/health").body, as: UTF8.self)
        .firstMatch(of: /: (\d+) artists/).map { String($0.1) } ?? "none"
    }
    let before = try count()
    let statuses = try pool.load([String](repeating: HTTPTests.artist, count: 1_500)) {
      try FileManager.default.createSymbolicLink(atPath: link + ".new", withDestinationPath: dataset)
      #expect(rename(link + ".new", link) == 0)
      for _ in 0..<500 where try count() == before { usleep(20_000) }
    }
    #expect(statuses == [String](repeating: "200", count: 1_500))
    for _ in 0..<200 where try count() != "16" { usleep(20_000) }
    #expect(try count() == "16" && before != "16")
    for path in ExpectationTests.paths { #expect(try pool.site.get(path).status == 200, "\(path)") }
    // What differs between the two is listed nowhere.
    let recent = String(decoding: try pool.site.get("/recent/artist?since=1700000000").body, as: UTF8.self)
    #expect(recent.contains(#""limited":true"#), "\(recent)")
    let later = "/recent/artist?since=\(Int(Date().timeIntervalSince1970) + 600)"
    #expect(String(decoding: try pool.site.get(later).body, as: UTF8.self).contains(#""limited":false"#))

    // One that is of no use is left alone, and what there was goes on.
    try Data("no dataset".utf8).write(to: URL(fileURLWithPath: "\(user.directory)/bad.dataset"))
    try FileManager.default.createSymbolicLink(
      atPath: link + ".new", withDestinationPath: "\(user.directory)/bad.dataset")
    #expect(rename(link + ".new", link) == 0)
    for _ in 0..<500 where !pool.text.contains("is not taken over") { usleep(20_000) }
    #expect(pool.text.contains("is not taken over"))
    #expect(try count() == "16")
  }

  @Test func `a killed export leaves no file under the name, or a whole one`() throws {
    let command = user.command(sources, network: true) + [try stack.value("POOL_BINARY"), "export", dataset, "--all"]
    var whole = 0
    for delay in stride(from: 0, to: 1_000_000, by: 40_000) {
      try? FileManager.default.removeItem(atPath: dataset)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = command
      process.standardOutput = FileHandle(forWritingAtPath: "/dev/null")
      process.standardError = FileHandle(forWritingAtPath: "/dev/null")
      try process.run()
      usleep(UInt32(delay))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      guard FileManager.default.fileExists(atPath: dataset) else { continue }
      whole += 1
      #expect(try user.run(nothing, ["dataset", "check", dataset]).status == 0, "after \(delay) µs")
      if whole > 2 { break }
    }
    // What it left is in nobody's way.
    try export()
    #expect(try user.run(nothing, ["dataset", "check", dataset]).status == 0)
  }

  @Test func `an export that runs out of room leaves nothing, and the old file as it was`() throws {
    try export()
    let before = try Data(contentsOf: URL(fileURLWithPath: dataset))
    // In blocks of 1,024 bytes; a limit of the file size is refused as a full disk is.
    for blocks in [1, 7, 8, 9, 40, before.count / 2_048, before.count / 1_024 - 1] {
      let shell =
        user.command(sources, network: true) + [
          "/bin/bash", "-c", #"trap "" XFSZ; ulimit -f "$0"; exec "$@""#, "\(blocks)",
          try stack.value("POOL_BINARY"), "export", dataset, "--all",
        ]
      let result = try Command.run("/usr/bin/env", shell)
      #expect(result.status != 0 && result.error.contains("cannot be written"), "\(blocks): \(result.error)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: dataset)) == before, "\(blocks)")
      #expect(!FileManager.default.fileExists(atPath: dataset + ".tmp"), "\(blocks)")
    }
  }
}
