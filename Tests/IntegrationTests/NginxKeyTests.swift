import Core
import Foundation
import Testing

/// Keys for reading: nginx, which asks the pool and remembers, and the pool itself.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct NginxKeyTests {
  static let key = "k3y-for_reading.1~"
  static let master = "key of the operator"
  static let settings = [
    "READ_API_KEYS": "\(String(repeating: "00", count: 32)),\(SHA256.hexadecimal(of: key.utf8))",
    "INVALIDATE_APIKEY": master, "REFRESH_REQUIRES_KEY": "true",
  ]
  static let routes = [
    ("GET", "/"), ("GET", "/artist/x"), ("HEAD", "/album/x"), ("GET", "/recent/artist"), ("GET", "/recent/album"),
    ("GET", "/search?query=x"), ("POST", "/search/fingerprint"), ("GET", "/health"), ("GET", "/metrics"),
    ("GET", "/health/ready"), ("POST", "/artist/x/refresh"), ("GET", "/spotify/auth"), ("GET", "/nosuch"),
    ("GET", "/api/v0.4/artist/x"), ("GET", "/key"), ("GET", "/k"), ("GET", "/k/"),
  ]

  /// Lets in who has the key, as the application does, and answers with what it was told.
  static func pool() throws -> FakePool {
    try FakePool { parameters in
      let sent = ["LINERNOTES_KEY", "HTTP_X_API_KEY", "HTTP_AUTHORIZATION"].compactMap { parameters[$0] }
      guard sent.contains(where: { $0 == key || $0 == "Bearer \(key)" }) else { return FakePool.json("401 x") }
      guard parameters["REQUEST_URI"] != "/key" else { return "Status: 204 x\r\n\r\n" }
      let json = try? JSONSerialization.data(withJSONObject: parameters)
      return FakePool.json(
        "200 OK", json.map { String(decoding: $0, as: UTF8.self) } ?? "{}",
        headers: "Cache-Control: s-maxage=9, max-age=0, public, stale-while-revalidate=1\r\nX-Accel-Expires: 1\r\n")
    }
  }

  @Test func `without a key every route is 401 in JSON, also from what nginx keeps`() throws {
    let pool = try Self.pool()
    let nginx = try TestNginx(pool: pool.path, ["NGINX_KEYS=on", "NGINX_CACHE_SECONDS=60"])
    for (method, path) in Self.routes {
      _ = try nginx.site.get(path, method: method, headers: ["X-Api-Key: \(Self.key)"])
      for (headers, prefix) in [
        ([], ""), (["X-Api-Key: wrong"], ""), (["Authorization: Bearer \(Self.key)x"], ""),
        (["Cookie: \(Self.key)"], ""),
        ([], "/k/wrong"), ([], "/%6b/\(Self.key)"), ([], "//k/\(Self.key)"), ([], "/k//\(Self.key)"),
        ([], "/k/\(Self.key)%20"), ([], "/x/k/\(Self.key)"),
      ] {
        let answer = try nginx.site.get(prefix + path, method: method, headers: headers)
        #expect(answer.status == 401, "\(method) \(prefix)\(path) \(headers)")
        #expect(answer.headers["content-type"] == "application/json")
        if method != "HEAD" { #expect(try answer.object()["error"] as? String == "Unauthorized") }
      }
    }
    let preflight = try nginx.site.get("/artist/x", method: "OPTIONS", headers: ["Origin: https://a.example"])
    #expect(preflight.status == 204)
    #expect(preflight.headers["access-control-allow-headers"]?.contains("X-Api-Key") == true)
  }

  @Test(arguments: [
    "/k/\(key)/artist/x", "/k/\(key)/recent/artist", "/k/\(key)/health", "/k/\(key)/", "/k/\(key)", "/k/\(key)?a=b",
    "/k/\(key)/api/v0.4/artist/x?a=/k/b", "/api/v0.4/k/\(key)/artist/x", "/k/\(key)//artist//x/",
  ])
  func `a key in the path is cut off for everything behind nginx, and is in no log`(path: String) throws {
    let pool = try Self.pool()
    let nginx = try TestNginx(pool: pool.path, ["NGINX_KEYS=on", "NGINX_LOG_FORMAT=both"])
    let answer = try nginx.site.get(path, headers: ["Referer: http://127.0.0.1\(path)", "User-Agent: last"])
    #expect(answer.status == 200)
    var told = try answer.object()
    #expect(told.removeValue(forKey: "LINERNOTES_KEY") as? String == Self.key)
    told.removeValue(forKey: "HTTP_REFERER")
    let rest = path.replacing("/k/\(Self.key)", with: "")
    #expect(told["REQUEST_URI"] as? String == (rest.hasPrefix("/") ? rest : "/" + rest))
    for (name, value) in told { #expect((value as? String)?.contains(Self.key) == false, "\(name)") }
    pool.stop()
    _ = try nginx.site.get(path + "/gone", headers: ["Referer: http://127.0.0.1\(path)", "User-Agent: last"])
    var logs = ""
    for _ in 0..<100 where logs.components(separatedBy: "last").count < 5 {
      logs = try Self.logs(of: nginx)
      usleep(20_000)
    }
    #expect(logs.contains("/k/*") && !logs.contains(Self.key), "\(logs)")
  }

  static func logs(of nginx: TestNginx) throws -> String {
    ["access.log", "access.json", "errors"].map { name in
      (try? String(contentsOfFile: "\(nginx.directory)/\(name)", encoding: .utf8)) ?? ""
    }.joined()
  }

  @Test func `whoever has a key shares what is kept, which nobody in between may keep`() throws {
    let pool = try Self.pool()
    let nginx = try TestNginx(pool: pool.path, ["NGINX_KEYS=on", "NGINX_CACHE_SECONDS=60"])
    let first = try nginx.site.get("/artist/x", headers: ["X-Api-Key: \(Self.key)"])
    #expect(first.headers["x-cache"] == "MISS")
    #expect(try nginx.site.get("/k/\(Self.key)/artist/x").headers["x-cache"] == "HIT")
    let bearer = try nginx.site.get("/artist/x", headers: ["Authorization: Bearer \(Self.key)"])
    #expect(bearer.headers["x-cache"] == "HIT")
    for answer in [first, bearer] { #expect(answer.headers["cache-control"] == "private, max-age=0") }
    #expect(try nginx.site.get("/artist/x").headers["cache-control"] == "no-cache")
  }

  @Test func `while the pool is away who was let in is known, and nobody else is let in`() throws {
    let pool = try Self.pool()
    let nginx = try TestNginx(pool: pool.path, ["NGINX_KEYS=on", "NGINX_KEY_SECONDS=1"])
    _ = try nginx.site.get("/k/\(Self.key)/artist/x")
    pool.stop()
    sleep(3)
    let stale = try nginx.site.get("/k/\(Self.key)/artist/x")
    #expect(stale.status == 200 && stale.headers["x-cache"] == "STALE")
    for prefix in ["", "/k/other"] {
      let answer = try nginx.site.get("\(prefix)/artist/x")
      #expect(answer.status == 503 && answer.headers["retry-after"] == "5")
      #expect(try answer.object()["error"] as? String == "Service unavailable")
    }
  }

  @Test func `keys cannot be tried without end`() throws {
    let pool = try Self.pool()
    let nginx = try TestNginx(
      pool: pool.path, ["NGINX_KEYS=on", "NGINX_UNLIMITED=192.0.2.0/24", "NGINX_RATE=1r/s", "NGINX_BURST=4"])
    let statuses = try nginx.site.statuses("/k/[1-40]/artist/x", atOnce: 40)
    #expect(statuses.filter { $0 == "429" }.count >= 30)
    #expect(statuses.allSatisfy { $0 == "429" || $0 == "401" })
  }

  // MARK: - The real pool

  @Test func `the pool lets in who has the key, and only one that nginx asks about is kept`() throws {
    let stack = Stack.content
    let pool = try PrivatePool(stack, workers: 3, Self.settings)
    let expected = try stack.get(HTTPTests.artist)
    let nginx = try TestNginx(pool: pool.socket, ["NGINX_KEYS=on", "NGINX_LOG_FORMAT=both"])
    for (method, path) in Self.routes {
      #expect(try nginx.site.get(path, method: method).status == 401, "\(method) \(path)")
    }
    let keyed = "/k/\(Self.key)"
    for answer in [
      try nginx.site.get(keyed + HTTPTests.artist), try nginx.site.get("\(keyed)/api/v0.4\(HTTPTests.artist)"),
      try nginx.site.get(HTTPTests.artist, headers: ["X-Api-Key: \(Self.key)"]),
      try nginx.site.get(HTTPTests.artist, headers: ["Authorization: Bearer \(Self.key)"]),
    ] {
      #expect(answer.status == 200 && answer.body == expected.body)
      #expect(answer.headers["cache-control"] == "private, max-age=0")
    }
    #expect(try nginx.site.get("/key", headers: ["X-Api-Key: \(Self.key)"]).status == 204)
    #expect(try nginx.site.get("/health/live").status != 401, "this machine may ask whether it lives")
    #expect(try nginx.site.get("/health/live", headers: ["X-Forwarded-For: 203.0.113.1"]).status == 401)
    // A redirect names no key, and leads behind the one that the client has.
    let spotify = "\(keyed)/spotify/artist/5k979N1TnPncUyqlXlaRSv"
    for path in [spotify, spotify + "/"] {
      let redirect = try nginx.site.get(path)
      #expect(redirect.status == 301 && redirect.headers["location"]?.contains(Self.key) == false)
      #expect(try nginx.site.statuses(path, arguments: ["-L"]) == ["200"])
    }
    // What asks for another key asks for both, and each has its place.
    let refresh = "/artist/1946a82a-f927-40c2-8235-38d64f50d043/refresh"
    #expect(try nginx.site.get(keyed + refresh, method: "POST").status == 401)
    for headers in [
      ["X-Api-Key: \(Self.master)", "Authorization: Bearer \(Self.key)"],
      ["X-Api-Key: \(Self.key)", "Authorization: \(Self.master)"], ["X-Api-Key: \(Self.master)"],
    ] {
      #expect(try nginx.site.get(refresh, method: "POST", headers: headers).status == 200, "\(headers)")
    }
    #expect(try nginx.site.get(keyed + refresh, method: "POST", headers: ["X-Api-Key: \(Self.master)"]).status == 200)
    try expectHidden(in: nginx.directory)
    #expect(try String(contentsOf: pool.log.url, encoding: .utf8).contains(Self.key) == false)
  }

  /// What holds a key may only be read by its owner.
  private func expectHidden(in directory: String) throws {
    let found = try Command.run("/usr/bin/grep", ["-rlF", Self.key, directory])
    let files = String(decoding: found.output, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(!files.isEmpty, "what nginx remembers")
    for file in files {
      #expect(file.contains("/state/keys/"), "\(file)")
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600, "\(file)")
    }
  }

  @Test func `a pool that asks for keys behind an nginx that does not know lets nothing be kept`() throws {
    let pool = try PrivatePool(.content, workers: 2, Self.settings)
    let nginx = try TestNginx(pool: pool.socket, ["NGINX_CACHE_SECONDS=60"])
    for _ in 0..<2 {
      let answer = try nginx.site.get(HTTPTests.artist, headers: ["X-Api-Key: \(Self.key)"])
      #expect(answer.status == 200 && answer.headers["x-cache"] == "MISS")
      #expect(answer.headers["cache-control"] == "private, max-age=0")
      #expect(try nginx.site.get(HTTPTests.artist).status == 401)
    }
  }

  @Test func `an nginx that asks for keys before a pool that has none lets everybody in`() throws {
    let nginx = try TestNginx(pool: try Stack.content.value("POOL_SOCKET"), ["NGINX_KEYS=on"])
    #expect(try nginx.site.get(HTTPTests.artist).status == 200)
  }

  @Test func `an instance with keys and pictures comes up, and again after its nginx was killed`() throws {
    let files = FileManager.default
    let folder = files.temporaryDirectory.appending(path: "linernotes-keys-\(UUID().uuidString.prefix(8))").path
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    let instance = Stack(directory: "\(folder)/instance")
    defer { try? instance.run("remove") }
    try instance.run(
      "up",
      [
        "--binary", try Stack.content.value("POOL_BINARY"), "--services", "pool,nginx", "--workers", "2",
        "--dataset", "\(TestNginx.checkout)/sample/sample.dataset", "--set", "NGINX_IMAGES=on", "--set",
        "READ_API_KEYS=\(SHA256.hexadecimal(of: Self.key.utf8))",
      ])
    for _ in 0..<2 {
      #expect(try instance.get("/").status == 401)
      #expect(try instance.get("/k/\(Self.key)/").status == 200)
      #expect(try instance.get("/v1/tadb/x.gif").status == 404, "the image cache needs no key")
      // It leaves a socket behind.
      try instance.run("kill", "nginx")
      try instance.run("start")
    }
  }

  @Test(arguments: TestHost.Server.allCases)
  func `without nginx the application asks itself`(server: TestHost.Server) throws {
    let host = try TestHost(server, stack: .content, Self.settings)
    for path in [HTTPTests.artist, "/recent/artist", "/", "/k/wrong/\(HTTPTests.artist)"] {
      let answer = try host.site.get(path)
      #expect(answer.status == 401, "\(path)")
      #expect(try answer.object()["error"] as? String == "Unauthorized")
    }
    for (path, headers) in [
      ("/k/\(Self.key)\(HTTPTests.artist)", []), (HTTPTests.artist, ["X-Api-Key: \(Self.key)"]),
      (HTTPTests.artist, ["Authorization: Bearer \(Self.key)"]), ("/k/\(Self.key)/api/v0.4\(HTTPTests.artist)", []),
    ] {
      let answer = try host.site.get(path, headers: headers)
      #expect(answer.status == 200, "\(path) \(headers)")
      #expect(answer.headers["cache-control"] == "private, max-age=0")
    }
    let spotify = "/k/\(Self.key)/spotify/artist/5k979N1TnPncUyqlXlaRSv"
    #expect(try host.site.get(spotify).headers["location"]?.contains(Self.key) == false)
    #expect(try host.site.statuses(spotify, arguments: ["-L"]) == ["200"])
  }
}
