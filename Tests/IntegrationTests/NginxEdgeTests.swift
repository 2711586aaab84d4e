import Core
import Foundation
import Testing

/// Limits, logs, addresses and TLS of the rendered configuration, in front of a pool that says what it was told.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct NginxEdgeTests {
  static let limited = [
    "NGINX_UNLIMITED=192.0.2.0/24", "NGINX_SEARCH_RATE=1r/s", "NGINX_SEARCH_BURST=4", "NGINX_TOKEN_RATE=1r/s",
    "NGINX_TOKEN_BURST=4",
  ]

  @Test(arguments: [
    "/search", "/search/artist", "/api/v0.4/search/all", "/spotify/artist/x", "/spotify/album/x", "/spotify/auth",
    "/spotify/renew",
  ])
  func `searches and sign-ins have limits of their own, in JSON`(path: String) throws {
    let pool = try FakePool.echo()
    let nginx = try TestNginx(pool: pool.path, Self.limited)
    let statuses = try nginx.site.statuses("\(path)?[1-30]", atOnce: 30)
    #expect(statuses.filter { $0 == "200" }.count >= 5)
    #expect(statuses.contains("429"))
    #expect(statuses.allSatisfy { $0 == "200" || $0 == "429" })
    for path in ["/artist/x", "/recent/artist", "/recent/album", "/series/x"] {
      #expect(try nginx.site.statuses("\(path)?[1-30]", atOnce: 30) == [String](repeating: "200", count: 30), "\(path)")
    }
    let lists = try nginx.site.statuses("/search/fingerprint?[1-30]", method: "POST", atOnce: 30)
    #expect(lists == [String](repeating: "200", count: 30))
  }

  @Test func `a client may have so many requests in hand, and recent changes are never refused for it`() throws {
    let pool = try FakePool { _ in
      usleep(200_000)
      return FakePool.json("200 OK", "{}")
    }
    let nginx = try TestNginx(pool: pool.path, ["NGINX_UNLIMITED=192.0.2.0/24", "NGINX_CLIENT_REQUESTS=3"])
    let statuses = try nginx.site.statuses("/artist/x?[1-12]", atOnce: 12)
    #expect(statuses.filter { $0 == "200" }.count >= 3)
    #expect(statuses.contains("429") && statuses.allSatisfy { $0 == "200" || $0 == "429" })
    #expect(try nginx.site.statuses("/recent/artist?[1-8]", atOnce: 8) == [String](repeating: "200", count: 8))
    let loopback = try TestNginx(pool: pool.path, ["NGINX_CLIENT_REQUESTS=3"])
    #expect(try loopback.site.statuses("/artist/x?[1-8]", atOnce: 8) == [String](repeating: "200", count: 8))
  }

  @Test func `a customer of IPv6 is one client, whichever of his addresses he takes`() throws {
    let pool = try FakePool.echo()
    let nginx = try TestNginx(
      pool: pool.path, ["NGINX_TRUSTED=127.0.0.1", "NGINX_RATE=1r/m", "NGINX_BURST=1", "NGINX_DELAY=0"])
    // Who would have to wait gives up.
    func ask(_ address: String) throws -> [String] {
      try nginx.site.statuses("/artist/\(address)", arguments: ["-m", "1", "-H", "X-Forwarded-For: \(address)"])
    }
    #expect(try ask("2001:db8:1:1::1") == ["200"])
    #expect(try ask("2001:db8:1:1::2") == ["000"])
    #expect(try ask("2001:db8:1:2::1") == ["200"])
  }

  // MARK: - Who the client is

  @Test func `only whom NGINX_TRUSTED names is believed who the client is`() throws {
    let pool = try FakePool.echo()
    let forwarded = ["X-Forwarded-For: 203.0.113.9, 198.51.100.7", "CF-Connecting-IP: 203.0.113.10"]
    for (settings, address) in [
      ([], "127.0.0.1"), (["NGINX_TRUSTED=192.0.2.0/24"], "127.0.0.1"),
      (["NGINX_TRUSTED=127.0.0.1/32 ::1"], "198.51.100.7"),
      (["NGINX_TRUSTED=127.0.0.1,198.51.100.0/24"], "203.0.113.9"),
      (["NGINX_TRUSTED=127.0.0.1", "NGINX_REAL_IP=CF-Connecting-IP"], "203.0.113.10"),
    ] {
      let nginx = try TestNginx(pool: pool.path, settings)
      #expect(try nginx.site.get("/artist/x", headers: forwarded).object()["REMOTE_ADDR"] as? String == address)
    }
  }

  @Test func `the inside is for this machine alone, and not for whom somebody on it speaks`() throws {
    let pool = try FakePool.echo(headers: "X-Accel-Expires: 60\r\n")
    let plain = try TestNginx(pool: pool.path)
    let proxied = try TestNginx(pool: pool.path, ["NGINX_TRUSTED=127.0.0.1"])
    let nobodys = try TestNginx(pool: pool.path, ["NGINX_INTERNAL=192.0.2.0/24"])
    for path in ["/metrics", "/health", "/health/live", "/health/ready", "/api/v0.4/health", "//health//live/"] {
      func isInternal(_ nginx: TestNginx, _ headers: [String] = []) throws -> Bool {
        let answer = try nginx.site.get(path, headers: headers)
        #expect(answer.headers["x-cache"] == "MISS", "what is kept is kept for everybody")
        return try answer.object()["LINERNOTES_INTERNAL"] as? String == "1"
      }
      for nginx in [plain, proxied] {
        #expect(try isInternal(nginx))
        for name in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP"] {
          #expect(try !isInternal(nginx, ["\(name): 203.0.113.9"]), "\(name)")
        }
        #expect(try !isInternal(nginx, ["X-Forwarded-For: 127.0.0.1"]), "a lie")
      }
      #expect(try !isInternal(nobodys, ["LINERNOTES_INTERNAL: 1", "LINERNOTES-INTERNAL: 1"]))
    }
  }

  @Test func `no header becomes what only nginx says`() throws {
    let pool = try FakePool.echo()
    let nginx = try TestNginx(pool: pool.path, ["NGINX_INTERNAL=192.0.2.1"])
    let names = [
      "LINERNOTES_FRONT", "LINERNOTES_KEY", "LINERNOTES_INTERNAL", "REMOTE_ADDR", "REQUEST_ID", "SCRIPT_NAME",
    ]
    let headers = names.flatMap { name in
      [name, name.replacingOccurrences(of: "_", with: "-"), "HTTP_\(name)"].map { "\($0): forged" }
    }
    let told = try nginx.site.get("/health", headers: headers + ["Proxy: http://203.0.113.1"]).object()
    for (name, value) in told where !name.hasPrefix("HTTP_") { #expect(value as? String != "forged", "\(name)") }
    #expect(told["LINERNOTES_FRONT"] as? String == "nginx" && told["LINERNOTES_KEY"] == nil)
    #expect(told["REMOTE_ADDR"] as? String == "127.0.0.1" && told["HTTP_PROXY"] == nil)
  }

  @Test func `what is kept does not depend on what a client says of hosts and addresses`() throws {
    let pool = try FakePool { parameters in
      FakePool.json("200 OK", #"{"host":"\#(parameters["HTTP_HOST"] ?? "")"}"#, headers: "X-Accel-Expires: 5\r\n")
    }
    let nginx = try TestNginx(pool: pool.path, ["NGINX_CACHE_SECONDS=5"])
    // The pool's answers name no host: see SpotifyHandler for the only redirects within the server.
    let headers = ["X-Forwarded-Host: evil.example", "X-Original-URL: /other", "X-Rewrite-URL: /other"]
    for path in ["/artist/x", "/artist/x?a", "/artist/X", "//artist/x", "/artist/%78"] {
      #expect(try nginx.site.get(path, headers: headers).headers["x-cache"] == "MISS", "\(path) is a key of its own")
    }
    #expect(try nginx.site.get("/artist/x").headers["x-cache"] == "HIT")
    #expect(try nginx.site.get("/artist/x", method: "HEAD").headers["x-cache"] == "MISS")
  }

  @Test func `one request is never read as two`() throws {
    let pool = try FakePool.echo()
    let nginx = try TestNginx(pool: pool.path)
    for (lines, status) in [
      (
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
        "400"
      ),
      ("Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "400"),
      ("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "501"), ("Transfer-Encoding : chunked\r\n\r\n", "400"),
      ("Content-Length: -1\r\n\r\n", "400"), ("X: a\r\n GET /smuggled HTTP/1.1\r\n\r\n", "400"),
    ] {
      let connection = try LoopbackConnection(port: nginx.port)
      connection.send("POST /search/fingerprint HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines)
      let answer = connection.readAll()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(lines.debugDescription): \(answer.prefix(200))")
      #expect(!answer.contains("smuggled"))
    }
  }

  // MARK: - Logs

  /// The access log once it has the line of this user agent.
  func log(of nginx: TestNginx, _ name: String, until agent: String) throws -> String {
    _ = try nginx.site.get("/artist/last?a=b", headers: ["User-Agent: \(agent)"])
    var log = ""
    for _ in 0..<100 where !log.contains(agent) {
      log = (try? String(contentsOfFile: "\(nginx.directory)/\(name)", encoding: .utf8)) ?? ""
      usleep(20_000)
    }
    return log
  }

  static let secrets = [
    "/artist/x?token=secret", "/artist/x?a=b&refresh_token=secret", "/x?access_token=secret&a=b", "/x?apikey=secret",
    "/x?API_KEY=secret", "/x?a;code=secret", "/x?client_secret=secret", "/x?t%6fken=secret", "/%78?x=secret",
    "/x?Password=secret", "/x?X-Amz-Signature=secret", "/x?sig+key=secret",
  ]

  @Test func `queries with secrets are in neither log, and every line of JSON can be read`() throws {
    let pool = try FakePool.echo()
    let nginx = try TestNginx(pool: pool.path, ["NGINX_LOG_FORMAT=both"])
    for path in Self.secrets {
      _ = try nginx.site.get(path)
      _ = try nginx.site.get("/favicon.ico", headers: ["Referer: https://h.example\(path)"])
    }
    _ = try nginx.site.get(
      "/search?query=my+key%20code", headers: [#"User-Agent: "quoted\"#, "Referer: https://h/?q=1"])
    for text in ["GET /\r\n", "\u{16}\u{3}\u{1}\"\\\r\n\r\n", "GET / HTTP/7.7\r\n\r\n", "GET /x?secrets=1\r\n"] {
      let connection = try LoopbackConnection(port: nginx.port)
      connection.send(text)
      _ = connection.readAll()
    }
    let combined = try log(of: nginx, "access.log", until: "last-of-combined")
    let json = try log(of: nginx, "access.json", until: "last-of-json")
    for log in [combined, json] { #expect(!log.contains("secret"), "\(log)") }
    #expect(combined.contains(#""GET /artist/x HTTP/1.1" 200 "#))
    #expect(combined.contains(#""GET /search?query=my+key%20code HTTP/1.1" 200 "#))
    let lines = try json.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    let search = try #require(lines.first { ($0["path"] as? String)?.hasPrefix("/search") == true })
    #expect(search["path"] as? String == "/search?query=my+key%20code" && search["method"] as? String == "GET")
    #expect(search["status"] as? Int == 200 && search["cache"] as? String == "MISS")
    #expect(search["seconds"] is Double && search["upstream_seconds"] is String)
    #expect((search["request_id"] as? String)?.count == 32 && search["referer"] as? String == "https://h/?q=1")
  }

  @Test func `a text that is made to be looked at for long is not`() throws {
    let pool = try FakePool { _ in FakePool.json("401 x") }
    let nginx = try TestNginx(pool: pool.path, ["NGINX_KEYS=on"])
    let start = Deadline.monotonicNanoseconds()
    for piece in ["%25", "key", "/k/", "/recent/", "/spotify/auth", "&a", ";;", "/refresh/", "?", "gzip;q=0,"] {
      let text = String(repeating: piece, count: 12_000 / piece.utf8.count)
      for head in [
        "GET /\(text) HTTP/1.1\r\n", "GET /x?\(text) HTTP/1.1\r\nReferer: /\(text)\r\nAccept-Encoding: \(text)\r\n",
      ] {
        let connection = try LoopbackConnection(port: nginx.port)
        connection.send(head + "Host: x\r\nConnection: close\r\n\r\n")
        #expect(connection.readAll().hasPrefix("HTTP/1.1 4"))
      }
    }
    #expect(Deadline.monotonicNanoseconds() - start < 5_000_000_000)
  }

  @Test func `the client, the log and the pool know a request by the same id`() throws {
    let pool = try FakePool.echo()
    let nginx = try TestNginx(pool: pool.path, ["NGINX_LOG_FORMAT=json"])
    let answer = try nginx.site.get("/artist/x", headers: ["X-Request-Id: mine"])
    let id = try #require(answer.headers["x-request-id"])
    #expect(id.count == 32)
    #expect(try answer.object()["REQUEST_ID"] as? String == id)
    #expect(try log(of: nginx, "access.json", until: "last").contains(id))
    // Errors of nginx's own have one as well.
    #expect(try nginx.site.get("/recent/x", method: "BREW").headers["x-request-id"] != nil)
  }

  // MARK: - TLS

  @Test func `the example with TLS serves HTTP 2`() throws {
    let pool = try FakePool.echo()
    let folder = FileManager.default.temporaryDirectory.appending(path: "linernotes-tls-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let certificate = try TestCertificate(in: folder, for: ["music.example.org"])
    let example = try String(contentsOfFile: TestNginx.checkout + "/deploy/nginx/tls.conf.example", encoding: .utf8)
    let plainPort = try TestNginx.freePort()
    let nginx = try TestNginx(pool: pool.path) { snippets, port in
      var server = example
      for (text, own) in [
        ("/etc/nginx/linernotes", snippets), ("listen 443 ", "listen 127.0.0.1:\(port) "),
        ("  listen [::]:443 ssl http2;\n", ""), ("listen 80;", "listen 127.0.0.1:\(plainPort);"),
        ("  listen [::]:80;\n", ""), ("/var/log/nginx/", "\(snippets)/../"),
        ("/etc/letsencrypt/live/music.example.org/fullchain.pem", certificate.certificate),
        ("/etc/letsencrypt/live/music.example.org/privkey.pem", certificate.key),
      ] {
        #expect(server.contains(text), "\(text)")
        server = server.replacing(text, with: own)
      }
      return TestNginx.main(in: snippets, server)
    }
    let site = Site(url: "https://music.example.org:\(nginx.port)")
    let arguments = [
      "--cacert", certificate.authority, "--resolve", "music.example.org:\(nginx.port):127.0.0.1", "--http2",
    ]
    let answer = try site.get("/artist/x", arguments: arguments)
    #expect(answer.status == 200 && answer.statusLine.hasPrefix("HTTP/2 200"))
    #expect(try answer.object()["REQUEST_SCHEME"] as? String == "https")
    #expect(try answer.object()["SERVER_PROTOCOL"] as? String == "HTTP/2.0")
    let old = try Command.run(
      "/usr/bin/curl", ["-s", "--tls-max", "1.1", "-o", "/dev/null", site.url] + arguments)
    #expect(old.status != 0)
    let redirect = try Site(url: "http://127.0.0.1:\(plainPort)").get("/artist/x", headers: ["Host: evil.example"])
    #expect(redirect.status == 301)
    #expect(redirect.headers["location"] == "https://music.example.org/artist/x")
  }

  @Test(arguments: [
    ["NGINX_TRUSTED=example.org"], ["NGINX_TRUSTED=127.0.0.1; return 200"], ["NGINX_INTERNAL=x"],
    ["NGINX_LOG_FORMAT=xml"], ["NGINX_KEYS=yes"], ["NGINX_REAL_IP=X Y"], ["NGINX_CLIENT_REQUESTS=0"],
    ["NGINX_SEARCH_BURST=0"], ["NGINX_IMAGES=maybe"], ["NGINX_IMAGES=on", "NGINX_IMAGE_LISTEN=0.0.0.0:5012"],
    ["NGINX_IMAGES=on", "NGINX_RESOLVER=192.0.2.1; x"], ["NGINX_IMAGES=on", "NGINX_USER_AGENT=a\"b"],
  ])
  func `a setting that nginx would misread is refused`(settings: [String]) throws {
    let out = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: out) }
    let result = try Command.run(
      TestNginx.checkout + "/deploy/nginx/render", [out, "POOL_SOCKET=/nowhere", "WORKERS=1"] + settings)
    #expect(result.status == 1)
    #expect(result.error.hasPrefix("render: NGINX_"), "\(result.error)")
  }
}
