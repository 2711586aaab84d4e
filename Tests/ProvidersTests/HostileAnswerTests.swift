import Cache
import Core
import HTTP
import Logging
import Metadata
import Testing

@testable import Providers

/// Answers that once ended a worker or kept it busy for minutes.
@Suite struct HostileAnswerTests {
  static let extremes = [Int.min, -1, 0, 1_000_001, Int.max / 2, Int.max]

  @Test(arguments: extremes) func `an image of an impossible size is none`(size: Int) throws {
    let url = "https://upload.wikimedia.org/a.jpg"
    let upstream = WikimediaCommons(
      .init(wikidataURL: "https://www.wikidata.org", commonsURL: "https://commons.wikimedia.org", seconds: 100))
    for (width, height) in [(size, 1), (1, size), (size, size)] {
      let step = try upstream.step(
        Question(.commons, named: "Q1"),
        after: [.body("wikidata-p18.json"), WikimediaCommonsTests.image(width, height, url)])
      #expect(step == .absent)
    }
  }

  @Test(arguments: [Int.min, Int.min + 59, -1, 0, Int.max])
  func `a token with an impossible life is used and not kept`(seconds: Int) throws {
    let fetcher = ScriptedFetcher()
    let shared = MemoryTier(limit: 1 << 16)
    let client = ProviderClient(
      fetcher: fetcher, gate: .forTests(), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    let spotify = Spotify(
      .init(
        clientID: "id", clientSecret: "s", redirectURL: nil, baseURL: "https://api.spotify.com/v1",
        tokenURL: "https://accounts.spotify.com/api/token"), client: client, shared: shared, namespace: "t")
    fetcher.script = { request in
      .success(
        request.form == nil
          ? .body("spotify-album.json")
          : .text(#"{"access_token":"t","refresh_token":"r","expires_in":\#(seconds)}"#))
    }
    let id = try #require(SpotifyID(SpotifyTests.album))
    #expect(try spotify.work(.album, id, by: .after(milliseconds: 60_000)) != nil)
    #expect(shared.get(["t:spotify-token"]) == [nil])
    #expect(try spotify.tokens(forCode: "c", by: .after(milliseconds: 60_000)).seconds == 0)
  }

  // MARK: - Texts that are slow to compare

  /// Characters are compared and hashed in time that grows with the square of their length; this is one character.
  static let marks = "e" + String(repeating: "\u{301}\u{323}", count: 400_000)

  static let templates: [(String, [String], String)] = [
    ("fanart", [], #"{"T":0,"status":"T","mbid_id":"T"}"#),
    (
      "fanart", [], #"{"mbid_id":"f90e8b26-9e52-4669-a5c9-e28529c47894","artistthumb":[{"url":"T"}],"albums":{"T":{}}}"#
    ),
    ("tadb", [], #"{"artists":[{"strArtistThumb":"T","strBiographyEN":"T"}]}"#),
    ("tadb", [], #"{"artists": broken "strArtistThumb":"T", "strBiographyEN":"T", "#),
    ("wikipedia", [], #"{"error":{"code":"T"}}"#),
    (
      "wikipedia", [],
      #"{"entities":{"Q1":{"sitelinks":{"enwiki":{"title":"T"}},"descriptions":{"en":{"value":"T"}}}}}"#
    ),
    ("wikipedia", ["wikidata-entity.json"], #"{"query":{"pages":[{"extract":"T"}]}}"#),
    (
      "commons", [],
      #"{"claims":{"P18":[{"rank":"T","mainsnak":{"snaktype":"value","datavalue":{"value":"T"}}}]}}"#
    ),
    (
      "commons", ["wikidata-p18.json"],
      #"{"query":{"pages":[{"imageinfo":[{"width":1,"height":1,"url":"T","thumburl":"T"}]}]}}"#
    ),
    ("caa", [], #"{"release":"T","images":[{"id":"T","front":true,"types":["T"]}]}"#),
    ("caa", [], #"{"release":"r/f90e8b26-9e52-4669-a5c9-e28529c47894","images":[{"id":"T","types":["Front","T"]}]}"#),
    ("apple", [], #"{"feed":{"results":[{"name":"T","artistName":"T"}]}}"#),
    ("lastfm", [], #"{"topalbums":{"album":[{"name":"T","mbid":"T","artist":{"name":"T"}}]},"error":"T"}"#),
    ("billboard", [], #"<o-chart-results-list-row-container><h3 id="title-of-a-story">T</h3>"#),
  ]

  @Test(.timeLimit(.minutes(1)), arguments: templates)
  func `no text takes more than a moment, wherever it stands`(name: String, before: [String], template: String) {
    var subject = Subject(kind: .artist, id: FanartTVTests.snoopDogg, links: ["https://www.wikidata.org/wiki/Q1"])
    if name == "caa" {
      var release = Release(id: FanartTVTests.snoopDogg, title: "R")
      release.artwork = ReleaseArtwork(hasFront: true, hasBack: false, count: 1)
      subject = Subject(kind: .album, id: FanartTVTests.surrender, links: [], releases: [release])
    }
    let wikidata = "https://www.wikidata.org"
    let upstreams: [any Upstream] = [
      FanartTV(.init(apiKey: "k", baseURL: "https://fanart.example", seconds: 1)),
      TheAudioDB(.init(apiKey: "k", baseURL: "https://tadb.example", seconds: 1)),
      Wikipedia(
        .init(languages: ["en"], baseURL: "https://{language}.wikipedia.org", wikidataURL: wikidata, seconds: 1)),
      WikimediaCommons(.init(wikidataURL: wikidata, commonsURL: "https://commons.wikimedia.org", seconds: 1)),
      CoverArtArchive(.init(apiURL: "https://caa.example", pictureURL: "https://caa.example", seconds: 1)),
    ]
    let charts: [any ChartPublisher] = [ChartsTests.apple, ChartsTests.billboard, ChartsTests.lastFM]
    let answer = HTTPResponse.text(template.replacing("T", with: Self.marks))
    for upstream in upstreams where upstream.name == name {
      guard let question = upstream.question(about: subject) else { continue }
      if case .found(let finding, _)? = try? upstream.step(question, after: before.map { .body($0) } + [answer]) {
        #expect(finding.pictures.isEmpty)
      }
    }
    for publisher in charts where publisher.name == name {
      let entries = (try? publisher.entries(in: answer, of: ChartsTests.name(name))) ?? []
      #expect(entries.allSatisfy { $0.artist.isEmpty && $0.title == nil })
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["<h3>", "&", "\u{1f1e6}"])
  func `a page of one thing over and over is read in a moment`(unit: String) {
    let head = #"o-chart-results-list-row-container<h3 id="title-of-a-story">"#
    let page = head + String(repeating: unit, count: (1 << 20) / unit.utf8.count) + "</h3>"
    let entries = try? ChartsTests.billboard.entries(
      in: .text(page), of: ChartsTests.name("billboard", .artist))
    #expect(entries == nil)
  }

  @Test func `an artist's answer cannot name more albums than anybody has`() throws {
    let artist = FanartTVTests.snoopDogg
    let albums = (0..<3_000).map {
      #""22ca85ec-ee39-3895-aef9-\#(String(100_000_000_000 + $0))":{"albumcover":[{"url":"https://a.example/a.jpg"}]}"#
    }
    let upstream = FanartTV(.init(apiKey: "k", baseURL: "https://f.example", seconds: 1))
    let step = try upstream.step(
      Question(.fanart, artist),
      after: [.text(#"{"mbid_id":"\#(artist)","albums":{\#(albums.joined(separator: ","))}}"#)])
    guard case .found(_, let others) = step else {
      Issue.record("not found")
      return
    }
    #expect(others.count == 1_000)
  }
}
