import Foundation
import Testing

/// What changes in MusicBrainz' database takes effect, by the executable itself. On the instance that is broken and mended:
/// see ``FaultTests``.
extension FaultTests {
  private var changing: String { "5b85945c-c9ca-4346-a58e-7992f6c6a5b6" }

  private func sql(_ text: String) throws {
    let result = try Command.run(
      "/usr/bin/psql",
      [
        "-h", try stack.value("DATABASE__HOST"), "-U", try stack.value("DATABASE__USER"), "-d",
        try stack.value("DATABASE__DATABASE"), "-v", "ON_ERROR_STOP=1", "-qAtc",
        "SET search_path = musicbrainz; \(text)",
      ])
    try #require(result.status == 0, "\(result.error)")
  }

  /// As replication does, which ends with what it says of itself.
  private func comment(_ text: String) throws {
    try sql(
      """
      UPDATE artist SET comment = '\(text)', last_updated = now() WHERE gid = '\(changing)';
      UPDATE replication_control
        SET current_replication_sequence = current_replication_sequence + 1, last_replication_date = now();
      """)
  }

  private var environment: [String: String] {
    stack.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
  }

  private func invalidate(_ arguments: String...) throws -> Command.Result {
    try Command.run(try stack.value("POOL_BINARY"), ["invalidate"] + arguments, environment: environment)
  }

  private func disambiguation(_ site: Site) throws -> String? {
    try site.get("/artist/\(changing)").object()["disambiguation"] as? String
  }

  @Test func `a change is seen through nginx when its copy is over, and not later`() throws {
    let nginx = try TestNginx(pool: try stack.value("POOL_SOCKET"), ["WORKERS=4"])
    let first = try invalidate("--quiet")
    try #require(first.status == 0, "\(first.error)")
    try comment("before")
    #expect(try invalidate().status == 0)
    try eventually("the change before") { try disambiguation(nginx.site) == "before" }
    try comment("after")
    #expect(try disambiguation(nginx.site) == "before")
    try eventually("the source tells") {
      let run = try invalidate()
      #expect(run.status == 0, "\(run.error)")
      return String(decoding: run.output, as: UTF8.self).contains("/artist/\(changing)\n")
    }
    usleep(2_100_000)
    for _ in 0..<5 { #expect(try disambiguation(nginx.site) == "after") }
    let recent = try stack.get("/recent/artist?since=1").object()
    #expect((recent["items"] as? [String])?.contains(changing) ?? false)
  }

  @Test func `what a run prints can be read by programs`() throws {
    _ = try invalidate("--quiet")
    let run = try invalidate("--json")
    #expect(run.status == 0)
    let object = try #require(try JSONSerialization.jsonObject(with: run.output) as? [String: Any])
    #expect(object["state"] as? String == "finished" && object["urls"] is [Any] && object["count"] is Int)
    #expect(try invalidate("--since", "yesterday").status == 64)
    #expect(try invalidate("--since", "2100-01-01").status == 64)
    #expect(try invalidate("--quiet", "--since", "2100000000000").status == 64)
  }

  @Test func `whoever listens has a change take effect, whatever died meanwhile, and ends when told`() throws {
    let listener = Process()
    listener.executableURL = URL(fileURLWithPath: try stack.value("POOL_BINARY"))
    listener.arguments = ["listen"]
    listener.environment = environment
    let log = try Temporary()
    listener.standardError = try FileHandle(forWritingTo: log.url)
    listener.standardInput = FileHandle(forReadingAtPath: "/dev/null")
    try listener.run()
    defer {
      if listener.isRunning { listener.terminate() }
      listener.waitUntilExit()
    }
    func takesEffect(_ text: String) throws {
      try comment(text)
      for _ in 0..<300 {
        if try disambiguation(Site(url: try stack.value("URL"))) == text { return }
        usleep(100_000)
      }
      Issue.record("never: \(text)\n\((try? String(contentsOf: log.url, encoding: .utf8)) ?? "")")
    }
    try takesEffect("one")
    try stack.run("kill", "memcached")
    try takesEffect("without memcached")
    try stack.run("start", "memcached")
    try takesEffect("with memcached again")
    try stack.run("restart", "postgres")
    try settle()
    try takesEffect("after PostgreSQL")
    listener.terminate()
    listener.waitUntilExit()
    #expect(listener.terminationStatus == 0 && listener.terminationReason == .exit)
  }

  @Test func `what MusicBrainz does not know is 404, and what nobody can tell is 503`() throws {
    let unknown = "00000000-0000-4000-8000-00000000000a"
    #expect(try stack.get("/artist/\(unknown)/refresh", method: "POST").status == 404)
    #expect(try stack.get("/album/\(unknown)/refresh", method: "POST").status == 404)
    #expect(try stack.get("/series/\(unknown)/refresh", method: "POST").status == 404)
    #expect(try stack.get("/series/x/refresh", method: "POST").status == 400)
    #expect(try stack.get(cached).status == 200)
    try stack.run("stop", "postgres")
    #expect(try stack.get("/artist/00000000-0000-4000-8000-00000000000b/refresh", method: "POST").status == 503)
    #expect(try stack.get("\(cached)/refresh", method: "POST").status == 200, "it is stored")
    #expect(try stack.get(cached).status == 200, "the old one is kept")
    try stack.run("start", "postgres")
    try settle()
    #expect(try stack.get("\(cached)/refresh", method: "POST").object()["success"] as? Bool == true)
  }
}

/// `/invalidate` over HTTP, through nginx.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) final class InvalidationRouteTests {
  let user: LonelyUser
  let pool: StorePool

