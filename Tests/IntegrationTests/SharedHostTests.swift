import Core
import Foundation
import SQLite
import Testing

/// `deploy/cgi` on Apache and lighttpd: everything that nginx and the pool promise, without either.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct SharedHostTests {
  typealias Server = TestHost.Server

  let stack = Stack.content

  static let routes = [
    "/search?type=artist&query=distance", "/search/album?query=surrender&includeTracks=1", "/search/all?query=soup",
    "/search/artist?query=%22%22", "/search/artist?query=a%26b%3Fc%23d%2Fe", "/series/x",
    "/recent/artist?since=99999999999",
    "/chart/no/album/top", "/spotify/artist/5k979N1TnPncUyqlXlaRSv", "/spotify/album/4aawyAB9vmqN3uQ7FjRGTy",
  ]

  /// What is the same for every asking of a document: the time left is not, and the address of a redirect has a host.
  func head(_ answer: Answer) -> [String: String] {
    var head = answer.headers.filter {
      ["content-type", "content-encoding", "etag", "cache-control", "expires", "allow", "retry-after", "location"]
        .contains($0.key)
    }
    if let control = head["cache-control"] {
      head["cache-control"] = control.replacing(/s-maxage=\d+/, with: "s-maxage=")
    }
    if let location = head["location"] {
      head["location"] = location.replacing(/^https?:\/\/[^\/]+/, with: "").replacing(TestHost.folder, with: "")
    }
    return head
  }

  @Test(arguments: Server.allCases)
  func `every route answers as behind nginx`(server: Server) throws {
    let host = try TestHost(server, stack: stack)
    let paths = [HTTPTests.artist, HTTPTests.album] + ExpectationTests.paths.suffix(4) + SharedHostTests.routes
    for path in paths + paths.prefix(2).map({ "/api/v0.4\($0)" }) {
      for headers in [[], ["Accept-Encoding: gzip"]] {
        let answer = try host.site.get(path, headers: headers)
        let expected = try stack.get(path, headers: headers)
        #expect(answer.status == expected.status, "\(path)")
        #expect(head(answer) == head(expected), "\(path)")
        #expect(answer.body == expected.body, "\(path)")
      }
    }
    for path in ["", "/", "/health", "/api/v0.4", "/api/v0.4/"] {
      let answer = try host.site.get(path)
      #expect(answer.status == 200, "\(path)")
      #expect(Set(try answer.object().keys) == Set(try stack.get(path.isEmpty ? "/" : path).object().keys))
    }
    let location = try #require(
      try host.site.get("/spotify/artist/5k979N1TnPncUyqlXlaRSv").headers["location"]
        .map { $0.replacing(/^https?:\/\/[^\/]+/, with: "") })
    #expect(location.hasPrefix("\(TestHost.folder)/artist/"))
    #expect(try host.root.get(location).status == 200)
  }

  static let posts: [(path: String, body: String, headers: [String])] = [
    ("/search/fingerprint", #"["0982e813-a279-482c-8057-285d07372fb9"]"#, []),
    // Without a length.
    ("/search/fingerprint", #"["0982e813-a279-482c-8057-285d07372fb9"]"#, ["Transfer-Encoding: chunked"]),
    ("/spotify/lookup", #"["5k979N1TnPncUyqlXlaRSv","x","5k979N1TnPncUyqlXlaRSv"]"#, []),
    ("/search/fingerprint", "no JSON", []), ("/search/fingerprint", "", []),
  ]

  @Test(arguments: Server.allCases)
  func `what is posted arrives, and so does the key`(server: Server) throws {
    let host = try TestHost(server, stack: stack, ["REFRESH_REQUIRES_KEY": "true", "INVALIDATE_APIKEY": "a key"])
    for (path, body, headers) in SharedHostTests.posts {
      let arguments = ["--data-binary", body]
      let answer = try host.site.get(path, method: "POST", headers: headers, arguments: arguments)
      let expected = try stack.get(path, method: "POST", headers: headers, arguments: arguments)
      #expect(answer.status == expected.status, "\(path) \(headers)")
      #expect(answer.body == expected.body, "\(path) \(headers)")
    }
    let refresh = "/artist/00000000-0000-4000-8000-000000000000/refresh"
    for (header, isLetIn) in [
      ("Authorization: a key", true), ("X-Api-Key: a key", true), ("Authorization: another", false),
      ("X-Other: a key", false),
    ] {
      let answer = try host.site.get(refresh, method: "POST", headers: [header], arguments: ["-d", "a body"])
      #expect((answer.status == 401) == !isLetIn, "\(header): \(answer.status)")
      _ = try answer.object()
    }
  }

  @Test(arguments: Server.allCases)
  func `slashes too many are served, never redirected, and HEAD tells what GET would`(server: Server) throws {
    let host = try TestHost(server, stack: stack)
    let expected = try stack.get(HTTPTests.artist)
    for path in ["\(HTTPTests.artist)/", "/\(HTTPTests.artist)", "/api/v0.4/\(HTTPTests.artist)//?x=y"] {
      let answer = try host.site.get(path)
      #expect(answer.status == 200 && answer.body == expected.body, "\(path)")
    }
    #expect(try host.root.get("/\(TestHost.folder)/\(HTTPTests.artist)").body == expected.body)
    for path in [HTTPTests.artist, HTTPTests.album, "/nosuch", "/artist/xyz", "/"] {
      let get = try host.site.get(path)
      let head = try host.site.get(path, method: "HEAD")
      #expect(head.status == get.status, "\(path)")
      for name in ["content-type", "etag"] { #expect(head.headers[name] == get.headers[name], "\(name) of \(path)") }
    }
    let tag = try #require(expected.headers["etag"])
    let again = try host.site.get(HTTPTests.artist, headers: ["If-None-Match: \(tag)"])
    #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag)
  }

  static let errors: [(method: String, path: String, status: Int, error: String)] = [
    ("GET", "/nosuch", 404, "Nothing matches the given URI"),
    ("GET", "/artist/66c66aaa-6e2f-4930-8610-912e24c63ed1", 404, "Artist not found"),
    ("GET", "/artist/66c66aaa-6e2f-4930-aaaaaa", 400, "Invalid UUID"),
    ("GET", "/artist/%27%20OR%201=1--", 400, "Invalid UUID"), ("GET", "/artist/a%3Fb", 400, "Invalid UUID"),
    ("GET", "/artist/%ff%fe", 400, "Invalid UUID"),
    ("DELETE", HTTPTests.artist, 405, "Specified method is invalid for this resource"),
    ("POST", HTTPTests.album, 405, "Specified method is invalid for this resource"),
  ]

  @Test(arguments: Server.allCases)
  func `an error is a JSON object with its status`(server: Server) throws {
    let host = try TestHost(server, stack: stack)
    // lighttpd refuses what is not UTF-8 itself.
    for (method, path, status, error) in SharedHostTests.errors where server != .lighttpd || !path.contains("%ff") {
      // lighttpd refuses a POST without a length.
      let answer = try host.site.get(
        path, method: method, headers: ["Origin: https://a.example"], arguments: method == "POST" ? ["-d", ""] : [])
      #expect(answer.status == status, "\(method) \(path)")
      #expect(answer.headers["content-type"] == "application/json")
      #expect(try answer.object()["error"] as? String == error)
      #expect(answer.headers["access-control-allow-origin"] == "*")
      if status == 405 { #expect(answer.headers["allow"]?.contains("OPTIONS") == true) }
    }
    let huge = try Temporary()
    try Data(count: 20 << 20).write(to: huge.url)
    // mod_fcgid has a limit of its own, which only a hoster can change, and answers 500.
    for path in ["\(HTTPTests.artist)/refresh", "/search/fingerprint"] where server != .fcgid {
      let answer = try host.site.get(path, method: "POST", arguments: ["--data-binary", "@\(huge.url.path)"])
      #expect(answer.status == 413, "\(path)")
      #expect(try answer.object()["error"] as? String == "Request body too large")
    }
  }

  @Test(arguments: Server.allCases)
  func `browsers may ask as behind nginx, after a preflight too`(server: Server) throws {
    let origin = ["Origin: https://app.example"]
    let names = [
      "access-control-allow-origin", "access-control-expose-headers", "access-control-allow-methods",
      "access-control-allow-headers", "access-control-max-age", "allow",
    ]
    func same(_ host: TestHost, _ nginx: Site, _ path: String, _ method: String, _ headers: [String]) throws {
      let answer = try host.site.get(path, method: method, headers: headers)
      let expected = try nginx.get(path, method: method, headers: headers)
      #expect(answer.status == expected.status, "\(method) \(path)")
      for name in names { #expect(answer.headers[name] == expected.headers[name], "\(name), \(method) \(path)") }
      let vary = [answer, expected].map { $0.headers["vary"]?.contains("Origin") == true }
      #expect(vary[0] == vary[1])
    }
    for (setting, isListed) in [
      ("*", true), ("https://app.example,https://b.example", true), ("https://b.example", false),
    ] {
      let host = try TestHost(server, stack: stack, ["CORS_ORIGINS": setting])
      let nginx = try TestNginx(pool: try stack.value("POOL_SOCKET"), ["CORS_ORIGINS=\(setting)"])
      for path in [HTTPTests.artist, "/nosuch", "/recent/artist"] {
        try same(host, nginx.site, path, "GET", origin)
        try same(host, nginx.site, path, "GET", [])
        try same(host, nginx.site, path, "OPTIONS", origin + ["Access-Control-Request-Method: GET"])
      }
      #expect((try host.site.get("/", headers: origin).headers["access-control-allow-origin"] != nil) == isListed)
    }
  }

  @Test(arguments: Server.allCases)
  func `fifty at once are all answered`(server: Server) throws {
    let host = try TestHost(server, stack: stack)
    #expect(try host.site.statuses("\(HTTPTests.artist)?[1-100]", atOnce: 50) == [String](repeating: "200", count: 100))
  }

  // MARK: - Limits

  @Test(arguments: Server.allCases)
  func `many at once of one client are refused, and nobody else`(server: Server) throws {
    let host = try TestHost(
      server, stack: stack, ["CLIENT_RATE": "1", "CLIENT_BURST": "2", "CACHE__NAMESPACE": "host-\(UUID().uuidString)"],
      clients: true)
    func ask(_ path: String, _ client: String, _ method: String = "GET") throws -> [String] {
      let arguments = ["-H", "X-Forwarded-For: \(client)", "-H", "X-Real-IP: 192.0.2.77"]
      return try host.site.statuses("\(path)?[1-40]", method: method, atOnce: 40, arguments: arguments)
    }
    let statuses = try ask("/artist/xyz", "192.0.2.1")
    #expect(statuses.count == 40 && Set(statuses) == ["400", "429"])
    // One network is one client.
    #expect(try ask("/artist/xyz", "2001:db8::1").contains("429"))
    let refused = try host.site.get(
      "/artist/xyz", headers: ["X-Forwarded-For: 2001:db8::2", "Origin: https://a.example"])
    #expect([400, 429].contains(refused.status))
    if refused.status == 429 {
      #expect(try refused.object()["error"] as? String == "Too many requests")
      #expect((1...10).contains(try #require(refused.headers["retry-after"].flatMap { Int($0) })))
      #expect(refused.headers["access-control-allow-origin"] == "*")
    }
    #expect(try host.site.get("/artist/xyz", headers: ["X-Forwarded-For: 192.0.2.2"]).status == 400)
    #expect(try ask("/recent/artist", "192.0.2.1") == [String](repeating: "200", count: 40))
    #expect(try ask("/artist/xyz", "127.0.0.1") == [String](repeating: "400", count: 40))
  }

  @Test func `a client that waits for each answer is slowed and never refused`() throws {
    let host = try TestHost(
      .lighttpd, stack: stack,
      ["CLIENT_RATE": "5", "CLIENT_BURST": "2", "CACHE__NAMESPACE": "host-\(UUID().uuidString)"],
      clients: true)
    let begin = Deadline.monotonicNanoseconds()
    let statuses = try host.site.statuses("/artist/xyz?[1-30]", arguments: ["-H", "X-Forwarded-For: 192.0.2.1"])
    #expect(statuses == [String](repeating: "400", count: 30))
    // A window or two, each with its burst.
    #expect(Deadline.monotonicNanoseconds() - begin > 4_000_000_000)
  }

  @Test func `where no store answers nobody is refused`() throws {
    let host = try TestHost(
      .lighttpd, stack: stack, ["CLIENT_RATE": "1", "CLIENT_BURST": "1", "MEMCACHED_SERVERS": "127.0.0.1:9"],
      clients: true)
    let statuses = try host.site.statuses("/artist/xyz?[1-20]", arguments: ["-H", "X-Forwarded-For: 192.0.2.1"])
    #expect(statuses == [String](repeating: "400", count: 20))
  }

  // MARK: - What nobody may read

  @Test(arguments: Server.allCases)
  func `nobody gets the settings, the store, the rules or the executable`(server: Server) throws {
    // Nothing but the store that the script names.
    let host = try TestHost(server, stack: stack, alone: true)
    #expect(try host.site.get("/").status == 200)
    let home = "\(host.directory)/home/linernotes"
    #expect(try host.site.get(HTTPTests.artist).status == 200)
    // The last process to close the store removes its log; somebody who holds it open keeps that there.
    let reader = try SQLiteConnection(path: "\(home)/store/linernotes.db", .readOnly)
    try reader.execute("BEGIN; SELECT count(*) FROM document")
    #expect(try host.site.get(HTTPTests.album).status == 200)
    let stored = try FileManager.default.contentsOfDirectory(atPath: "\(home)/store")
    #expect(Set(stored).isSuperset(of: ["linernotes.db", "linernotes.db-wal", "linernotes.db-shm"]))
    let files = ["settings.yml", "linernotes", "store/", "store/linernotes.db", "store/linernotes.db-wal"]
    var paths = [
      "/music/.htaccess", "/music/linernotes.cgi", "/music/linernotes.fcgi", "/music/linernotes.cgi/.htaccess",
    ]
    for file in files {
      for start in [
        "/", "/linernotes/", "/music/", "/music/linernotes/", "/../linernotes/", "/music/../../linernotes/",
        "/%2e%2e/linernotes/", "/music/%2e%2e/%2e%2e/linernotes/", "/music/..%2f..%2flinernotes/",
        "/music/linernotes.cgi/../../../linernotes/", "/..%5clinernotes/", home + "/",
      ] { paths.append(start + file) }
    }
    let secrets = [TestHost.secret, "DATABASE__", "#!/bin/sh", "RewriteRule", "SQLite format", "\u{7f}ELF"]
    for path in paths {
      for path in [path, "\(path)?x", path.replacing("/music/", with: "/music//")] {
        let answer = try host.root.get(path)
        let text = String(decoding: answer.body.prefix(100_000), as: UTF8.self)
        for secret in secrets { #expect(!text.contains(secret), "\(path)") }
        // The script itself answers, as the folder does.
        let isScript = path.hasPrefix("/music/linernotes.") || path.hasPrefix("/music//linernotes.")
        #expect([400, 403, 404].contains(answer.status) || isScript, "\(path): \(answer.status)")
      }
    }
    #expect(try host.site.get("/.htaccess").headers["content-type"] == "application/json")
    _ = try host.site.get("/.htaccess").object()
  }

  // MARK: - Bad days

  @Test(arguments: [Server.apache, .lighttpd])
  func `a process that dies is an error in JSON, and a list of changes without an end`(server: Server) throws {
    let host = try TestHost(
      server, stack: stack,
      executable: """
        #!/bin/sh
        [ "$REDIRECT_STATUS" = 500 ] || kill -9 $$
        exec "$0.real" "$@"
        """)
    let answer = try host.site.get(HTTPTests.artist, headers: ["Origin: https://a.example"])
    #expect(answer.status == 500)
    #expect(answer.headers["content-type"] == "application/json")
    #expect(try answer.object()["error"] as? String == "Internal server error")
    #expect(answer.headers["access-control-allow-origin"] == "*")
    let recent = try host.site.get("/recent/artist?since=1")
    #expect(recent.status == 200)
    #expect(try recent.object()["limited"] as? Bool == true)
    let found = try host.site.get("/search/fingerprint", method: "POST", arguments: ["--data-binary", "[]"])
    #expect(found.status == 200 && found.body == Data("[]".utf8))
  }

  @Test(arguments: [Server.apache, .lighttpd])
  func `settings that are wrong are an error in JSON, told in the log alone`(server: Server) throws {
    let host = try TestHost(server, stack: stack, ["DATABASE__PORT": "abc"])
    let answer = try host.site.get(HTTPTests.artist)
    #expect(answer.status == 500)
    #expect(String(decoding: answer.body, as: UTF8.self) == #"{"error":"Internal server error"}"#)
    #expect(try host.site.get("/recent/album").object()["limited"] as? Bool == true)
    for _ in 0..<100 where !host.log.contains("DATABASE__PORT") { usleep(20_000) }
    #expect(host.log.contains("DATABASE__PORT"))
  }

  @Test func `the script says what it lacks`() throws {
    let folder = try TestHost(.lighttpd, stack: stack, executable: "")
    let home = "\(folder.directory)/home"
    func run(_ script: String, _ environment: [String: String] = [:]) throws -> (text: String, error: String) {
      let result = try Command.run("/bin/sh", [script], environment: environment)
      return (String(decoding: result.output, as: UTF8.self), result.error)
    }
    let script = "\(home)/public_html/music/linernotes.cgi"
    let other = "\(folder.directory)/server/linernotes.cgi"
    try FileManager.default.copyItem(atPath: script, toPath: other)
    let alone = try run(other)
    #expect(alone.text.hasPrefix("Status: 500 ") && alone.text.hasSuffix(#"{"error":"Internal server error"}"#))
    #expect(alone.error.contains("no executable"))
    let exposed = try run(script, ["DOCUMENT_ROOT": home])
    #expect(exposed.text.hasPrefix("Status: 500 ") && exposed.error.contains("in the document root"))
  }
}
