import Foundation
import Testing

/// What nginx and the pool promise beyond the content.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct HTTPTests {
  static let artist = "/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a"
  static let album = "/album/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"
  let stack = Stack.content

  @Test(arguments: [artist, album])
  func `an answer may be kept by shared caches for as long as it is fresh, by clients not at all`(path: String) throws {
    let answer = try stack.get(path)
    #expect(answer.headers["content-type"] == "application/json")
    let control = try #require(answer.headers["cache-control"])
    let match = try #require(control.wholeMatch(of: /s-maxage=(\d+), max-age=0, public/), "\(control)")
    let seconds = try #require(Int(match.1))
    #expect((1...2_592_000).contains(seconds))
    #expect(try #require(answer.headers["expires"]).hasSuffix("1970 00:00:00 GMT"))
    #expect(answer.headers["vary"]?.contains("Accept-Encoding") == true)
  }

  @Test(arguments: [artist, album])
  func `a client that has the answer is told so`(path: String) throws {
    let answer = try stack.get(path)
    let tag = try #require(answer.headers["etag"])
    #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
    for condition in [tag, "\"other\", \(tag)", "W/\(tag)", "*"] {
      let again = try stack.get(path, headers: ["If-None-Match: \(condition)"])
      #expect(again.status == 304, "\(condition)")
      #expect(again.body.isEmpty)
      #expect(again.headers["etag"] == tag)
      #expect(again.headers["cache-control"] == answer.headers["cache-control"])
    }
    #expect(try stack.get(path, headers: ["If-None-Match: \"other\""]).status == 200)
    let gzip = try stack.get(path, headers: ["Accept-Encoding: gzip"])
    #expect(gzip.headers["etag"] != tag, "two encodings are two representations")
  }

  @Test(arguments: [artist, album, "/", "/health", "/nosuch", "/artist/xyz"])
  func `HEAD tells what GET would`(path: String) throws {
    let get = try stack.get(path)
    let head = try stack.get(path, method: "HEAD")
    #expect(head.status == get.status)
    for name in ["content-type", "content-length", "etag"] where path != "/health" {
      #expect(head.headers[name] == get.headers[name], "\(name)")
    }
  }

  @Test(arguments: [
    ("GET", "/nosuch", 404, "Nothing matches the given URI"),
    ("GET", "/artist", 404, "Nothing matches the given URI"),
    ("GET", "/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a/x", 404, "Nothing matches the given URI"),
    ("GET", "/artist/66c66aaa-6e2f-4930-8610-912e24c63ed1", 404, "Artist not found"),
    ("GET", "/album/66c66aaa-6e2f-4930-8610-912e24c63ed1", 404, "Album not found"),
    ("GET", "/artist/66c66aaa-6e2f-4930-aaaaaa", 400, "Invalid UUID"),
    ("GET", "/album/66c66aaa-6e2f-4930-aaaaaa", 400, "Invalid UUID"),
    ("GET", "/artist/%27%20OR%201=1--", 400, "Invalid UUID"),
    ("GET", "/artist/%f0%9d%84%9e", 400, "Invalid UUID"),
    ("GET", "/artist/%ff%fe", 400, "Invalid UUID"),
    ("GET", "/artist/a%2Fb", 400, "Invalid UUID"),
    ("POST", "/artist/xyz/refresh", 400, "Invalid UUID"),
    ("DELETE", artist, 405, "Specified method is invalid for this resource"),
    ("POST", album, 405, "Specified method is invalid for this resource"),
    ("GET", "\(artist)/refresh", 405, "Specified method is invalid for this resource"),
    ("POST", "/", 405, "Specified method is invalid for this resource"),
  ])
  func `an error is a JSON object with its status`(method: String, path: String, status: Int, error: String) throws {
    let answer = try stack.get(path, method: method)
    #expect(answer.status == status)
    #expect(answer.headers["content-type"] == "application/json")
    #expect(try answer.object()["error"] as? String == error)
    if status == 405 { #expect(answer.headers["allow"]?.isEmpty == false) }
    if method == "GET", status != 405 {
      #expect(answer.headers["cache-control"]?.hasPrefix("s-maxage=") == true)
    } else {
      #expect(answer.headers["cache-control"] == "no-cache" || status == 400)
    }
  }

  @Test(arguments: ["/artist/%00", "/%00", "/artist/%", "/%zz", "/artist/%2e%2e", "/..%2f..", "/?%00", "/artist?a=%00"])
  func `strange paths are answered in JSON and never with 500`(path: String) throws {
    let answer = try stack.get(path)
    #expect([200, 400, 404].contains(answer.status))
    _ = try answer.object()
  }

  @Test func `what nginx itself refuses is JSON as well`() throws {
    let long = "/artist/" + String(repeating: "a", count: 40_000)
    #expect([400, 414].contains(try stack.get(long).status))
    _ = try stack.get(long).object()
    let large = try stack.get(
      "\(HTTPTests.artist)/refresh", method: "POST", arguments: ["--data-binary", "@/bin/bash"])
    #expect([200, 413].contains(large.status))
    _ = try large.object()
    let huge = try Temporary()
    try Data(count: 20 << 20).write(to: huge.url)
    let tooLarge = try stack.get(
      "\(HTTPTests.artist)/refresh", method: "POST", arguments: ["--data-binary", "@\(huge.url.path)"])
    #expect(tooLarge.status == 413)
    _ = try tooLarge.object()
    let headers = (0..<90).map { "X-\($0): \(String(repeating: "x", count: 1000))" }
    let refused = try stack.get("/", headers: headers)
    #expect((400...494).contains(refused.status))
    _ = try refused.object()
  }

  @Test(arguments: ["\(artist)/", "/\(artist)", "/api/v0.4/\(artist)//", "/api/v0.4\(artist)?x=y"])
  func `slashes too many are served, never redirected`(path: String) throws {
    let answer = try stack.get(path)
    #expect(answer.status == 200)
    #expect(answer.body == (try stack.get(HTTPTests.artist).body))
  }

  @Test func `the information route is never cached and tells how current the data is`() throws {
    for path in ["/", "/api/v0.4", "/api/v0.4/"] {
      let answer = try stack.get(path)
      #expect(answer.headers["cache-control"] == "no-cache")
      let info = try answer.object()
      #expect(info["replication_date"] as? String == "2026-07-24T10:00:00+00:00")
      #expect(info["status"] as? String == "healthy")
      #expect(info["version"] is String)
      #expect(Set(["branch", "commit", "timestamp"]).isSubset(of: Set(info.keys)))
    }
    let health = try stack.get("/health")
    #expect(health.status == 200)
    let components = try #require(try health.object()["components"] as? [String: [String: Any]])
    #expect(components["musicbrainz"]?["status"] as? String == "up")
    #expect(components["cache"]?["status"] as? String == "up")
  }

  @Test func `browsers of any origin may ask, after a preflight too`() throws {
    let answer = try stack.get(HTTPTests.artist, headers: ["Origin: https://app.example"])
    #expect(answer.headers["access-control-allow-origin"] == "*")
    let preflight = try stack.get(
      HTTPTests.artist, method: "OPTIONS",
      headers: ["Origin: https://app.example", "Access-Control-Request-Method: GET"])
    #expect(preflight.status == 204)
    #expect(preflight.headers["access-control-allow-methods"]?.contains("GET") == true)
    let error = try stack.get("/artist/xyz", headers: ["Origin: https://app.example"])
    #expect(error.headers["access-control-allow-origin"] == "*")
  }

  @Test func `nginx keeps an answer for a moment and tells so`() throws {
    let path = "\(HTTPTests.artist)?once=\(Int.random(in: 0..<1_000_000_000))"
    let first = try stack.get(path)
    #expect(first.headers["x-cache"] == "MISS")
    #expect(first.headers["x-accel-expires"] == nil)
    let second = try stack.get(path)
    #expect(["HIT", "STALE"].contains(second.headers["x-cache"]))
    #expect(second.body == first.body && second.headers["cache-control"] == first.headers["cache-control"])
    #expect(try stack.get(path, headers: ["Accept-Encoding: gzip"]).headers["x-cache"] == "MISS")
    for path in ["/", "/health", "/recent/artist"] {
      for _ in 0..<2 { #expect(try stack.get(path).headers["x-cache"] == "MISS", "\(path)") }
    }
  }

  @Test func `after two seconds no old answer is given: nginx asks again with its tag`() throws {
    let path = "\(HTTPTests.artist)?aged=\(Int.random(in: 0..<1_000_000_000))"
    let first = try stack.get(path)
    #expect(first.headers["x-cache"] == "MISS")
    waitForNginxToAskAgain()
    let second = try stack.get(path)
    #expect(second.headers["x-cache"] == "REVALIDATED")
    #expect(second.body == first.body)
  }

  @Test func `the special-purpose artists have no albums, in whatever case they are asked for`() throws {
    for id in ["89ad4ac3-39f7-470e-963a-56509c546377", "89AD4AC3-39F7-470E-963A-56509C546377"] {
      let various = try stack.get("/artist/\(id)").object()
      #expect(various["artistname"] as? String == "Various Artists")
      #expect((various["Albums"] as? [Any])?.isEmpty == true)
    }
  }

  @Test(arguments: [artist, album])
  func `tracks, artists and media of a document fit together as the client needs them`(path: String) throws {
    guard path.hasPrefix("/album") else { return }
    for path in ExpectationTests.paths("album", "release_group") {
      let album = try stack.get(path).object()
      let artists = try #require(album["artists"] as? [[String: Any]]).compactMap { $0["id"] as? String }
      #expect(Set(artists).count == artists.count, "each artist once: \(path)")
      #expect(artists.contains(try #require(album["artistid"] as? String)))
      for release in try #require(album["Releases"] as? [[String: Any]]) {
        let positions = try #require(release["Media"] as? [[String: Any]]).compactMap { $0["Position"] as? Int }
        let tracks = try #require(release["Tracks"] as? [[String: Any]])
        #expect(release["TrackCount"] as? Int == tracks.count)
        for track in tracks {
          #expect(positions.contains(try #require(track["MediumNumber"] as? Int)))
          #expect(artists.contains(try #require(track["ArtistId"] as? String)))
        }
      }
    }
  }
}

