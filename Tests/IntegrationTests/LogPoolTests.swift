import Foundation
import TestServers
import Testing

/// The log of a whole pool.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct LogPoolTests {
  @Test func `all processes write to one file, and to a new one after USR1`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path
    defer { for name in [file, "\(file).1"] { try? FileManager.default.removeItem(atPath: name) } }
    let pool = try ObservedPool(["LOG_TO": "file", "LOG_FILE": file, "LOG_LEVEL": "debug"])
    func lines(_ name: String) -> [String] {
      ((try? String(contentsOfFile: name, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }
    try eventually { lines(file).contains { $0.contains("pool started") } }
    try FileManager.default.moveItem(atPath: file, toPath: "\(file).1")
    let pids = Set(try pool.pids())
    kill(pool.master, SIGUSR1)
    try eventually { lines(file).contains { $0.hasSuffix("log opened anew") } }
    let old = lines("\(file).1").count
    // What the workers write now is in the new file.
    for _ in 0..<8 { _ = try pool.site.get("\(ScoreboardPoolTests.unknown)2") }
    try eventually { lines(file).contains { $0.contains("no answer") } }
    #expect(lines("\(file).1").count == old)
    #expect(Set(try pool.pids()) == pids, "USR1 ends nobody")
  }

  @Test func `each line of a request has nginx's id of it, and a slow one says what it waited for`() throws {
    let source = ReplayServer { _ in .late(milliseconds: 700, body: Array("{}".utf8)) }
    defer { source.stop() }
    let pool = try ObservedPool([
      "MUSICBRAINZ__BASE_URL": source.url, "SLOW_REQUEST_MS": "500", "LOG_FORMAT": "json",
      "MUSICBRAINZ__INTERVAL": "0",
    ])
    #expect(try pool.site.get("\(ScoreboardPoolTests.unknown)3?primTypes=hidden").status == 503)
    #expect(try pool.site.get(HTTPTests.artist).status == 200)
    func objects(_ message: String) throws -> [[String: String]] {
      try pool.text.split(separator: "\n").compactMap {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String]
      }.filter { $0["message"] == message }
    }
    try eventually { try !objects("slow request").isEmpty }
    let slow = try #require(try objects("slow request").first)
    #expect(slow["route"] == "artist" && slow["status"] == "503" && slow["method"] == "GET")
    #expect(Int(slow["ms"] ?? "") ?? 0 >= 600 && Int(slow["provider"] ?? "") ?? 0 >= 600, "\(slow)")
    let failure = try #require(try objects("no answer").first)
    #expect(failure["request"]?.count == 32 && failure["request"] == slow["request"], "\(failure)")
    #expect(!pool.text.contains("hidden"))
    #expect(try objects("slow request").count == 1, "only slow ones")
  }

  @Test func `a client cannot choose the id, and levels are of modules`() throws {
    let pool = try ObservedPool(["LOG_LEVELS": "linernotes=critical"])
    _ = try pool.site.get(
      "\(ScoreboardPoolTests.unknown)4", headers: ["REQUEST_ID: forged", "X-Request-Id: forged"])
    usleep(300_000)
    #expect(!pool.text.contains("forged") && !pool.text.contains("pool started"), "\(pool.text)")
  }
}
