import Core
import Foundation
import Testing

/// What the shipped nginx makes of odd requests and bad days, in front of a real pool.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct NginxTests {
  let stack = Stack.content

  /// As `EncodingTests` has it for the pool: headers, and whether they admit gzip.
  static let encodings: [([String], Bool)] = [
    (["gzip"], true), (["GZIP"], true), (["x-gzip"], true), (["*"], true), (["*;q=0.1"], true), ([" gzip "], true),
    (["br ,\tgzip"], true), (["gzip ; q=0.5"], true), (["gzip;Q=0.001"], true), (["gzip;q=1.000"], true),
    (["deflate,gzip;q=0.5"], true), ([",, gzip,"], true), (["identity;q=0, gzip"], true), (["identity;q=0, *"], true),
    (["gzip, deflate, br, zstd"], true), (["br;q=0, *;q=0.5"], true),
    ([], false), ([""], false), ([","], false), (["deflate"], false), (["gzipped"], false), (["identity"], false),
    (["identity;q=0"], false), (["*;q=0"], false), (["identity;q=1, *;q=0"], false), (["gzip;q=0"], false),
    (["gzip; q=0.000"], false), (["gzip;q=0."], false), (["x-gzip;q=0"], false), (["gzip;q=0, *"], false),
    (["*, gzip;q=0"], false), (["gzip, x-gzip;q=0"], false), (["gzip;q=.5"], false), (["gzip;q=2"], false),
    (["gzip;q=1.1"], false), (["gzip;q=0.5555"], false), (["gzip;q=-1"], false), (["gzip;q="], false),
    (["gzip;"], false),
    (["gzip;level=9"], false), (["gzip;q=0.5;level=9"], false), (["gzip;q = 1"], false), (["gzip;q=1e0"], false),
    (["gzip deflate"], false), (["\"gzip\""], false), (["gzip, ä"], false), (["gzip, br;q=7"], false),
    // nginx before 1.23 sees the first of several headers, later ones all of them.
    (["identity", "identity"], false), (["gzip", "deflate"], true),
  ]

  @Test func `no Accept-Encoding puts gzip under the key of plain clients, nor the reverse`() throws {
    let nginx = try TestNginx(pool: try stack.value("POOL_SOCKET"))
    let text = try stack.get(HTTPTests.artist).body
    func ask(_ index: Int, _ headers: [String]) throws -> Answer {
      try nginx.site.get(
        "\(HTTPTests.artist)?form=\(index)",
        headers: headers.map { $0.isEmpty ? "Accept-Encoding;" : "Accept-Encoding: \($0)" })
    }
    func check(_ round: String) throws {
      for (index, (headers, admits)) in NginxTests.encodings.enumerated() {
        let odd = try ask(index, headers)
        #expect(odd.status == 200)
        #expect((odd.headers["content-encoding"] == "gzip") == admits, "\(headers) \(round)")
        #expect((odd.body.first == 0x1f) == admits, "\(headers) \(round)")
        #expect(try ask(index, []).body == text, "plain after \(headers) \(round)")
        let gzip = try ask(index, ["gzip"])
        #expect(gzip.headers["content-encoding"] == "gzip" && gzip.body.first == 0x1f, "gzip after \(headers) \(round)")
      }
    }
    try check("at first")
    waitForNginxToAskAgain()
    try check("when nginx asks again")
  }

  @Test func `only who has the form that is kept is told that it has not changed`() throws {
    let nginx = try TestNginx(pool: try stack.value("POOL_SOCKET"))
    let uncached = try TestNginx(pool: try stack.value("POOL_SOCKET"), ["NGINX_CACHE_SECONDS=0"])
    for site in [nginx.site, uncached.site] {
      let plain = try #require(try site.get(HTTPTests.artist).headers["etag"])
      let gzip = try #require(try site.get(HTTPTests.artist, headers: ["Accept-Encoding: gzip"]).headers["etag"])
      for (encoding, own, other) in [("identity", plain, gzip), ("gzip", gzip, plain)] {
        for (tag, status) in [(own, 304), ("W/\(own)", 304), ("*", 304), (other, 200), ("W/\(other)", 200)] {
          let answer = try site.get(
            HTTPTests.artist, headers: ["Accept-Encoding: \(encoding)", "If-None-Match: \(tag)"])
          #expect(answer.status == status, "\(encoding), \(tag)")
        }
      }
    }
  }

  @Test(.enabled(if: getuid() == 0, "only root may mount the small disk"))
  func `with nginx's cache on a full disk every answer comes`() throws {
    let nginx = try TestNginx(pool: try stack.value("POOL_SOCKET"))
    let cache = "\(nginx.directory)/state/cache"
    let mount = try Command.run("/usr/bin/env", ["mount", "-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", cache])
    try #require(mount.status == 0, "\(mount.error)")
    defer { _ = try? Command.run("/usr/bin/env", ["umount", "-l", cache]) }
    _ = try Command.run("/usr/bin/env", ["dd", "if=/dev/zero", "of=\(cache)/filler", "bs=4k"])
    #expect(try nginx.site.statuses("\(HTTPTests.artist)?full=[1-100]") == [String](repeating: "200", count: 100))
    #expect(try nginx.site.get(HTTPTests.album).body == (try stack.get(HTTPTests.album).body))
  }

  @Test func `a thousand clients at once are all answered`() throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, 4_096)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let port = try #require(Int(try stack.value("PORT")))
    let clients = try (0..<1_000).map { _ in try LoopbackConnection(port: port) }
    for (index, client) in clients.enumerated() {
      client.send("GET \(HTTPTests.artist)?one=\(index) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    }
    #expect(clients.filter { !$0.readAll().hasPrefix("HTTP/1.1 200 ") }.isEmpty)
  }

  @Test func `settings and logs are for the owner alone`() throws {
    let directory = try stack.value("DIR")
    func mode(_ name: String) throws -> Int {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
      return try #require(attributes[.posixPermissions] as? Int)
    }
    for name in ["settings", "env"] { #expect(try mode(name) == 0o600, "\(name)") }
    #expect(try mode("log") == 0o700)
    let logs = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/log")
    #expect(logs.contains("access.log") && logs.contains("pool.log"))
    for name in logs { #expect(try mode("log/\(name)") & 0o077 == 0, "\(name)") }
  }
}
