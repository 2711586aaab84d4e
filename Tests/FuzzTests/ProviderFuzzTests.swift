import Cache
import Core
import Documents
import Foundation
import Logging
import Testing

@testable import HTTP
@testable import Metadata
@testable import Providers

/// Answers of providers: whatever they send becomes a finding, nothing, or an error.
@Suite struct ProviderFuzzTests {
  static let wikipedia = Wikipedia(
    .init(
      languages: ["en", "de", "zh-yue"], baseURL: "https://{language}.wikipedia.org",
      wikidataURL: "https://www.wikidata.org", seconds: 100))

  static let upstreams: [any Upstream] = [
    FanartTV(
      .init(apiKey: "k&", personalKey: "p", baseURL: "https://webservice.fanart.tv/v3/music", seconds: 100)),
    wikipedia,
    TheAudioDB(.init(apiKey: "k/", baseURL: "https://www.theaudiodb.com/api/v1/json", seconds: 100)),
    WikimediaCommons(
      .init(
        wikidataURL: "https://www.wikidata.org", commonsURL: "https://commons.wikimedia.org", seconds: 100)),
    CoverArtArchive(
      .init(apiURL: "https://coverartarchive.org", pictureURL: "https://coverartarchive.org", seconds: 100)),
  ]

  /// Those that the recorded answers of the Cover Art Archive are about, and more.
  static let releases: [Release] = [
    "037263c9-36f3-44e1-b019-278a035a7e91", "57712e6b-f670-49ca-b31d-ef056b589c43",
    "8745795a-190f-4be5-84fd-a8cfe5365cc6",
  ].enumerated().compactMap { index, id in
    MBID(id).map {
      var release = Release(id: $0, title: "R")
      release.status = index == 0 ? nil : "Official"
      release.artwork = ReleaseArtwork(hasFront: true, hasBack: false, count: index + 1)
      return release
    }
  }

  static func subject(_ kind: EntityID.Kind) throws -> Subject {
    // The ids that the recorded answers are about.
    let text = kind == .artist ? "f4a31f0a-51dd-4fa7-986d-3095c40c5ed9" : "9ba659df-5814-32f6-b95f-02b738698e7c"
    guard let id = MBID(text) else { throw Fault(text) }
    return Subject(
      kind: kind, id: id, links: ["https://www.wikidata.org/wiki/Q44190", "https://de.wikipedia.org/wiki/A_b"],
      releases: kind == .album ? releases : [])
  }

  private func fuzz(_ name: String, about kinds: [EntityID.Kind] = [.artist], _ bodies: [[UInt8]]) throws {
    guard let upstream = Self.upstreams.first(where: { $0.name == name }) else { throw Fault("no \(name)") }
    let questions = try kinds.map { upstream.question(about: try Self.subject($0)) }
    try Fuzz(name, inputs: 2_500).run(bodies) { input, randomness in
      guard let question = randomness.one(of: questions) else { throw Fault("no question") }
      var answers: [HTTPResponse] = []
      while true {
        try check(answers.count < 6, "it never ends")
        let step: Step
        do throws(UpstreamError) { step = try upstream.step(question, after: answers) } catch { return }
        switch step {
        case .ask(let request):
          try check(Origin(of: request.url).map(upstream.service.origins.contains) == true, "it asks \(request.url)")
          try check(request.url.utf8.count < 4_000, "it asks at length")
          let body = randomness.once(in: 2) ? input : randomness.one(of: bodies)
          answers.append(response(body, &randomness))
        case .found(let finding, let others):
          try checkFinding(finding, &randomness)
          for other in others { try checkFinding(other.finding, &randomness) }
          return
        case .absent: return
        }
      }
    }
  }

  private func response(_ body: [UInt8], _ randomness: inout Randomness) -> HTTPResponse {
    HTTPResponse(
      status: randomness.once(in: 8) ? randomness.one(of: [0, 200, 204, 301, 400, 404, 429, 500, 999, -1]) : 200,
      contentType: randomness.once(in: 8) ? "text/html; charset=iso-8859-1" : "application/json", body: body)
  }