  init() throws {
    user = try LonelyUser()
    let settings = Stack.content.environment.filter { name, _ in name.hasPrefix("DATABASE__") }
    pool = try StorePool(
      user,
      settings.merging([
        "PATH": "/usr/bin:/bin", "STATE_DIRECTORY": "\(user.directory)/state", "INVALIDATE_APIKEY": "a key",
        "WIKIPEDIA__BASE_URL": "http://127.0.0.1:9", "REFRESH_REQUIRES_KEY": "true",
      ]) { $1 })
  }

  @Test(arguments: ["GET", "POST"])
  func `who has the key gets a list, which nobody keeps`(method: String) throws {
    let site = try pool.site
    for headers in [["X-Api-Key: a key"], ["Authorization: a key"], ["Authorization: Bearer a key"]] {
      let answer = try site.get("/api/v0.4/invalidate", method: method, headers: headers)
      #expect(answer.status == 200)
      #expect(try answer.json() is [Any])
      #expect(answer.headers["cache-control"] == "no-cache" && answer.headers["x-total-count"] != nil)
    }
    for headers in [[], ["X-Api-Key: another"], ["Authorization: Basic a key"]] {
      let answer = try site.get("/invalidate", method: method, headers: headers)
      #expect(answer.status == 401)
      #expect(try answer.object()["error"] as? String == "Unauthorized")
      #expect(
        try site.get("/artist/\(UUID().uuidString)/refresh", method: "POST", headers: headers).status == 401)
    }
    let bad = try site.get("/invalidate?since=garbage", method: method, headers: ["X-Api-Key: a key"])
    #expect(bad.status == 400 && bad.headers["cache-control"] == "no-cache")
  }

  @Test func `HEAD changes nothing`() throws {
    let answer = try pool.site.get("/invalidate", method: "HEAD", headers: ["X-Api-Key: a key"])
    #expect(answer.status == 405 && answer.headers["allow"] == "GET, OPTIONS, POST")
  }

  @Test func `how far it is can be seen`() throws {
    #expect(try pool.site.get("/invalidate", headers: ["X-Api-Key: a key"]).status == 200)
    let health = try pool.site.get("/health", headers: ["X-Api-Key: a key"]).object()
    let part = (health["components"] as? [String: [String: Any]])?["invalidation"]
    #expect(part?["lag_seconds"] is Int && part?["status"] as? String == "up")
    let source = (health["components"] as? [String: [String: Any]])?["musicbrainz"]
    #expect(source?["replication_sequence"] as? Int == 170_000 && source?["replication_age_seconds"] is Int)
    usleep(5_100_000)
    let info = try pool.site.get("/").object()
    #expect(info["replication_date"] is String && info["status"] is String)
    #expect(info["replication_sequence"] as? Int == 170_000 && info["schema_sequence"] as? Int == 31)
    #expect(info["change_feed"] as? String == "times" && info["invalidated_until"] is String)
  }
}
