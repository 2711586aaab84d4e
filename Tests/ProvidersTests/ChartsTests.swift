import Core
import HTTP
import Logging
import Metadata
import Testing

@testable import Providers

@Suite struct ChartsTests {
  static let apple = AppleCharts(baseURL: "https://rss.applemarketingtools.com/api/v2")
  static let billboard = BillboardCharts(baseURL: "https://www.billboard.com/charts")
  static let lastFM = LastFMCharts(baseURL: "https://ws.audioscrobbler.com/2.0", apiKey: "k")
  let apple = apple
  let billboard = billboard
  let lastFM = lastFM

  static func name(
    _ publisher: String, _ content: EntityID.Kind = .album, _ selection: String = "top", count: Int = 10,
    user: String? = nil
  ) -> ChartName {
    ChartName(publisher: publisher, content: content, selection: selection, count: count, user: user)
  }

  @Test func `there are these charts and no others`() {
    let fetcher = ScriptedFetcher()
    let charts = Charts(
      [apple, billboard, lastFM],
      client: ProviderClient(
        fetcher: fetcher, gate: .forTests(), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }))
    for publisher in ["apple-music", "itunes"] {
      #expect(charts.has(Self.name(publisher)) && charts.has(Self.name(publisher, .album, "new")))
      #expect(!charts.has(Self.name(publisher, .artist)))
    }
    for publisher in ["billboard", "lastfm"] {
      #expect(charts.has(Self.name(publisher)) && charts.has(Self.name(publisher, .artist)))
      #expect(!charts.has(Self.name(publisher, .album, "new")))
    }
    #expect(!charts.has(Self.name("melody-maker")))
  }

  @Test func `Apple's albums are read, also behind the redirect that its old host makes`() throws {
    let entries = try apple.entries(in: .body("apple-albums.json"), of: Self.name("itunes"))
    #expect(entries.count == 50)
    #expect(entries.first == ChartEntry(title: "It's Almost Dry", artist: "Pusha T"))
    #expect(
      apple.request(Self.name("itunes"))?.url
        == "https://rss.applemarketingtools.com/api/v2/us/music/most-played/50/albums.json")
    let redirected = try #require(Origin(of: "https://rss.marketingtools.apple.com/api/v2/us"))
    #expect(apple.service.origins.contains(redirected) && apple.service.redirects == 1)
  }

  @Test func `Billboard's page is read, with links, entities and all its white space`() throws {
    let entries = try billboard.entries(in: .body("billboard-200.html"), of: Self.name("billboard"))
    #expect(
      entries == [
        ChartEntry(title: "It’s Almost Dry", artist: "Pusha T"), ChartEntry(title: "7220", artist: "Lil Durk"),
        ChartEntry(title: "Abbey Road", artist: "The Beatles"), ChartEntry(title: "Hysteria", artist: "Def Leppard"),
      ])
    #expect(billboard.request(Self.name("billboard"))?.url == "https://www.billboard.com/charts/billboard-200/")
    #expect(
      billboard.request(Self.name("billboard", .artist))?.url == "https://www.billboard.com/charts/artist-100/")
    let artists = try billboard.entries(in: .body("billboard-200.html"), of: Self.name("billboard", .artist))
    #expect(artists.first == ChartEntry(title: nil, artist: "It’s Almost Dry"))
  }

  @Test func `Last fm's albums and artists are read, one as well as many, and none`() throws {
    let albums = try lastFM.entries(in: .body("lastfm-top-albums.json"), of: Self.name("lastfm"))
    #expect(
      albums.first
        == ChartEntry(
          title: "Number Ones", artist: "Bee Gees", albumID: "12cc16cb-5649-4e1a-bd10-a8a496280990"))
    let one = try lastFM.entries(in: .body("lastfm-single-album.json"), of: Self.name("lastfm", user: "x"))
    #expect(one.map(\.title) == ["Crystal Castles"])
    #expect(try lastFM.entries(in: .body("lastfm-empty.json"), of: Self.name("lastfm", user: "x")) == [])
    let artists = try lastFM.entries(in: .body("lastfm-top-artists.json"), of: Self.name("lastfm", .artist))
    #expect(artists.map(\.artist) == ["The Weeknd", "Radiohead", "Nameless"])
    #expect(artists.map { $0.artistID == nil } == [false, false, true])
    let anathema = try lastFM.entries(
      in: .body("lastfm-single-artist.json"), of: Self.name("lastfm", .artist, user: "x"))
    #expect(anathema.map(\.artist) == ["Anathema"])
  }

  @Test(arguments: [
    (ChartsTests.name("lastfm"), "tag.gettopalbums&tag=all"),
    (ChartsTests.name("lastfm", .artist), "chart.gettopartists"),
    (ChartsTests.name("lastfm", user: "a&b"), "user.gettopalbums&user=a%26b"),
    (ChartsTests.name("lastfm", .artist, user: "u"), "user.gettopartists&user=u"),
  ])
  func `Last fm is asked for everybody's or a user's`(chart: ChartName, method: String) {
    #expect(
      lastFM.request(chart)?.url
        == "https://ws.audioscrobbler.com/2.0/?method=\(method)&api_key=k&limit=20&format=json")
    #expect(LastFMCharts(baseURL: "https://ws.audioscrobbler.com/2.0", apiKey: nil).request(chart) == nil)
  }

  @Test func `Last fm's errors come with any status, and an unknown user has heard nothing`() throws {
    for status in [200, 400, 403] {
      for error in ["lastfm-error-10.json", "lastfm-error-29.json", "lastfm-error-6.json"] {
        #expect(throws: UpstreamError.overloaded) {
          try lastFM.entries(in: .body(error, status: status), of: Self.name("lastfm"))
        }
      }
    }
    #expect(try lastFM.entries(in: .body("lastfm-error-6.json", status: 404), of: Self.name("lastfm", user: "x")) == [])
  }

  @Test func `a page that asks whether one is human is an error, with any status`() {
    #expect(throws: UpstreamError.status(403)) {
      try billboard.entries(in: .body("billboard-challenge.html", status: 403), of: Self.name("billboard"))
    }
    #expect(throws: UpstreamError.malformed) {
      try billboard.entries(in: .body("billboard-challenge.html"), of: Self.name("billboard"))
    }
  }

  @Test(arguments: Garbage.bodies)
  func `garbage is malformed, whoever sends it`(name: String, body: [UInt8]) {
    let answer = HTTPResponse(status: 200, body: body)
    for publisher in [apple, billboard, lastFM] as [any ChartPublisher] {
      #expect(throws: UpstreamError.malformed, "\(name) from \(publisher.name)") {
        try publisher.entries(in: answer, of: Self.name("x"))
      }
    }
  }

  @Test func `pages cut short anywhere never crash`() {
    let body = Bodies.load("billboard-200.html")
    for length in stride(from: 0, to: body.count, by: 29) {
      let answer = HTTPResponse(status: 200, body: Array(body[..<length]))
      let entries = (try? billboard.entries(in: answer, of: Self.name("billboard"))) ?? []
      #expect(entries.allSatisfy { !$0.artist.isEmpty && $0.title?.isEmpty == false })
    }
  }

  @Test(arguments: [
    ("a &amp; b", "a & b"), ("&#39;&#x27;&quot;", "''\""), ("&unknown; &", "&unknown; &"), ("<b>x</b> <i", "x"),
    ("&#1114112;&#xd800;", "&#1114112;&#xd800;"), (" \n a\t b ", "a b"), ("", ""),
  ])
  func `HTML becomes plain text`(html: String, text: String) {
    #expect(HTML.plain(Array(html.utf8)[...]) == text)
  }
}