  private func checkFinding(_ finding: Finding, _ randomness: inout Randomness) throws {
    for picture in finding.pictures {
      try check(Picture(picture.kind, picture.url) == picture, "\(picture.url) is no picture")
      try check(picture.url.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "\(picture.url) is no URL")
    }
    let text = finding.overview
    try check(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "a control character")
    guard randomness.once(in: 4) else { return }
    let document = Document(encoded: finding.document(named: "n", expires: .now + 10).encoded())
    try check(document.flatMap { Finding($0, named: "n") } == finding, "kept as another")
    try check(document.flatMap { Finding($0, named: "m") } == nil, "kept for another")
  }

  @Test func `answers of fanart tv`() throws {
    try fuzz("fanart", about: [.artist, .album], try Corpus.bodies("fanart"))
  }
  @Test func `answers of TheAudioDB`() throws { try fuzz("tadb", try Corpus.bodies("tadb")) }
  @Test func `answers of Wikipedia`() throws {
    try fuzz("wikipedia", about: [.artist, .album], try Corpus.bodies("wikipedia", "wikidata"))
  }

  @Test func `answers of Wikimedia Commons`() throws {
    let images = Corpus.texts(
      #"{"query":{"pages":[{"imageinfo":[{"url":"https://upload.wikimedia.org/a.jpg?x","width":1600,"height":1200,"#
        + #""thumburl":"https://upload.wikimedia.org/thumb/a.jpg"}]}]}}"#,
      #"{"query":{"pages":[{"imageinfo":[{"url":"https://upload.wikimedia.org/a.png","width":10,"height":1200}]}]}}"#)
    try fuzz("commons", images + images + (try Corpus.bodies("wikidata")))
  }

  @Test func `answers of the Cover Art Archive`() throws {
    try fuzz("caa", about: [.album], try Corpus.bodies("caa"))
  }

  // MARK: - Charts

  private func fuzz(charts publisher: any ChartPublisher, _ bodies: [[UInt8]]) throws {
    try Fuzz("\(publisher.name)-charts", inputs: 2_500).run(bodies) { input, randomness in
      let content = randomness.one(of: [EntityID.Kind.album, .artist])
      let user = randomness.once(in: 2) ? "u" : nil
      let chart = ChartName(publisher: publisher.name, content: content, selection: "top", count: 10, user: user)
      guard let entries = try? publisher.entries(in: response(input, &randomness), of: chart) else { return }
      try check(entries.count <= input.count, "more entries than bytes")
      for entry in entries.prefix(20) {
        try check(entry.artistNames.allSatisfy { !$0.isEmpty }, "a name without letters")
        try check(entry.albumNames.count <= 44 && entry.artistNames.count <= 11, "\(entry.albumNames.count) names")
        try check(entry.albumNames.allSatisfy { !$0.title.isEmpty }, "a title without letters")
      }
    }
  }

  @Test func `Apple's charts`() throws {
    try fuzz(charts: AppleCharts(baseURL: "https://rss.marketingtools.apple.com/api/v2"), try Corpus.bodies("apple"))
  }
  @Test func `Billboard's charts`() throws {
    try fuzz(
      charts: BillboardCharts(baseURL: "https://www.billboard.com/charts"), try Corpus.bodies("billboard"))
  }
  @Test func `Last fm's charts`() throws {
    try fuzz(
      charts: LastFMCharts(baseURL: "https://ws.audioscrobbler.com/2.0", apiKey: "k"), try Corpus.bodies("lastfm"))
  }

  // MARK: - Spotify

  /// Answers everything with one text.
  private final class Server: HTTPFetcher {
    var token = HTTPResponse(status: 200, body: [])
    var answer = HTTPResponse(status: 200, body: [])

    func run(
      _ exchanges: [HTTPExchange], by deadline: Deadline,
      next: (Int, Result<HTTPResponse, FetchError>) -> [HTTPExchange]
    ) {
      for exchange in exchanges {
        let answer = exchange.request.form == nil ? answer : token
        run(next(exchange.id, .success(answer)), by: deadline, next: next)
      }
    }
  }

  @Test func `answers of Spotify`() throws {
    let token = Array(#"{"access_token":"x","expires_in":3600}"#.utf8)
    let server = Server()
    guard let id = SpotifyID("43ZHCT0cAZBISjO8DG9PnE") else { throw Fault("no id") }
    try Fuzz("spotify", inputs: 2_500).run(try Corpus.bodies("spotify")) { input, randomness in
      // One that has just failed would be left alone, and a token kept: so each input has its own.
      let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
      let gate = Gate(
        limiter: .nobody, limit: .init(requests: 1, windowMilliseconds: 1),
        coordination: TierCoordination(shared: nil, namespace: "f"))
      let spotify = Spotify(
        .init(
          clientID: "i", clientSecret: "s", redirectURL: nil, baseURL: "https://api.spotify.com/v1",
          tokenURL: "https://accounts.spotify.com/api/token"),
        client: ProviderClient(fetcher: server, gate: gate, logger: logger), shared: nil, namespace: "f")
      let isToken = randomness.once(in: 2)
      server.token = isToken ? response(input, &randomness) : HTTPResponse(status: 200, body: token)
      server.answer = response(input, &randomness)
      let deadline = Deadline.after(milliseconds: 1_000)
      let kind = randomness.one(of: EntityID.Kind.allCases)
      if let work = try? spotify.work(kind, id, by: deadline) {
        try check(SpotifyID(work.albumID.description) != nil && SpotifyID(work.artistID.description) != nil, "\(work)")
        try check(kind == .album || work.artistID == id, "the work of somebody else")
      }
      _ = try? spotify.tokens(forCode: "c", by: deadline)
      if let renewal = try? spotify.renewal(of: "r", by: deadline) {
        try check(JSONValue(renewal)?.isObject == true, "no JSON")
      }
    }
  }

  // MARK: - Headers, links and texts

  @Test func `links of wikis`() throws {
    let corpus = Corpus.texts(
      "https://www.wikidata.org/wiki/Q44190", "https://m.wikidata.org/entity/Q1",
      "https://de.m.wikipedia.org/wiki/M%C3%B6tley_Cr%C3%BCe",
      "http://www.wikipedia.org/wiki/X?y#z", "https://wikipedia.org/wiki/A|B", "https://zh-yue.wikipedia.org/wiki/茶")
    try Fuzz("WikiPage", inputs: 10_000).run(corpus) { input, _ in
      let link = String(decoding: input, as: UTF8.self)
      _ = Link.site(of: link)
      _ = Picture(.poster, link)
      guard let page = WikiPage(link: link) else { return }
      try check(WikiPage(text: page.text) == page, "read as another: \(page.text)")
      try check(!page.text.contains("|"), "two pages")
      let question = Question(.wikipedia, named: "en \(page.text)")
      guard case .ask(let request)? = try? Self.wikipedia.step(question, after: []) else {
        throw Fault("not asked")
      }
      try check(Origin(of: request.url) != nil, "it asks \(request.url)")
    }
  }

  @Test func `HTML and prose`() throws {
    try Fuzz("HTML", inputs: 5_000).run(try Corpus.bodies("billboard", "tadb") + Corpus.names) { input, _ in
      let text = String(decoding: input, as: UTF8.self)
      let plain = HTML.plain(input[...])
      try check(plain.utf8.count <= text.utf8.count, "it grows")
      try check(!plain.hasPrefix(" ") && !plain.hasSuffix(" "), "a space around it")
      let trimmed = Prose.trimmed(text)
      try check(trimmed.utf8.count <= text.utf8.count, "it grows")
      try check(!trimmed.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "a control character")
    }
  }
}
