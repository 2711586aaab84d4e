import Foundation
import TestServers
import Testing

/// What the master knows of its workers, and does about those that hang or have served enough.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct ScoreboardPoolTests {
  /// A MusicBrainz that takes a request and never answers.
  static func hangingSource() -> ReplayServer { ReplayServer { _ in .hang } }

  static let unknown = "/artist/00000000-0000-4000-8000-00000000000"

  @Test func `status shows every worker, for people and for programs, and no query`() throws {
    let source = Self.hangingSource()
    defer { source.stop() }
    let pool = try ObservedPool(["MUSICBRAINZ__BASE_URL": source.url])
    for _ in 0..<5 { #expect(try pool.site.get(HTTPTests.artist).status == 200) }
    _ = try pool.ask("\(Self.unknown)1?primTypes=secretword")
    let (pid, state) = try pool.worker(at: "artist")
    #expect(state["request"] as? String == "GET artist")
    try eventually { try pool.worker(at: "artist").state["stage"] as? String == "provider musicbrainz" }
    let status = try pool.status()
    #expect(status["pid"] as? Int == Int(pool.master) && status["socket"] as? String == pool.socket)
    #expect(try pool.workers().compactMap { $0["requests"] as? Int }.reduce(0, +) == 5)
    #expect(try pool.workers().allSatisfy { ($0["private_bytes"] as? Int ?? 0) > 100_000 })
    let table = try pool.linernotes("status", "--socket", pool.socket)
    let text = String(decoding: table.output, as: UTF8.self)
    #expect(table.status == 0 && text.contains("pool \(pool.master) on \(pool.socket)"))
    #expect(text.contains("provider musicbrainz") && text.contains("GET artist") && text.contains("\(pid) "), "\(text)")
    #expect(!text.contains("secretword"))
  }

  @Test func `without a pool status says so`() throws {
    let pool = try ObservedPool(nginxSettings: nil)
    let result = try pool.linernotes("status", "--socket", "/nowhere")
    #expect(result.status == 3 && result.error.contains("no pool"))
  }

  @Test func `a worker that hangs in a request is ended, and the log tells where`() throws {
    let source = Self.hangingSource()
    defer { source.stop() }
    let pool = try ObservedPool(["MUSICBRAINZ__BASE_URL": source.url, "WORKER_TIMEOUT": "2"])
    let curl = try pool.ask("\(Self.unknown)1")
    let (pid, _) = try pool.worker(at: "artist")
    try eventually { try pool.worker(at: "artist").state["stage"] as? String == "provider musicbrainz" }
    kill(pid, SIGSTOP)
    // nginx sends it once more, to the other worker, which takes too long as well.
    try eventually { try !pool.pids().contains(pid) }
    let line = try #require(pool.text.split(separator: "\n").first { $0.contains("a worker hangs and is ended") })
    #expect(line.contains("pid=\(pid)") && line.contains(#"stage="provider musicbrainz""#), "\(line)")
    #expect(line.contains(#"at="GET artist""#))
    let deaths = try #require(try pool.status()["deaths"] as? [[String: Any]])
    #expect(deaths.contains { $0["pid"] as? Int == Int(pid) && $0["cause"] as? String == "hang" })
    curl.waitUntilExit()
    try eventually { try pool.workers().count == 2 }
    #expect(try pool.site.get(HTTPTests.artist).status == 200)
  }

  @Test func `a worker that is idle for longer than a request may take is left alone`() throws {
    let pool = try ObservedPool(["WORKER_TIMEOUT": "1"])
    #expect(try pool.site.get(HTTPTests.artist).status == 200)
    let before = Set(try pool.pids())
    usleep(4_000_000)
    #expect(Set(try pool.pids()) == before)
  }

  @Test func `a crash is counted, and its place kept`() throws {
    let source = Self.hangingSource()
    defer { source.stop() }
    let pool = try ObservedPool(["MUSICBRAINZ__BASE_URL": source.url])
    let curl = try pool.ask("\(Self.unknown)1")
    let (pid, _) = try pool.worker(at: "artist")
    try eventually { try pool.worker(at: "artist").state["stage"] as? String == "provider musicbrainz" }
    kill(pid, SIGSEGV)
    try eventually { try (pool.status()["losses"] as? [String: Any])?["signal"] as? Int == 1 }
    let death = try #require((try pool.status()["deaths"] as? [[String: Any]])?.first)
    #expect(death["pid"] as? Int == Int(pid) && death["cause"] as? String == "SIGSEGV")
    #expect(death["stage"] as? String == "provider musicbrainz" && death["request"] as? String == "GET artist")
    #expect(
      pool.text.contains(#"worker died at="GET artist" cause="signal 11" pid=\#(pid) stage="provider musicbrainz""#))
    curl.terminate()
  }

  @Test func `workers that have answered enough are replaced one at a time, and no request is lost`() throws {
    let pool = try ObservedPool(["WORKER_MAX_REQUESTS": "100"], workers: 3)
    let before = Set(try pool.pids())
    var fewest = 3
    for _ in 0..<12 {
      #expect(Set(try pool.site.statuses("\(HTTPTests.artist)?x=[1-200]", atOnce: 4)) == ["200"])
      fewest = min(fewest, try pool.workers().count)
      usleep(300_000)
    }
    try eventually { before.isDisjoint(with: try pool.pids()) }
    #expect(fewest >= 2)
    #expect((try pool.status()["losses"] as? [String: Any])?["recycled"] as? Int ?? 0 >= 3)
    #expect((try pool.status()["deaths"] as? [Any])?.isEmpty ?? false)
    #expect(!pool.text.contains("worker died"))
  }

  @Test func `a worker with too much memory is replaced`() throws {
    let pool = try ObservedPool(["WORKER_MAX_MEMORY": "1"], workers: 1, nginxSettings: nil)
    let before = try pool.pids()
    try eventually { try !pool.pids().contains { before.contains($0) } }
    #expect(pool.text.contains("served enough") && pool.text.contains("megabytes="))
  }

  @Test func `after a reload the new workers are on the board, and the sums go on`() throws {
    let pool = try ObservedPool()
    for _ in 0..<10 { #expect(try pool.site.get(HTTPTests.artist).status == 200) }
    let before = Set(try pool.pids())
    kill(pool.master, SIGHUP)
    try eventually {
      let now = try pool.pids()
      return before.isDisjoint(with: now) && now.count == 2
    }
    let key = #"linernotes_http_requests_total{route="artist",status="2xx"}"#
    #expect(try pool.metrics()[key] == 10)
  }
}
