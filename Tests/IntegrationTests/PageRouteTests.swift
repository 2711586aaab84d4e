import Foundation
import Testing

/// The pages that people see, through nginx and on a shared host.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct PageRouteTests {
  let stack = Stack.content

  static let browser = [
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
  ]
  static let artist = "/ui\(HTTPTests.artist)"
  static let album = "/ui\(HTTPTests.album)"

  @Test(arguments: ["/", "/api/v0.4", "/api/v0.4/"])
  func `a browser gets a page and all others JSON from one address, and nginx does not mix them`(path: String) throws {
    for _ in 0..<3 {
      let page = try stack.get(path, headers: PageRouteTests.browser)
      #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
      #expect(page.headers["cache-control"] == "no-store" && page.headers["x-cache"] == "MISS")
      for answer in [
        try stack.get(path, headers: ["Accept: */*"]), try stack.get(path, headers: ["Accept:"]),
        try stack.get(path, headers: ["Accept: application/json, text/html;q=0.9"]),
      ] {
        #expect(try answer.object()["version"] is String)
        #expect(answer.headers["cache-control"] == "no-cache" && answer.headers["vary"]?.contains("Accept") == true)
      }
      #expect(page.headers["vary"]?.contains("Accept") == true)
    }
    let head = try stack.get(path, method: "HEAD", headers: PageRouteTests.browser)
    #expect(head.status == 200 && head.headers["content-type"] == "text/html; charset=utf-8")
    #expect(try stack.get(path, method: "HEAD").headers["content-type"] == "application/json")
  }

  @Test(arguments: [
    "/", artist, album, "/ui/search?q=chemical+brothers", "/ui/search?q=", "/ui/artist/x", "/ui/nosuch",
  ])
  func `every page forbids what it does not need`(path: String) throws {
    let page = try stack.get(path, headers: PageRouteTests.browser)
    #expect(page.headers["content-type"] == "text/html; charset=utf-8", "\(path)")
    let policy = try #require(page.headers["content-security-policy"])
    #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "))
    #expect(policy.contains("base-uri 'none'; frame-ancestors 'none'") && !policy.contains("unsafe"))
    #expect(page.headers["x-content-type-options"] == "nosniff")
    #expect(page.headers["cross-origin-opener-policy"] == "same-origin")
    #expect(["no-referrer", "same-origin"].contains(page.headers["referrer-policy"]))
    #expect(page.headers["cache-control"] == "no-store")
    // A page takes three requests, and all of it is small.
    let small = try stack.get(path, headers: PageRouteTests.browser + ["Accept-Encoding: gzip"])
    #expect(small.headers["content-encoding"] == "gzip" && small.body.count < 20_000, "\(path): \(small.body.count)")
  }

  @Test func `pages show what clients get`() throws {
    let name = try #require(try stack.get(HTTPTests.artist).object()["artistname"] as? String)
    let artist = String(decoding: try stack.get(PageRouteTests.artist).body, as: UTF8.self)
    #expect(artist.contains("<h1><bdi>\(name)</bdi></h1>"))
    let title = try #require(try stack.get(HTTPTests.album).object()["title"] as? String)
    let album = String(decoding: try stack.get(PageRouteTests.album).body, as: UTF8.self)
    #expect(album.contains("<h1><bdi>\(title)</bdi></h1>") && album.contains("<ol class=\"tracks\">"))
    let found = String(decoding: try stack.get("/ui/search?q=chemical%20brothers").body, as: UTF8.self)
    #expect(found.contains("The Chemical Brothers"))
    let none = String(decoding: try stack.get("/ui/search?q=%3Cscript%3Exyzzyx").body, as: UTF8.self)
    #expect(none.contains("&lt;script&gt;xyzzyx") && !none.contains("<script>xyzzyx"))
  }

  @Test(arguments: [
    ("/ui/artist/66c66aaa-6e2f-4930-8610-912e24c63ed1", 404), ("/ui/artist/66c66aaa", 400), ("/ui/album/%22", 400),
    ("/ui/nosuch", 404), ("/ui/search?q=%00", 200), ("/ui/search?q=%ff%fe", 200),
  ])
  func `an error is a page with the client's status`(path: String, status: Int) throws {
    let page = try stack.get(path, headers: PageRouteTests.browser)
    #expect(page.status == status && page.headers["content-type"] == "text/html; charset=utf-8")
    #expect(String(decoding: page.body, as: UTF8.self).contains("<h1>"))
  }

  @Test func `what pages are made with is small, and kept for ever under its own address`() throws {
    let page = String(decoding: try stack.get("/", headers: PageRouteTests.browser).body, as: UTF8.self)
    var total = 0
    for (name, type) in [
      ("app.css", "text/css; charset=utf-8"), ("app.js", "text/javascript; charset=utf-8"),
      ("icon.svg", "image/svg+xml"),
    ] {
      let start = try #require(page.range(of: "./ui/\(name)?v="), "\(name)")
      let address = "/" + page[start.lowerBound...].prefix { $0 != "\"" }.dropFirst(2)
      let asset = try stack.get(address, headers: ["Accept-Encoding: gzip"])
      #expect(asset.status == 200 && asset.headers["content-type"] == type)
      #expect(asset.headers["cache-control"] == "public, max-age=31536000, immutable")
      #expect(asset.headers["x-content-type-options"] == "nosniff" && asset.headers["x-accel-expires"] == nil)
      total += asset.body.count
      let tag = try #require(asset.headers["etag"])
      let again = try stack.get(address, headers: ["Accept-Encoding: gzip", "If-None-Match: \(tag)"])
      #expect(again.status == 304 && again.body.isEmpty)
      for other in ["/ui/\(name)", "/ui/\(name)?v=old"] {
        #expect(try stack.get(other).headers["cache-control"] == "no-cache", "\(other)")
      }
    }
    #expect(total < 12_000, "\(total)")
  }

  @Test func `the pool's figures are drawn`() throws {
    _ = try stack.get(HTTPTests.artist)
    let page = String(decoding: try stack.get("/", headers: PageRouteTests.browser).body, as: UTF8.self)
    #expect(page.contains("In figures") && page.contains("<b>Artists</b>") && page.contains("<svg class=\"chart"))
  }

  // MARK: - Refreshing

  @Test func `another site's page cannot refresh, and a form of ours leads back to the page`() throws {
    let form = "/ui/artist/\(PageRouteTests.known)/refresh"
    func post(_ path: String, _ headers: [String]) throws -> Answer {
      try stack.get(path, method: "POST", headers: headers, arguments: ["-d", ""])
    }
    let host = try stack.value("URL").replacingOccurrences(of: "http://", with: "")
    for headers in [["Sec-Fetch-Site: same-origin"], ["Origin: http://\(host)"]] {
      let answer = try post(form, headers)
      #expect(answer.status == 303 && answer.headers["cache-control"] == "no-store")
      #expect(answer.headers["location"] == "../../../ui/artist/\(PageRouteTests.known)?refreshed=1")
      #expect(try post("/artist/\(PageRouteTests.known)/refresh", headers).status == 200)
    }
    for headers in [
      ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"], ["Origin: https://evil.example"], ["Origin: null"],
    ] {
      #expect(try post(form, headers).status == 403, "\(headers)")
      let answer = try post("/artist/\(PageRouteTests.known)/refresh", headers)
      #expect(answer.status == 403, "\(headers)")
      #expect(try answer.object()["error"] is String, "\(headers)")
    }
    // Lidarr and curl are no browsers; a form that does not say where it comes from is nobody's.
    #expect(try post("/album/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6/refresh", []).status == 200)
    #expect(try post(form, []).status == 403)
  }

  /// No artist of the sample: nobody else asks for it.
  static let known = "1946a82a-f927-40c2-8235-38d64f50d043"

  // MARK: - Elsewhere

  @Test(arguments: [TestHost.Server.apache, .lighttpd])
  func `on a shared host all links stay below its folder, and a key in the form refreshes`(server: TestHost.Server)
    throws
  {
    let host = try TestHost(server, stack: stack, ["REFRESH_REQUIRES_KEY": "true", "INVALIDATE_APIKEY": "open sesame"])
    for (path, expected) in [("", "./music/"), ("/", "./"), ("/api/v0.4", "./v0.4/")] {
      let page = try host.site.get(path, headers: PageRouteTests.browser)
      #expect(page.headers["content-type"] == "text/html; charset=utf-8", "\(path)")
      #expect(page.headers["vary"]?.contains("Accept") == true)
      let text = String(decoding: page.body, as: UTF8.self)
      #expect(text.contains("href=\"\(expected)ui/app.css?v="), "\(path): \(text.prefix(700))")
      #expect(text.contains("\(TestHost.folder)"), "\(path)")
      // This machine asks.
      #expect(text.contains("What it depends on"))
    }
    #expect(try host.site.get("").object()["version"] is String)
    #expect(try host.site.get("/ui/app.css").status == 200)
    let text = String(decoding: try host.site.get(PageRouteTests.artist).body, as: UTF8.self)
    #expect(text.contains("type=\"password\"") && text.contains("href=\"../../ui/app.css?v="))
    let form = "\(PageRouteTests.artist)/refresh"
    for (key, status) in [("open+sesame", 303), ("wrong", 401)] {
      let answer = try host.site.get(
        form, method: "POST", headers: ["Sec-Fetch-Site: same-origin"], arguments: ["-d", "key=\(key)"])
      #expect(answer.status == status, "\(key)")
      if status == 303 { #expect(answer.headers["location"]?.hasPrefix("../../../ui/artist/") == true) }
    }
  }

  @Test func `nobody is told the parts through a proxy`() throws {
    #expect(try stack.get("/health").object()["components"] is [String: Any])
    for header in ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "Via: 1.1 x"] {
      let health = try stack.get("/health", headers: [header])
      #expect(health.status == 200)
      #expect(try Set(health.object().keys) == ["status", "version", "timestamp"], "\(header)")
      let page = try stack.get("/", headers: PageRouteTests.browser + [header])
      #expect(!String(decoding: page.body, as: UTF8.self).contains("What it depends on"), "\(header)")
    }
    #expect(try stack.get("/health/live").object() as? [String: String] == ["status": "up"])
    #expect(try stack.get("/health/ready").status == 200)
  }
}
