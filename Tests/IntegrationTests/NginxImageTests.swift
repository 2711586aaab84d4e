import Core
import Foundation
import Testing

/// The image cache, before providers of the test's own that redirect as the Internet Archive does, and as somebody would
/// who means ill.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct NginxImageTests {
  /// An nginx with the cache and, in the same process, the providers, with TLS and a log of what they were asked for.
  final class Gallery {
    let nginx: TestNginx
    let folder: String
    var site: Site { nginx.site }

    static let hosts = [
      "coverartarchive.org", "archive.org", "ia800.us.archive.org", "r2.theaudiodb.com", "assets.fanart.tv",
      "upload.wikimedia.org", "thumb.wikimedia.org", "evil.example", "evilarchive.org", "archive.org.evil.example",
    ]

    /// - Parameter certified: the hosts that the certificate is for.
    init(certified: [String] = hosts, _ settings: [String] = [], replacing: [String: String] = [:]) throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "linernotes-images-\(UUID().uuidString)").path
      self.folder = folder
      let certificate = try TestCertificate(in: folder, for: certified)
      let pool = try FakePool.echo()
      let origin = try TestNginx.freePort()
      let picture = Data((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      try picture.write(to: URL(fileURLWithPath: "\(folder)/picture.jpg"))
      #expect(truncate("\(folder)/picture.jpg", 40_000) == 0)
      #expect(FileManager.default.createFile(atPath: "\(folder)/huge.jpg", contents: nil))
      #expect(truncate("\(folder)/huge.jpg", 3_000_000) == 0)
      _ = try Command.run("/bin/chmod", ["-R", "a+rX", folder])
      nginx = try TestNginx(
        pool: pool.path,
        [
          "NGINX_IMAGES=on", "NGINX_IMAGE_CA=\(certificate.authority)", "NGINX_RESOLVER=127.0.0.1:9",
          "NGINX_IMAGE_LISTEN=127.0.0.1:\(try TestNginx.freePort())", "NGINX_IMAGE_MB=3",
          "NGINX_USER_AGENT=Tester (me)",
        ] + settings
      ) { snippets, port in
        for (text, own) in replacing {
          let file = "\(snippets)/images.conf"
          let rendered = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
          #expect(rendered.contains(text))
          try? rendered.replacing(text, with: own).write(toFile: file, atomically: false, encoding: .utf8)
        }
        return TestNginx.main(
          in: snippets,
          """
          include \(snippets)/http.conf;
          \(Self.hosts.map { "upstream \($0) { server 127.0.0.1:\(origin); }" }.joined(separator: "\n"))
          server {
            listen 127.0.0.1:\(port);
            access_log off;
            include \(snippets)/errors.conf;
            include \(snippets)/location.conf;
          }
          log_format asked '$host $request_uri $http_user_agent|$http_cookie$http_authorization$http_referer$http_range';
          server {
            listen 127.0.0.1:\(origin) ssl;
            server_name \(Self.hosts.joined(separator: " "));
            ssl_certificate \(certificate.certificate);
            ssl_certificate_key \(certificate.key);
            access_log \(folder)/asked.log asked;
            absolute_redirect off;
            merge_slashes off;
            \(Self.answers(folder))
          }
          """)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var asked: [String] {
      let log = (try? String(contentsOfFile: "\(folder)/asked.log", encoding: .utf8)) ?? ""
      return log.split(separator: "\n").map(String.init)
    }

    /// What the providers answer, by the name of the picture.
    private static func answers(_ folder: String) -> String {
      let redirects = [
        ("/11-1200.jpg", 307, "//archive.org/download/mbid-x/1.jpg"), ("/download/mbid-x/1.jpg", 302, node),
        ("/12-1200.jpg", 307, "//archive.org/gone"), ("/gone", 302, "https://ia800.us.archive.org/none.jpg"),
        ("/13-1200.jpg", 301, "http://archive.org/download/mbid-x/1.jpg"),
        // Hostile ones.
        ("/20-1200.jpg", 307, "https://evil.example/a.jpg"), ("/21-1200.jpg", 307, "//archive.org/second"),
        ("/second", 302, "https://evil.example/a.jpg"), ("/22-1200.jpg", 307, "https://evilarchive.org/a.jpg"),
        ("/23-1200.jpg", 307, "https://archive.org.evil.example/a.jpg"),
        ("/24-1200.jpg", 307, "https://archive.org@evil.example/a.jpg"),
        ("/25-1200.jpg", 307, "https://archive.org:8443/a.jpg"), ("/26-1200.jpg", 307, "//127.0.0.1/a.jpg"),
        ("/27-1200.jpg", 307, "https://archive.org\\\\@evil.example/a.jpg"),
        ("/28-1200.jpg", 307, "file:///etc/passwd"),
        ("/29-1200.jpg", 307, "/relative.jpg"), ("/30-1200.jpg", 307, "https://archive.org/loop"),
        ("/loop", 302, "https://archive.org/loop"), ("/31-1200.jpg", 307, "https://archive.org#@evil.example/a.jpg"),
        ("/32-1200.jpg", 307, "//ARCHIVE.org.evil.example/a.jpg"),
      ]
      let errors = [
        ("/none.jpg", 404), ("/40-1200.jpg", 404), ("/41-1200.jpg", 500), ("/42-1200.jpg", 403), ("/43-1200.jpg", 429),
      ]
      return redirects.map { path, status, target in "location ~ \"\(path)$\" { return \(status) \"\(target)\"; }" }
        .joined(separator: "\n")
        + errors.map { path, status in "location ~ \"\(path)$\" { return \(status) \"not here\"; }" }
        .joined(separator: "\n") + """

          location = /items/picture.jpg {
            alias \(folder)/picture.jpg;
            types { image/jpeg jpg; }
            limit_rate 80k;
            add_header Set-Cookie a=b;
            add_header Vary Cookie;
            add_header Cache-Control no-store;
            add_header X-Accel-Expires 0;
            add_header X-Accel-Redirect /artist/x;
            add_header Strict-Transport-Security max-age=99;
            add_header Refresh "0; url=https://evil.example/";
          }
          location ~ huge {
            alias \(folder)/huge.jpg;
            types { image/jpeg jpg; }
          }
          location ~ html {
            types { }
            default_type text/html;
            return 200 "<script>alert(1)</script>";
          }
          location ~ scripted {
            types { }
            default_type "image/svg+xml";
            return 200 "<svg/>";
          }
          location ~ nothing {
            types { }
            default_type image/png;
            return 200 "";
          }
          location ~ endless {
            types { image/jpeg jpg; }
            ssi on;
            ssi_types *;
            alias \(folder)/picture.jpg;
          }
          location / {
            types { }
            default_type image/png;
            return 200 "$host$request_uri";
          }
          """
    }

    private static let node = "https://ia800.us.archive.org/items/picture.jpg"
  }

  static let release = "/v1/caa/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"

  @Test func `redirects are followed here, and the picture is kept`() throws {
    let gallery = try Gallery()
    let picture = try Data(contentsOf: URL(fileURLWithPath: "\(gallery.folder)/picture.jpg"))
    for cache in ["MISS", "HIT", "HIT"] {
      let answer = try gallery.site.get("\(Self.release)/11-1200.jpg", headers: ["Cookie: a=b", "Authorization: x"])
      #expect(answer.status == 200 && answer.body == picture)
      #expect(answer.headers["x-cache"] == cache)
      #expect(answer.headers["content-type"] == "image/jpeg" && answer.headers["x-content-type-options"] == "nosniff")
      #expect(answer.headers["cache-control"] == "public, max-age=604800")
      for name in ["set-cookie", "refresh", "strict-transport-security", "location", "vary", "x-accel-expires"] {
        #expect(answer.headers[name] == nil, "\(name)")
      }
    }
    let asked = gallery.asked
    #expect(
      asked.map { $0.split(separator: " ")[0] } == ["coverartarchive.org", "archive.org", "ia800.us.archive.org"])
    #expect(asked.allSatisfy { $0.hasSuffix("Tester (me)|--") || $0.hasSuffix("Tester (me)|----") }, "\(asked)")
    // By https, whatever the redirect says.
    #expect(try gallery.site.get("\(Self.release)/13-1200.jpg").status == 200)
  }

  @Test func `HEAD tells the length and time of GET, and parts and 304 come from what is kept`() throws {
    let gallery = try Gallery()
    let path = "\(Self.release)/11-1200.jpg"
    let head = try gallery.site.get(path, method: "HEAD")
    let get = try gallery.site.get(path)
    #expect(head.status == 200 && get.headers["content-length"] == "40000")
    for name in ["content-length", "last-modified", "content-type"] {
      #expect(head.headers[name] == get.headers[name] && get.headers[name] != nil, "\(name)")
    }
    let part = try gallery.site.get(path, headers: ["Range: bytes=10-19"])
    #expect(part.status == 206 && part.body == get.body[10..<20])
    #expect(try gallery.site.get(path, headers: ["Range: bytes=90000-"]).status == 416)
    let time = try #require(get.headers["last-modified"])
    #expect(try gallery.site.get(path, headers: ["If-Modified-Since: \(time)"]).status == 304)
    #expect(try gallery.site.get(path, headers: ["If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"]).status == 304)
    #expect(try gallery.site.get(path, headers: ["If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"]).status == 200)
    #expect(gallery.asked.count == 3)
    // A part of what is not kept yet has all of it brought.
    let other = try gallery.site.get("\(Self.release)/13-1200.jpg", headers: ["Range: bytes=0-9"])
    #expect(other.status == 206 && other.body == get.body[0..<10])
    #expect(try gallery.site.get("\(Self.release)/13-1200.jpg").body == get.body)
  }

  @Test func `five who ask at once cost one way to the archive`() throws {
    let gallery = try Gallery()
    #expect(
      try gallery.site.statuses("\(Self.release)/11-1200.jpg?[1-1]") == ["404"], "a query is no other picture")
    let urls = (0..<5).map { _ in gallery.site.url + "\(Self.release)/11-1200.jpg" }
    let result = try Command.run(
      "/usr/bin/curl",
      ["-s", "--parallel", "--parallel-immediate", "-w", "%{http_code} "] + urls.flatMap { ["-o", "/dev/null", $0] })
    #expect(String(decoding: result.output, as: UTF8.self) == "200 200 200 200 200 ")
    #expect(gallery.asked.count == 3, "\(gallery.asked)")
  }

  @Test func `no redirect leads anywhere but to the archive's own hosts`() throws {
    let gallery = try Gallery()
    for number in 20...32 {
      for _ in 0..<2 {
        let answer = try gallery.site.get("\(Self.release)/\(number)-1200.jpg")
        #expect(answer.status == 502, "\(number)")
        #expect(try answer.object()["error"] as? String == "Service unavailable")
      }
    }
    let hosts = Set(gallery.asked.map { $0.split(separator: " ")[0] })
    #expect(hosts == ["coverartarchive.org", "archive.org"], "\(hosts)")
  }

  @Test func `what is missing is asked for once, and what fails again`() throws {
    let gallery = try Gallery()
    for (number, status, count) in [(40, 404, 1), (12, 404, 3), (41, 502, 2), (42, 502, 2), (43, 429, 2)] {
      let before = gallery.asked.count
      for _ in 0..<2 {
        let answer = try gallery.site.get("\(Self.release)/\(number)-1200.jpg")
        #expect(answer.status == status, "\(number)")
        #expect(try answer.object()["error"] is String)
      }
      #expect(gallery.asked.count - before == count, "\(number)")
    }
  }

  @Test(arguments: ["huge.jpg", "html.jpg", "scripted.png", "nothing.png", "endless.jpg"])
  func `only an image, and none that is too long or of no known length, is passed on`(name: String) throws {
    let gallery = try Gallery()
    for _ in 0..<2 {
      let answer = try gallery.site.get("/v1/tadb/\(name)")
      #expect(answer.status == 502)
      #expect(answer.headers["content-type"] == "application/json" && answer.headers["x-accel-redirect"] == nil)
    }
    let kept = try Command.run(
      "/usr/bin/find", ["\(gallery.nginx.directory)/state/images", "-type", "f", "-size", "+0"])
    #expect(kept.output.isEmpty, "\(String(decoding: kept.output, as: UTF8.self))")
  }

  @Test(arguments: [
    ("/v1/fanart/music/a-1.jpg", "assets.fanart.tv/fanart/music/a-1.jpg"),
    ("/v1/tadb/artist/thumb/a.PNG", "r2.theaudiodb.com/images/media/artist/thumb/a.PNG"),
    ("/v1/commons/a/ab/%C3%A9_%28b%29.jpeg", "upload.wikimedia.org/wikipedia/commons/a/ab/%C3%A9_%28b%29.jpeg"),
    (
      "/v1/commons/from-thumb/thumb/a/ab/x.svg/960px-x.svg.png",
      "thumb.wikimedia.org/wikipedia/commons/thumb/a/ab/x.svg/960px-x.svg.png"
    ),
    (
      "/v1/caa/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6/7-250.jpg",
      "coverartarchive.org/release/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6/7-250.jpg"
    ),
  ])
  func `a path of the cache is a path of its provider`(path: String, origin: String) throws {
    let gallery = try Gallery()
    let answer = try gallery.site.get(path)
    #expect(String(decoding: answer.body, as: UTF8.self) == origin)
  }

  @Test func `nothing else can be asked for, whatever way it is written`() throws {
    let gallery = try Gallery()
    for path in [
      "/v1/", "/v1/x/a.jpg", "/v1/tadb/", "/v1/tadb/.jpg", "/v1/tadb/a.gif", "/v1/tadb/a.svg", "/v1/tadb/a.jpg/",
      "/v1/tadb/../a.jpg", "/v1/tadb/x/../../a.jpg", "/v1/tadb/%2e%2e/a.jpg", "/v1/tadb/.%2e/a.jpg",
      "/v1/tadb/..;/a.jpg",
      "/v1/tadb/a%2f..%2fb.jpg", "/v1/tadb/a%5cb.jpg", "/v1/tadb/a%25b.jpg", "/v1/tadb//a.jpg", "/v1/tadb/a.jpg?b=c",
      "/v1/tadb/a.jpg%3fb", "/x/../v1/tadb/a.jpg", "/v1/caa/../tadb/a.jpg", "/v1/tadb/a@evil.example.jpg.exe",
      "/v1/tadb/@evil.example/a.jpg", "/v1/caa/x/1-1200.jpg", "/v1/caa/22CA85EC-ee39-3895-aef9-dee5d5c2f4d6/1-1200.jpg",
      "\(Self.release)/1.jpg", "\(Self.release)/1-1200.png", "\(Self.release)/1-999.jpg",
      "/v1/http://evil.example/a.jpg",
      "/v1/tadb/a%0d%0ab.jpg", "/v1/tadb/a%00.jpg", "/v1/tadb/a%7f.jpg",
    ] {
      let answer = try gallery.site.get(path)
      // What is not below /v1/ once it is written plainly is the pool's, which echoes.
      guard answer.headers["content-type"] == "application/json", answer.status == 200 else {
        #expect(answer.status == 404 || answer.status == 400, "\(path)")
        continue
      }
      #expect(try answer.object()["REQUEST_URI"] is String, "\(path)")
    }
    for method in ["POST", "PUT", "DELETE", "PURGE", "PATCH"] {
      let answer = try gallery.site.get("\(Self.release)/11-1200.jpg", method: method)
      #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD, OPTIONS", "\(method)")
    }
    #expect(gallery.asked.isEmpty, "\(gallery.asked)")
  }

  @Test func `what is kept is given while the provider fails`() throws {
    let gallery = try Gallery(replacing: ["proxy_cache_valid 200 30d": "proxy_cache_valid 200 1s"])
    let path = "/v1/tadb/kept.jpg"
    #expect(try gallery.site.get(path).status == 200)
    let pid = try String(contentsOfFile: "\(gallery.nginx.directory)/state/own.pid", encoding: .utf8)
    // From now on the provider has no certificate that anybody trusts.
    let configuration = "\(gallery.nginx.directory)/conf/images-http.conf"
    let text = try String(contentsOfFile: configuration, encoding: .utf8)
    try text.replacing("proxy_ssl_verify_depth 4", with: "proxy_ssl_verify_depth 0").replacing(
      "proxy_ssl_trusted_certificate \(gallery.folder)/ca.pem",
      with: "proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt"
    ).write(toFile: configuration, atomically: false, encoding: .utf8)
    kill(try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines))), SIGHUP)
    for _ in 0..<100 where try gallery.site.get("/v1/tadb/new.jpg?").status != 502 {
      if try gallery.site.get("/v1/tadb/another-\(UUID().uuidString).jpg").status == 502 { break }
      usleep(50_000)
    }
    sleep(2)
    for _ in 0..<2 {
      let answer = try gallery.site.get(path)
      #expect(answer.status == 200, "\(answer.headers)")
      #expect(["STALE", "UPDATING"].contains(answer.headers["x-cache"]))
    }
  }

  @Test func `a provider whose certificate is another's is not believed`() throws {
    let gallery = try Gallery(certified: ["coverartarchive.org", "evil.example"])
    #expect(try gallery.site.get("/v1/tadb/a.jpg").status == 502)
    #expect(try gallery.site.get("\(Self.release)/11-1200.jpg").status == 502, "the second hop")
    #expect(gallery.asked.count == 1)
  }

  @Test func `a client may take so many pictures`() throws {
    let gallery = try Gallery(["NGINX_UNLIMITED=192.0.2.0/24", "NGINX_IMAGE_RATE=1r/s", "NGINX_IMAGE_BURST=4"])
    let statuses = try gallery.site.statuses("/v1/tadb/[1-30].jpg", atOnce: 30)
    #expect(statuses.contains("429") && statuses.contains("200"))
    #expect(statuses.allSatisfy { $0 == "429" || $0 == "200" })
  }
}
