import Core
import Foundation
import Testing

/// What the rendered configuration does by itself, in front of a pool that says what a test wants.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct NginxRouteTests {
  /// Answers with the status that the query asks for.
  static func pool() throws -> FakePool {
    try FakePool { parameters in
      let status = parameters["QUERY_STRING"]?.wholeMatch(of: /status=(\d+)/).map { String($0.1) } ?? "200"
      return FakePool.json("\(status) x", #"{"encoding":"\#(parameters["LINERNOTES_ENCODING"] ?? "")"}"#)
    }
  }

  static let forgiven: [(method: String, path: String)] = [
    ("GET", "/recent/artist"), ("GET", "/recent/album"), ("GET", "//recent//album//"), ("HEAD", "/recent/artist"),
    ("POST", "/search/fingerprint"), ("POST", "/search/fingerprint/"),
  ]

  func expectForgiven(_ answer: Answer, _ method: String, _ path: String) throws {
    #expect(answer.status == 200, "\(method) \(path)")
    #expect(answer.headers["content-type"] == "application/json")
    #expect(answer.headers["cache-control"] == "no-cache")
    #expect(answer.headers["retry-after"] == nil)
    guard method != "HEAD" else { return }
    guard path.contains("recent") else {
      #expect(String(decoding: answer.body, as: UTF8.self) == "[]")
      return
    }
    let recent = try answer.object()
    #expect(recent["limited"] as? Bool == true && recent["count"] as? Int == 0)
    #expect((recent["items"] as? [String])?.isEmpty == true)
    let since = try #require(recent["since"] as? String)
    #expect(since.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d/) != nil, "\(since)")
  }

  @Test func `recent changes and fingerprints are never an error that the client has not made`() throws {
    let pool = try NginxRouteTests.pool()
    let nginx = try TestNginx(pool: pool.path)
    for root in ["", "/api/v0.4"] {
      for (method, path) in NginxRouteTests.forgiven {
        for status in [500, 502, 503, 504] {
          try expectForgiven(try nginx.site.get("\(root)\(path)?status=\(status)", method: method), method, path)
        }
        for status in [400, 404, 405] {
          for _ in 0..<2 {
            let answer = try nginx.site.get("\(root)\(path)?status=\(status)", method: method)
            #expect(answer.status == status, "\(method) \(path)")
            if method != "HEAD" { #expect(try answer.object()["encoding"] as? String == "plain", "the pool's own") }
          }
        }
      }
    }
    #expect(try nginx.site.get("/recent/other?status=503").status == 503)
    #expect(try nginx.site.get("/search/fingerprint?status=413", method: "POST").status == 413)
    let huge = try Temporary()
    try Data(count: 2 << 20).write(to: huge.url)
    let refused = try nginx.site.get(
      "/search/fingerprint", method: "POST", arguments: ["--data-binary", "@\(huge.url.path)"])
    #expect(refused.status == 413)
    #expect(try refused.object()["error"] is String)
    let preflight = try nginx.site.get("/recent/artist", method: "OPTIONS", headers: ["Origin: https://a.example"])
    #expect(preflight.status == 204 && preflight.headers["access-control-allow-methods"] != nil)
    pool.stop()
    for (method, path) in NginxRouteTests.forgiven {
      try expectForgiven(try nginx.site.get(path, method: method), method, path)
    }
    #expect(try nginx.site.get("/artist/x").status == 502)
  }

  @Test func `a body that nginx cannot read is refused in JSON`() throws {
    let pool = try NginxRouteTests.pool()
    let nginx = try TestNginx(pool: pool.path)
    for path in ["/search/fingerprint", "/spotify/lookup"] {
      let connection = try LoopbackConnection(port: nginx.port)
      connection.send("POST \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n")
      let answer = connection.readAll()
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.hasSuffix(#"{"error": "Bad request"}"#), "\(answer)")
    }
  }

  @Test func `a client that is too slow is disconnected without a reset`() throws {
    let pool = try NginxRouteTests.pool()
    let nginx = try TestNginx(
      pool: pool.path,
      replacing: ["client_header_timeout 15s": "client_header_timeout 1s", "body_timeout 30s": "body_timeout 1s"])
    for part in ["GET / HTTP/1.1\r\nHost", "POST /spotify/lookup HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"] {
      let connection = try LoopbackConnection(port: nginx.port)
      connection.send(part)
      // nginx has no way to say more.
      #expect(connection.readAll().isEmpty)
      #expect(!connection.isReset, "\(part)")
    }
  }

  static let limited = [
    "NGINX_UNLIMITED=192.0.2.0/24", "NGINX_RATE=100r/s", "NGINX_BURST=20", "NGINX_FORGET_RATE=20r/s",
    "NGINX_TOKEN_RATE=20r/s", "NGINX_SEARCH_RATE=20r/s",
  ]

  @Test(arguments: [
    ("GET", "/album/x?[1-60]"), ("GET", "/spotify/auth?[1-60]"), ("GET", "/spotify/renew?[1-60]"),
    ("POST", "/artist/x/refresh?[1-30]"), ("POST", "/album/x/refresh?[1-30]"), ("GET", "/invalidate?[1-30]"),
  ])
  func `a client that waits for each answer is slowed and never refused`(method: String, path: String) throws {
    let pool = try NginxRouteTests.pool()
    let nginx = try TestNginx(pool: pool.path, NginxRouteTests.limited)
    let statuses = try nginx.site.statuses(path, method: method)
    #expect(statuses.count >= 30)
    #expect(statuses.filter { $0 != "200" }.isEmpty)
  }

  @Test func `many at once are refused beyond the limit, but never recent changes and fingerprints`() throws {
    let pool = try NginxRouteTests.pool()
    let nginx = try TestNginx(pool: pool.path, ["NGINX_UNLIMITED=192.0.2.0/24", "NGINX_RATE=1r/s", "NGINX_BURST=4"])
    let statuses = try nginx.site.statuses("/artist/x?[1-100]", atOnce: 100)
    #expect(statuses.count == 100)
    #expect(statuses.filter { $0 == "200" }.count >= 5)
    #expect(statuses.filter { $0 == "429" }.count + statuses.filter { $0 == "200" }.count == 100)
    #expect(statuses.contains("429"))
    let unlimited = [("GET", "/recent/artist"), ("GET", "/api/v0.4/recent/album"), ("POST", "/search/fingerprint")]
    for (method, path) in unlimited {
      let statuses = try nginx.site.statuses("\(path)?[1-50]", method: method, atOnce: 50)
      #expect(statuses == [String](repeating: "200", count: 50))
    }
  }

  @Test func `codes and tokens of Spotify's sign-in are not in the access log`() throws {
    let pool = try NginxRouteTests.pool()
    let nginx = try TestNginx(pool: pool.path)
    let paths = [
      "/spotify/auth?code=secret", "/spotify/renew?refresh_token=secret", "/api/v0.4//spotify//auth/?code=secret",
      "/spotify/%61uth?code=secret", "/spotify%2frenew?refresh_token=secret", "/spotify/auth?status=503&code=secret",
    ]
    for path in paths {
      _ = try nginx.site.get(path)
      _ = try nginx.site.get("/favicon.ico", headers: ["Referer: http://127.0.0.1\(path)"])
    }
    _ = try nginx.site.get("/search?type=all&query=plain", headers: ["User-Agent: tester"])
    var log = ""
    for _ in 0..<100 where !log.contains("tester") {
      log = nginx.accessLog
      usleep(20_000)
    }
    #expect(!log.contains("secret"))
    #expect(log.contains(#""GET /spotify/auth HTTP/1.1" 200 "#))
    let lines = log.split(separator: "\n")
    #expect(lines.count == 2 * paths.count + 1)
    let combined = /127\.0\.0\.1 - - \[.*\] "GET \/search\?type=all&query=plain HTTP\/1\.1" 200 \d+ "-" "tester"/
    let last = try #require(lines.last)
    #expect(last.wholeMatch(of: combined) != nil, "\(last)")
  }

  /// A hoster's: servers, logs, limits and error pages of its own, and the API below one path of one of them.
  static func hosters(_ snippets: String, _ port: Int) -> String {
    """
    daemon off;
    pid \(snippets)/../state/own.pid;
    error_log stderr;
    events { worker_connections 256; }
    http {
      client_body_temp_path \(snippets)/../state/body;
      fastcgi_temp_path \(snippets)/../state/fastcgi;
      proxy_temp_path \(snippets)/../state/proxy;
      scgi_temp_path \(snippets)/../state/scgi;
      uwsgi_temp_path \(snippets)/../state/uwsgi;
      log_format own '$request';
      access_log \(snippets)/../own.log own;
      limit_req_zone $binary_remote_addr zone=own:1m rate=1000r/s;
      fastcgi_cache_path \(snippets)/../state/own keys_zone=own_answers:1m;
      error_page 404 /lost.html;
      gzip on;
      include \(snippets)/http.conf;
      server {
        listen 127.0.0.1:\(port) default_server;
        limit_req zone=own burst=1000;
        location / { return 200 "of the hoster"; }
        location ~ \\.php$ { return 403; }
        location ~ /recent/ { return 200 "of the hoster"; }
        include \(snippets)/location.conf;
      }
      server {
        listen 127.0.0.1:\(port);
        server_name other.example;
        return 200 "another server";
      }
    }
    """
  }

  @Test func `the snippets fit into an nginx that is there already`() throws {
    let pool = try NginxRouteTests.pool()
    let nginx = try TestNginx(
      pool: pool.path, ["NGINX_LOCATION=/api/v0.4"], configuration: NginxRouteTests.hosters)
    #expect(try nginx.site.get("/api/v0.4/artist/x").object()["encoding"] as? String == "plain")
    #expect(try nginx.site.get("/api/v0.4/artist/x?status=404").object()["encoding"] as? String == "plain")
    for path in ["/", "/artist/x", "/recent/artist"] {
      #expect(String(decoding: try nginx.site.get(path).body, as: UTF8.self) == "of the hoster")
    }
    for (method, path) in NginxRouteTests.forgiven where !path.hasPrefix("//") {
      try expectForgiven(try nginx.site.get("/api/v0.4\(path)?status=503", method: method), method, path)
    }
    pool.stop()
    for (method, path) in NginxRouteTests.forgiven where !path.hasPrefix("//") {
      try expectForgiven(try nginx.site.get("/api/v0.4\(path)", method: method), method, path)
    }
    #expect(try nginx.site.get("/api/v0.4/artist/x").object()["error"] as? String == "Service unavailable")
  }
}
