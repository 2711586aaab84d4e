import Foundation
import Testing

/// Every dependency dies, hangs and comes back, while somebody asks. One at a time: they share an instance.
@Suite(.serialized, .disabled(if: Stack.isMissingAndMayBe)) struct FaultTests {
  let stack = Stack.fault
  let cached = "/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a"
  let others = ["/artist/1946a82a-f927-40c2-8235-38d64f50d043", "/artist/a16d1433-ba89-4f72-a47b-a370add0bb55"]

  func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try work()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }

  func componentStatus(_ name: String) throws -> String? {
    let components = try stack.get("/health").object()["components"] as? [String: [String: Any]]
    return components?[name]?["status"] as? String
  }

  func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    for _ in 0..<100 {
      if try condition() { return }
      usleep(50_000)
    }
    Issue.record("never: \(what)")
  }

  /// Every process finds out by itself that what was away is back; load is put on when all have.
  func settle() throws {
    try eventually("all is well") { try (0..<20).allSatisfy { _ in try stack.get(cached).status == 200 } }
  }

  @Test func `what has changed is served from the cache until it is refreshed, and anew from then on`() throws {
    let id = "5b85945c-c9ca-4346-a58e-7992f6c6a5b6"
    func disambiguation() throws -> String? {
      try stack.get("/artist/\(id)").object()["disambiguation"] as? String
    }
    let before = try #require(try disambiguation())
    func change(to text: String) throws {
      let result = try Command.run(
        "/usr/bin/psql",
        [
          "-h", try stack.value("DATABASE__HOST"), "-U", try stack.value("DATABASE__USER"),
          "-d", try stack.value("DATABASE__DATABASE"), "-qc",
          "UPDATE musicbrainz.artist SET comment = '\(text)' WHERE gid = '\(id)'",
        ])
      try #require(result.status == 0, "\(result.error)")
    }
    try change(to: "another")
    #expect(try disambiguation() == before)
    let refresh = try stack.get("/artist/\(id)/refresh", method: "POST")
    #expect(try refresh.object()["success"] as? Bool == true)
    #expect(refresh.headers["cache-control"] == "no-cache")
    #expect(try disambiguation() == "another")
    try eventually("it is a recent change") {
      let items = try stack.get("/recent/artist?since=1").object()["items"] as? [String]
      return items?.contains(id) ?? false
    }
    try change(to: before)
    _ = try stack.get("/artist/\(id)/refresh", method: "POST")
    #expect(try disambiguation() == before)
  }

  @Test func `memcached dies and comes back: answers stay, and it is used again`() throws {
    let before = try stack.get(cached)
    try stack.run("kill", "memcached")
    for _ in 0..<6 { #expect(try stack.get(cached).body == before.body) }
    #expect(try componentStatus("cache") == "down")
    #expect(try stack.get("/").object()["status"] as? String == "degraded")
    try stack.run("start", "memcached")
    try eventually("memcached is used again") { try componentStatus("cache") == "up" }
    #expect(try stack.get(cached).body == before.body)
  }

  @Test func `memcached hangs: answers stay and are not slow`() throws {
    let before = try stack.get(cached)
    try stack.run("pause", "memcached")
    defer { try? stack.run("resume", "memcached") }
    for path in [cached] + others { #expect(try stack.get(path).status == 200) }
    var slow = 0
    for _ in 0..<20 {
      var answer: Answer?
      if try seconds({ answer = try stack.get(cached) }) > 1 { slow += 1 }
      #expect(answer?.body == before.body)
    }
    #expect(slow == 0)
    try stack.run("resume", "memcached")
    try eventually("memcached is used again") { try componentStatus("cache") == "up" }
  }

  @Test func `PostgreSQL stops and starts: what is cached is served, what is not is 503, and it heals`() throws {
    let before = try stack.get(cached)
    try stack.run("stop", "postgres")
    #expect(try stack.get(cached).body == before.body)
    let missing = try stack.get("/artist/6fe9f838-112e-44f1-af83-97464f08285b")
    #expect(missing.status == 503)
    #expect(missing.headers["retry-after"] != nil)
    #expect(missing.headers["cache-control"] == "no-cache")
    #expect(try missing.object()["error"] is String)
    #expect(try stack.get("/artist/00000000-0000-4000-8000-000000000000").status == 503, "nobody said that it is gone")
    #expect(try stack.get("/").status == 200)
    #expect(try componentStatus("musicbrainz") == "down")
    let recent = try stack.get("/recent/artist").object()
    #expect(recent["limited"] as? Bool == true && recent["count"] as? Int == 0)
    try stack.run("start", "postgres")
    try eventually("the artist is there again") {
      try stack.get("/artist/6fe9f838-112e-44f1-af83-97464f08285b").status == 200
    }
    #expect(try stack.get("/artist/00000000-0000-4000-8000-000000000000").status == 404)
    #expect(try componentStatus("musicbrainz") == "up")
  }

  @Test func `PostgreSQL hangs: what is cached is served at once, what is not costs the deadline`() throws {
    let before = try stack.get(cached)
    try stack.run("pause", "postgres")
    defer { try? stack.run("resume", "postgres") }
    var answer: Answer?
    #expect(try seconds { answer = try stack.get(cached) } < 1)
    #expect(answer?.body == before.body)
    let path = "/artist/97fa3f6e-557c-4227-bc0e-95a7f9f3285d"
    var status = 0
    let wait = try seconds { status = try stack.get(path).status }
    #expect(status == 503)
    #expect(wait < 15)
    try stack.run("resume", "postgres")
    try eventually("the artist is there again") { try stack.get(path).status == 200 }
  }

  private func sql(_ text: String) throws -> String {
    let result = try Command.run(
      "/usr/bin/psql",
      [
        "-h", try stack.value("DATABASE__HOST"), "-U", try stack.value("DATABASE__USER"),
        "-d", try stack.value("DATABASE__DATABASE"), "-qAtc", text,
      ])
    try #require(result.status == 0, "\(result.error)")
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").joined()
  }

  @Test func `a query that waits for too long is answered with 503 and gone from PostgreSQL then`() throws {
    let lock = Process()
    lock.executableURL = URL(fileURLWithPath: "/usr/bin/psql")
    lock.arguments = [
      "-h", try stack.value("DATABASE__HOST"), "-U", try stack.value("DATABASE__USER"),
      "-d", try stack.value("DATABASE__DATABASE"), "-qAtc",
      "BEGIN; LOCK TABLE musicbrainz.artist IN ACCESS EXCLUSIVE MODE; SELECT /* the lock */ pg_sleep(60)",
    ]
    lock.standardOutput = FileHandle.nullDevice
    lock.standardError = FileHandle.nullDevice
    try lock.run()
    let others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%/* the lock */%'"
    defer {
      _ = try? sql("SELECT pg_terminate_backend(pid) \(others)")
      lock.waitUntilExit()
    }
    try eventually("the table is locked") { try sql("SELECT wait_event \(others)") == "PgSleep" }
    #expect(try stack.get("/artist/22dd2db3-88ea-4428-a7a8-5cd3acf23175").status == 503)
    try eventually("the query is gone") {
      let waiting = "application_name = 'linernotes' AND state = 'active' AND wait_event_type = 'Lock'"
      return try sql("SELECT count(*) FROM pg_stat_activity WHERE \(waiting)") == "0"
    }
  }

  @Test func `memcached forgets everything while the database is away: the durable tier has kept it`() throws {
    let before = try stack.get(cached)
    try eventually("it is saved") { try stack.get("/recent/artist?since=1").object()["count"] as? Int != 0 }
    try stack.run("restart", "memcached")
    #expect(try stack.get(cached).body == before.body)
  }

  @Test func `memcached and PostgreSQL both gone: unhealthy, and every answer is JSON`() throws {
    try stack.run("kill", "memcached")
    try stack.run("stop", "postgres")
    let health = try stack.get("/health")
    #expect(health.status == 503)
    #expect(try health.object()["status"] as? String == "unhealthy")
    #expect(try stack.get("/artist/5b85945c-c9ca-4346-a58e-7992f6c6a5b6").status == 503)
    try stack.run("start", "postgres", "memcached")
    try eventually("it is healthy again") { try stack.get("/health").status == 200 }
  }

  @Test func `killed workers are replaced, and under load nobody notices but those they served`() throws {
    try settle()
    let before = Set(try stack.workers())
    let load = Process()
    load.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    let output = try Temporary()
    load.standardOutput = try FileHandle(forWritingTo: output.url)
    load.arguments =
      ["-s", "-o", "/dev/null", "-w", "%{http_code}\n", "--parallel", "--parallel-max", "8"]
      + ["\(try stack.value("URL"))\(cached)?[1-4000]"]
    try load.run()
    usleep(200_000)
    for pid in before { kill(pid, SIGKILL) }
    load.waitUntilExit()
    let codes = try String(contentsOf: output.url, encoding: .utf8).split(separator: "\n")
    let failures = codes.filter { $0 != "200" }
    #expect(codes.count == 4000)
    // A killed process takes the requests with it that it was answering, and no others.
    #expect(failures.count <= before.count, "\(failures)")
    try eventually("the pool is whole again") {
      let now = Set(try stack.workers())
      return now.count == before.count && now.isDisjoint(with: before)
    }
  }

  @Test func `a reload under load loses nothing`() throws {
    try settle()
    let before = Set(try stack.workers())
    let load = Process()
    load.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    let output = try Temporary()
    load.standardOutput = try FileHandle(forWritingTo: output.url)
    load.arguments =
      ["-s", "-o", "/dev/null", "-w", "%{http_code}\n", "--parallel", "--parallel-max", "8"]
      + ["\(try stack.value("URL"))\(cached)?[1-6000]"]
    try load.run()
    try stack.run("reload", "pool")
    load.waitUntilExit()
    let codes = try String(contentsOf: output.url, encoding: .utf8).split(separator: "\n")
    #expect(codes.count == 6000)
    #expect(codes.filter { $0 != "200" }.isEmpty)
    try eventually("all workers are new") {
      let now = Set(try stack.workers())
      return now.isDisjoint(with: before) && now.count == before.count
    }
  }

  @Test func `an executable that does not start never replaces one that works`() throws {
    let broken = try Temporary()
    try Data("#!/bin/sh\nexit 1\n".utf8).write(to: broken.url)
    let good = try Temporary()
    let binary = try stack.value("POOL_BINARY")
    try FileManager.default.removeItem(at: good.url)
    try FileManager.default.copyItem(atPath: binary, toPath: good.url.path)
    let before = Set(try stack.workers())
    try stack.run("install", broken.url.path)
    kill(try #require(Int32(try stack.value("POOL_PID"))), SIGHUP)
    usleep(1_500_000)
    #expect(Set(try stack.workers()).isSuperset(of: before))
    #expect(try stack.get(cached).status == 200)
    try stack.run("install", good.url.path)
    try stack.run("reload", "pool")
    #expect(try stack.get(cached).status == 200)
    try eventually("all workers are new") { Set(try stack.workers()).isDisjoint(with: before) }
  }

  @Test func `many who ask for the same thing at once have it computed once`() throws {
    // Nothing else here asks for it or its artist: what the durable tier has, every process would put back by itself.
    let album = "/album/9dba763e-7cff-36b3-af88-b755f237a4c7"
    try stack.run("restart", "memcached")
    let socket = try stack.value("MEMCACHED_SERVERS")
    let result = try Command.run(
      "/usr/bin/curl",
      ["-s", "-o", "/dev/null", "-w", "%{http_code}\n", "--parallel", "--parallel-immediate", "--parallel-max", "16"]
        + ["\(try stack.value("URL"))\(album)?[1-16]"])
    let codes = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
    #expect(codes == [Substring](repeating: "200", count: 16))
    let statistics = String(
      decoding: try stack.converse(with: socket, Array("stats\r\n".utf8), seconds: 1), as: UTF8.self)
    let sets = try #require(statistics.firstMatch(of: /STAT total_items (\d+)/).flatMap { Int($0.1) })
    // Two documents, album and artist, and the two leases that kept the others from computing them, each taken and given
    // back; leases that were tried for in vain are not stored. Each of the four workers notes that people are waiting.
    #expect((4...10).contains(sets), "\(sets) items were stored")
  }
}