/// `/recent/*` from the durable tier.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct RecentTests {
  let stack = Stack.content

  @Test func `what is computed for the first time has not changed`() throws {
    _ = try stack.get(HTTPTests.artist)
    _ = try stack.get(HTTPTests.album)
    for (kind, id) in [("artist", HTTPTests.artist.suffix(36)), ("album", HTTPTests.album.suffix(36))] {
      let answer = try stack.get("/recent/\(kind)?since=1")
      #expect(answer.headers["cache-control"] == (kind == "artist" ? "no-cache" : "s-maxage=60, max-age=0, public"))
      let recent = try answer.object()
      let items = try #require(recent["items"] as? [String])
      #expect(!items.contains(String(id)))
      #expect(recent["count"] as? Int == items.count && Set(items).count == items.count)
      #expect(recent["limited"] as? Bool == false)
      #expect(Set(recent.keys) == ["since", "count", "limited", "items"])
    }
  }

  @Test(arguments: [
    ("since=99999999999", "5138-11-16T09:46:39+00:00"), ("since=9999999999999999", "9999-12-31T23:59:59+00:00"),
  ])
  func `nothing is newer than the future`(query: String, since: String) throws {
    let recent = try stack.get("/recent/artist?\(query)").object()
    #expect(recent["count"] as? Int == 0)
    #expect(recent["limited"] as? Bool == false)
    #expect(recent["since"] as? String == since)
  }

  @Test(arguments: ["", "?since=0", "?since=-5"])
  func `without a time it is two days`(query: String) throws {
    let answer = try stack.get("/recent/artist\(query)")
    #expect(answer.status == 200)
    #expect(try answer.object()["limited"] as? Bool == false)
  }

  @Test(arguments: ["since=abc", "since=", "since=1.5", "since=99999999999999999999"])
  func `a time that is none is refused`(query: String) throws {
    let answer = try stack.get("/recent/album?\(query)")
    #expect(answer.status == 400)
    #expect(try answer.object()["error"] as? String == "since must be Unix seconds")
  }
}
