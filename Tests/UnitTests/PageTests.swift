import Core
import Foundation
import Testing

@testable import Handlers
@testable import Page

/// What a browser shows.
@Suite struct PageTests {
  static let layout = Layout(root: Root(target: "/ui/artist/x", depth: 3), images: .providers)

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  // MARK: - Nothing that somebody has written is markup

  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;"),
    ("a\u{0}b\u{1}\u{7f}", "a\u{fffd}b\u{fffd}\u{fffd}"),
    ("\u{202e}gpj.exe", "\u{202e}gpj.exe"), ("line\r\nnext\t", "line \nnext\t"), ("שלום", "שלום"), ("", ""),
  ])
  func `a text is escaped, wherever it stands`(text: String, escaped: String) {
    let markup: Markup = "<p title=\"\(text)\">\(text)</p>"
    #expect(PageTests.text(markup.bytes) == "<p title=\"\(escaped)\">\(escaped)</p>")
  }

  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'); alert(1); ('",
    "</title></textarea><svg/onload=x>",
    "&lt;b&gt;", "\u{202e}\u{2066}abc", "a\u{0}b", String(repeating: "e\u{301}", count: 200), "javascript:alert(1)", "",
  ]

  @Test(arguments: hostile)
  func `hostile names stay text on every page`(name: String) throws {
    var writer = JSONWriter()
    writer.string(name)
    let quoted = PageTests.text(writer.bytes)
    let links = #"[{"target":\#(quoted),"type":\#(quoted)},{"target":"https://a.example/\#("x")","type":\#(quoted)}]"#
    let artist = """
      {"id":\(quoted),"artistname":\(quoted),"sortname":\(quoted),"artistaliases":[\(quoted)],"type":\(quoted),
      "status":\(quoted),"disambiguation":\(quoted),"genres":[\(quoted)],"links":\(links),"overview":\(quoted),
      "images":[{"CoverType":"Poster","Url":\(quoted)}],
      "Albums":[{"Id":\(quoted),"Title":\(quoted),"Type":\(quoted),"SecondaryTypes":[\(quoted)],"ReleaseDate":\(quoted)}]}
      """
    let album = """
      {"id":\(quoted),"title":\(quoted),"artistid":\(quoted),"artists":[\(artist)],"type":\(quoted),
      "releasedate":\(quoted),"genres":[\(quoted)],"links":\(links),"overview":\(quoted),"images":[],
      "Releases":[{"Title":\(quoted),"Status":\(quoted),"Country":[\(quoted)],"Label":[\(quoted)],"TrackCount":1,
      "Media":[{"Position":1,"Format":\(quoted),"Name":\(quoted)},{"Position":2}],
      "Tracks":[{"MediumNumber":1,"TrackNumber":\(quoted),"TrackName":\(quoted),"ArtistId":\(quoted)}]}]}
      """
    let hits = #"[{"score":100,"artist":\#(artist),"album":null},{"score":9,"artist":null,"album":\#(album)},{}]"#
    let pages = [
      PageTests.layout.artist(try json(artist), covers: [name: name], refreshing: .key, notice: name),
      PageTests.layout.album(try json(album), refreshing: .anybody),
      PageTests.layout.search(name, hits: try json(hits)),
      PageTests.layout.message(title: name, name, query: name),
      PageTests.layout.home(
        Overview(
          whole: .degraded, version: name, commit: name, vintage: name, source: name, now: .now, address: name,
          parts: [.init(name: name, isUp: false, detail: name, advice: name, since: .now)])),
    ]
    for page in pages {
      let text = PageTests.text(page)
      #expect(!text.contains("<script>") && !text.contains("<img src=x") && !text.contains("<svg/"), "\(text)")
      #expect(!text.utf8.contains(0) && text.utf8.count(where: { $0 == 0x3c }) == tags(in: text), "\(text)")
      #expect(text.range(of: #"href="\s*javascript:"#, options: .regularExpression) == nil)
    }
  }

  /// What begins as a tag, and is one.
  private func tags(in text: String) -> Int {
    let pattern = #"<(?:!doctype html|/?[a-z][a-z0-9]*(?: [a-zA-Z-]+(?:="[^"<>]*")?)*/?)>"#
    let range = NSRange(text.startIndex..., in: text)
    return (try? NSRegularExpression(pattern: pattern).numberOfMatches(in: text, range: range)) ?? -1
  }

  private func json(_ text: String) throws -> JSONValue { try #require(JSONValue(text.utf8), "\(text)") }

  @Test func `answers of any shape become pages`() throws {
    for text in ["null", "[]", "{}", "5", #"{"Albums":5,"images":{},"links":[1,null],"Releases":[[],{"Tracks":7}]}"#] {
      let value = try json(text)
      for page in [
        PageTests.layout.artist(value, covers: [:], refreshing: .nobody),
        PageTests.layout.album(value, refreshing: .nobody), PageTests.layout.search("x", hits: value),
      ] { #expect(PageTests.text(page).hasSuffix("</html>\n")) }
    }
  }

  @Test func `links and pictures are written only by what checks addresses`() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Page")
    for file in try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
    where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for attribute in ["href", "src", "action", "style", "onclick"] {
        #expect(!text.contains("\(attribute)=\\\"\\("), "\(attribute) in \(file.lastPathComponent)")
        #expect(!text.contains("\(attribute)=\"\\("), "\(attribute) in \(file.lastPathComponent)")
      }
    }
  }

  // MARK: - Addresses

  @Test(arguments: [
    ("https://musicbrainz.org/artist/x", true), ("HTTP://a.example", true), ("http://[::1]:80/", true),
    ("https://a.example/?q=1#x", true), ("https://ja.example/日本", true), ("javascript:alert(1)", false),
    ("data:text/html,x", false), ("//a.example", false), ("https://", false), ("https:///x", false),
    ("https://user@a.example/", false), ("https://a.example\\@b.example/", false), ("https://a.example/ x", false),
    ("https://a.example/\"x", false), ("java\nscript://a", false), ("ftp://a.example", false), ("", false),
    ("https://" + String(repeating: "a", count: 3_000), false),
  ])
  func `only plain addresses of the web are links`(text: String, isLink: Bool) {
    #expect((Address(web: text) != nil) == isLink)
  }

  @Test(arguments: [
    ("/", 0, "./"), ("/music", 0, "./music/"), ("/music/", 0, "./"), ("/api/v0.4", 0, "./v0.4/"), (nil, 0, "./"),
    ("/ui/app.css", 2, "../"), ("/ui/search/", 2, "../../"), ("//ui//search", 2, "../../"), (nil, 2, "../"),
    ("/music/ui/artist/x", 3, "../../"), ("/k/key/ui/artist/x/refresh", 4, "../../../"), ("/ui", 1, "./"),
  ])
  func `the root is found from wherever a page is`(target: String?, depth: Int, prefix: String) throws {
    #expect(Root(target: target, depth: depth).prefix == prefix)
    // As a browser does it.
    guard let target, !target.contains("//") else { return }
    let base = try #require(URL(string: "http://a.example\(target)"))
    let root = try #require(URL(string: prefix, relativeTo: base)).absoluteURL.path
    let segments = target.split(separator: "/").dropLast(depth)
    #expect(root.split(separator: "/").elementsEqual(segments), "\(root)")
  }

  @Test func `pictures come from where they may`() {
    let providers = ImagePolicy.providers
    for (text, isAllowed) in [
      ("https://coverartarchive.org/release/x/1-1200.jpg", true), ("https://ia800.us.archive.org/x.jpg", true),
      ("https://archive.org/x.jpg", true), ("https://evilarchive.org/x.jpg", false),
      ("https://coverartarchive.org.evil.example/x.jpg", false), ("https://evil.example/coverartarchive.org", false),
      ("https://coverartarchive.org:8443/x.jpg", false), ("https://ASSETS.fanart.tv/x.jpg", true),
    ] {
      let address = Address(web: text)
      #expect(address.map { providers.allows($0) } == isAllowed, "\(text)")
    }
    let cache = ImagePolicy(sources: ["https://images.example.org:8443"])
    #expect(Address(web: "https://images.example.org:8443/v1/caa/x.jpg").map { cache.allows($0) } == true)
    #expect(Address(web: "https://coverartarchive.org/x.jpg").map { cache.allows($0) } == false)
    let tile = Picture("https://coverartarchive.org/release/x/1-1200.jpg", providers, .tile)
    #expect(tile?.address.text.hasSuffix("/1-250.jpg") == true && tile?.large?.text.hasSuffix("/1-500.jpg") == true)
  }

  @Test func `the policy forbids whatever is not needed`() {
    let policy = ImagePolicy(sources: ["coverartarchive.org"]).contentSecurityPolicy
    #expect(
      policy == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' coverartarchive.org; "
        + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
  }

  // MARK: - What is asked for

  @Test(arguments: [
    ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true), ("text/html", true),
    ("text/*", true), ("text/html;level=1", true), ("TEXT/HTML", true),
    ("application/json;q=0.5, text/html;q=0.6", true),
    ("text/html , application/json ; q=0.999", true), ("*/*;q=0.1,text/html;q=0.2", true), ("*/*", false), ("", false),
    ("application/json", false), ("text/html;q=0", false), ("text/html;q=0.5,application/json", false),
    ("text/html,application/json", false), ("text/html;q=2", false), ("text/html;q=x", false), ("nonsense", false),
    ("text/html;q=0.5,*/*;q=0.6", false), ("application/*,text/html;q=0.9", false), (",;,/,", false),
    ("text/html;q=0,*/*", false), ("text/plain", false),
  ])
  func `a page is for whoever would rather have one`(accept: String, isPage: Bool) {
    #expect(Request.prefersPage(accept) == isPage, "\(accept)")
  }

  @Test func `a header of any length is read at once`() {
    let long = String(repeating: "text/html;q=0.1,", count: 100_000)
    let prefers = Request.prefersPage("application/json," + long)
    #expect(!prefers)
    _ = Request.prefersPage(
      String(repeating: "e\u{301}", count: 100_000) + "/" + String(repeating: ";q=", count: 10_000))
  }

  @Test(
    arguments: [
      ("same-origin", nil, nil, true), ("cross-site", nil, nil, false), ("same-site", nil, nil, false),
      ("none", nil, nil, false), (nil, "http://a.example:5001", "a.example:5001", true),
      (nil, "http://b.example", "a.example:5001", false), (nil, "null", "a.example", false),
      (nil, nil, "a.example", nil),
      ("cross-site", "http://a.example", "a.example", false),
    ] as [(String?, String?, String?, Bool?)])
  func `the browser says whose page it is`(site: String?, origin: String?, host: String?, isFromHere: Bool?) {
    var visitor = Visitor()
    (visitor.fetchSite, visitor.origin, visitor.host) = (site, origin, host)
    #expect(visitor.isFromHere == isFromHere)
  }

  @Test func `another site cannot have its visitors refresh, unless it is one of ours or has the key`() {
    func outcome(_ limits: Limits, origin: String?, key: String? = nil) -> Failure? {
      var visitor = Visitor()
      visitor.host = "a.example"
      visitor.origin = origin
      let request = Request(method: "POST", path: [], query: Query(""), key: key, visitor: visitor)
      do throws(Failure) {
        try limits.admitRefresh(request)
        return nil
      } catch { return error }
    }
    let open = Limits(requestDeadline: 1, origins: ["https://friend.example"])
    #expect(outcome(open, origin: nil) == nil && outcome(open, origin: "https://a.example") == nil)
    #expect(outcome(open, origin: "https://evil.example") == .foreign)
    #expect(outcome(open, origin: "https://friend.example") == nil)
    let closed = Limits(requestDeadline: 1, key: "k", refreshRequiresKey: true)
    #expect(outcome(closed, origin: "https://evil.example", key: "k") == nil)
    #expect(outcome(closed, origin: "https://a.example") == .unauthorized)
  }

  @Test(arguments: [
    ("a.example:5001", "/api/v0.4/", "http://a.example:5001/api/v0.4"), ("a.example", "/", "http://a.example"),
    ("a.example\"><b>", "/", nil), (nil, "/", nil), ("", "/", nil),
  ])
  func `the address for Lidarr is the browser's own`(host: String?, target: String, address: String?) {
    var visitor = Visitor()
    (visitor.host, visitor.target) = (host, target)
    #expect(Request(method: "GET", path: [], query: Query(""), visitor: visitor).browserAddress == address)
  }

  // MARK: - Words and charts

  @Test func `numbers, times and lengths are as people write them`() {
    #expect(Words.number(1_234_567) == "1,234,567" && Words.number(-999) == "−999" && Words.number(.min).count > 20)
    #expect(Words.duration(microseconds: 7) == "< 0.1 ms" && Words.duration(microseconds: 450) == "0.45 ms")
    #expect(Words.duration(microseconds: 12_000) == "12 ms" && Words.duration(microseconds: 1_540_000) == "1.5 s")
    #expect(Words.length(milliseconds: 187_000) == "3:07" && Words.length(milliseconds: 3_723_000) == "1:02:03")
    #expect(Words.span(1) == "1 second" && Words.span(-5) == "0 seconds" && Words.span(40 * 86_400) == "40 days")
    #expect(Layout.day("2026-07-24T10:00:00+00:00") == "24 July 2026" && Layout.day("2026-13-01") == nil)
  }

  @Test func `charts say what the numbers are, whatever they are`() {
    #expect(Chart.shares([]).isEmpty && Chart.shares([0, -1]).isEmpty && Chart.columns([]).isEmpty)
    let shares = PageTests.text(Chart.shares([3, 0, 1]).bytes)
    #expect(shares.contains(#"x="0" y="0" width="750""#) && shares.contains(#"x="750" y="0" width="250""#))
    let latency = Figures.Latency(name: "x", buckets: [(100, 5), (200, 4), (nil, 1)])
    #expect(latency.percentile(50) == 100 && latency.percentile(90) == 200 && latency.percentile(95) == nil)
    #expect(Figures.Latency(name: "x", buckets: []).percentile(50) == nil)
    let figures = Figures(
      since: UnixTime(seconds: 0), requests: 5, failures: 1, lookups: [("memcached", 9), ("store", 1)],
      latencies: [latency])
    let page = PageTests.text(
      PageTests.layout.home(
        Overview(whole: .healthy, version: "1", source: "x", now: UnixTime(seconds: 60), figures: figures)))
    #expect(page.contains("<b>90.0 %</b>") && page.contains("half within 0.10 ms, 95 % within longer"))
  }

  @Test func `parts are only for those who may see them`() {
    let page = PageTests.text(
      PageTests.layout.home(Overview(whole: .healthy, version: "1", source: "x", now: .now)))
    #expect(!page.contains("<table") && page.contains("Healthy"))
  }
}
