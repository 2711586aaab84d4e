import Cache
import Core
import HTTP
import Metadata
import Testing

@testable import Providers

@Suite struct WikipediaTests {
  static let id: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"

  static func upstream(_ languages: String...) -> Wikipedia {
    Wikipedia(
      .init(
        languages: languages, baseURL: "https://{language}.wikipedia.org", wikidataURL: "https://www.wikidata.org",
        seconds: 100))
  }

  let english = upstream("en", "ja", "de", "fr")

  func question(_ upstream: Wikipedia, _ links: String...) throws -> Question {
    try #require(upstream.question(about: Subject(kind: .artist, id: Self.id, links: links)))
  }

  func url(_ step: Step) -> String {
    if case .ask(let request) = step { request.url } else { "\(step)" }
  }

  @Test func `from a Wikidata link, the English article's introduction`() throws {
    let question = try question(english, "https://www.wikidata.org/wiki/Q42", "https://de.wikipedia.org/wiki/X")
    let first = url(try english.step(question, after: []))
    #expect(first.hasPrefix("https://www.wikidata.org/w/api.php?action=wbgetentities"))
    #expect(first.hasSuffix("&sitefilter=enwiki%7Cjawiki%7Cdewiki%7Cfrwiki&ids=Q42"))
    let entity = HTTPResponse.body("wikidata-entity.json")
    let second = url(try english.step(question, after: [entity]))
    #expect(second.hasPrefix("https://en.wikipedia.org/w/api.php?action=query"))
    #expect(second.hasSuffix("&titles=Douglas%20Adams"))
    guard case .found(let finding, _) = try english.step(question, after: [entity, .body("wikipedia-extract.json")])
    else {
      Issue.record("not found")
      return
    }
    #expect(finding.overview.hasPrefix("The Chemical Brothers are an English electronic music duo"))
    #expect(finding.pictures.isEmpty)
  }

  @Test(arguments: [
    "wikipedia-missing.json", "wikipedia-empty-extract.json", "wikipedia-invalid-title.json",
    "wikipedia-disambiguation.json",
  ])
  func `where the English article says nothing, Wikidata's description`(body: String) throws {
    let question = try question(english, "http://www.wikidata.org/entity/Q42")
    #expect(
      try english.step(question, after: [.body("wikidata-entity.json"), .body(body)])
        == .found(Finding(overview: "English writer and humorist")))
  }

  @Test func `without English, the first preferred language that has an article with an introduction`() throws {
    let question = try question(english, "https://www.wikidata.org/wiki/Q42")
    let entity = HTTPResponse.body("wikidata-no-english.json")
    #expect(url(try english.step(question, after: [entity])).hasPrefix("https://ja.wikipedia.org/"))
    let japanese = try english.step(question, after: [entity, .body("wikipedia-japanese.json")])
    #expect(japanese == .found(Finding(overview: "後藤 真希（ごとう まき、1985年9月23日 - ）は、日本の歌手。")))
    let empty = HTTPResponse.body("wikipedia-empty-extract.json")
    #expect(url(try english.step(question, after: [entity, empty])).hasPrefix("https://de.wikipedia.org/"))
    #expect(try english.step(question, after: [entity, empty, empty, empty]) == .absent)
  }

  @Test func `an English Wikipedia link is asked at once, another by way of Wikidata`() throws {
    let direct = try question(english, "https://en.wikipedia.org/wiki/The_Chemical_Brothers#History")
    #expect(url(try english.step(direct, after: [])).hasSuffix("&titles=The%20Chemical%20Brothers"))
    #expect(try english.step(direct, after: [.body("wikipedia-missing.json")]) == .absent)
    let german = try question(english, "https://de.wikipedia.org/wiki/Die_%C3%84rzte")
    #expect(
      url(try english.step(german, after: []))
        .hasSuffix("&sites=dewiki&titles=Die%20%C3%84rzte&normalize=1"))
    #expect(try english.step(german, after: [.body("wikidata-missing-title.json")]) == .absent)
  }

  @Test func `the order of the languages is the operator's`() throws {
    let german = Self.upstream("de", "en")
    let question = try question(german, "https://www.wikidata.org/wiki/Q42")
    #expect(
      url(try german.step(question, after: [.body("wikidata-entity.json")])).hasPrefix("https://de.wikipedia.org/"))
    #expect(question != (try self.question(english, "https://www.wikidata.org/wiki/Q42")))
  }

  @Test(arguments: [
    ("https://www.wikidata.org/wiki/Q42", "Q42"), ("http://wikidata.org/entity/Q42?x=y", "Q42"),
    ("https://en.wikipedia.org/wiki/AC/DC", "en:AC/DC"),
    ("https://de.m.wikipedia.org/wiki/Die_%C3%84rzte", "de:Die Ärzte"),
    ("https://www.wikipedia.org/wiki/X", "en:X"), ("https://ja.wikipedia.org/wiki/後藤真希", "ja:後藤真希"),
    ("https://zh-min-nan.wikipedia.org/wiki/X", "zh-min-nan:X"),
  ])
  func `links are read in every form that people enter`(link: String, page: String) {
    #expect(WikiPage(link: link)?.text == page)
  }

  @Test(arguments: [
    "", "https://www.wikidata.org/wiki/", "https://www.wikidata.org/wiki/P18",
    "https://www.wikidata.org/wiki/Q42%7CQ43",
    "https://www.wikidata.org/wiki/Q42|Q43", "https://www.wikidata.org/wiki/Q1&action=purge",
    "https://www.wikidata.org.evil.example/wiki/Q42", "https://evil.example/wikidata.org/wiki/Q42",
    "https://www.wikidata.org@127.0.0.1/wiki/Q42", "https://en.wikipedia.org@127.0.0.1/wiki/X",
    "https://127.0.0.1\\.wikipedia.org/wiki/X", "https://a.b.wikipedia.org/wiki/X",
    "https://en.wikipedia.org/wiki/A%7CB", "https://en.wikipedia.org/wiki/", "https://en.wikipedia.org/w/index.php",
    "https://en.wikipedia.org/wiki/A%0AB", "file:///etc/passwd", "gopher://en.wikipedia.org/wiki/X",
    "https://EN%2e.wikipedia.org/wiki/X", "https://x/\u{0}",
  ])
  func `a link that is anything else is not followed`(link: String) {
    #expect(WikiPage(link: link) == nil)
  }

  @Test func `without a link there is nothing to ask`() {
    let subject = Subject(kind: .artist, id: Self.id, links: ["https://www.discogs.com/artist/3"])
    #expect(english.question(about: subject) == nil)
  }

  @Test(arguments: ["wikidata-missing.json", "wikidata-error.json"])
  func `an item that does not exist is known to be absent`(body: String) throws {
    let question = try question(english, "https://www.wikidata.org/wiki/Q42")
    #expect(try english.step(question, after: [.body(body)]) == .absent)
  }

  @Test(arguments: [
    (HTTPResponse.body("wikidata-maxlag.json"), UpstreamError.overloaded),
    (.body("wikipedia-ratelimit-429.html", status: 429), .status(429)),
    (.body("wikipedia-ratelimit-429.html"), .malformed),
    (.text("", status: 502), .status(502)),
  ])
  func `any other answer of either is an error`(answer: HTTPResponse, error: UpstreamError) throws {
    let question = try question(english, "https://www.wikidata.org/wiki/Q42")
    #expect(throws: error) { try english.step(question, after: [answer]) }
    #expect(throws: error) { try english.step(question, after: [.body("wikidata-entity.json"), answer]) }
  }

  @Test(arguments: Garbage.bodies)
  func `garbage is malformed at every step`(name: String, body: [UInt8]) throws {
    let question = try question(english, "https://www.wikidata.org/wiki/Q42")
    let garbage = HTTPResponse(status: 200, body: body)
    #expect(throws: UpstreamError.malformed, "\(name)") { try english.step(question, after: [garbage]) }
    #expect(throws: UpstreamError.malformed, "\(name)") {
      try english.step(question, after: [.body("wikidata-entity.json"), garbage])
    }
  }

  @Test func `pages are also read as an object by id, as the older format has them`() throws {
    let question = try question(english, "https://en.wikipedia.org/wiki/X")
    let answer = HTTPResponse.text(#"{"query":{"pages":{"42":{"pageid":42,"extract":" X is.\r\n"}}}}"#)
    #expect(try english.step(question, after: [answer]) == .found(Finding(overview: "X is.")))
  }
}

@Suite struct WikimediaCommonsTests {
  let upstream = WikimediaCommons(
    .init(wikidataURL: "https://www.wikidata.org", commonsURL: "https://commons.wikimedia.org", seconds: 100))
  let question = Question(.commons, named: "Q1234")

  static func image(_ width: Int, _ height: Int, _ url: String) -> HTTPResponse {
    .text(
      """
      {"batchcomplete":true,"query":{"pages":[{"pageid":1,"ns":6,"title":"File:A.jpg","imagerepository":"local",
      "imageinfo":[{"size":1,"width":\(width),"height":\(height),"thumburl":"\(url)","thumbwidth":1280,
      "url":"https://upload.wikimedia.org/wikipedia/commons/a/ab/A.jpg"}]}]}}
      """)
  }

  @Test(arguments: [
    ("wikidata-p18.json", "File%3AChemical%20Brothers%20%E2%80%93%20live%202015%20%28cropped%29.jpg"),
    ("wikidata-claims.json", "File%3AGujo%20Gifu%20Japan.jpg"),
  ])
  func `the image that Wikidata has is looked up at Commons`(body: String, title: String) throws {
    guard case .ask(let request) = try upstream.step(question, after: [.body(body)]) else {
      Issue.record("nothing asked")
      return
    }
    #expect(request.url.hasPrefix("https://commons.wikimedia.org/w/api.php?action=query"))
    #expect(request.url.hasSuffix("&titles=\(title)"))
  }

  @Test(arguments: [
    (4000, 2250, ImageKind.fanart), (1600, 1200, .fanart), (1000, 1000, .poster), (900, 1600, .poster),
  ])
  func `a broad image is fanart, any other a poster, without a query behind its URL`(
    width: Int, height: Int, kind: ImageKind
  ) throws {
    let thumbnail = "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/A.jpg/1280px-A.jpg"
    let step = try upstream.step(
      question, after: [.body("wikidata-p18.json"), Self.image(width, height, thumbnail + "?utm_source=x")])
    #expect(step == .found(Finding(pictures: [Picture(kind, thumbnail)].compactMap(\.self))))
  }

  @Test func `an item without an image, and a file that is gone, are known to be absent`() throws {
    #expect(try upstream.step(question, after: [.text(#"{"claims":[]}"#)]) == .absent)
    #expect(try upstream.step(question, after: [.text(#"{"claims":{}}"#)]) == .absent)
    #expect(try upstream.step(question, after: [.body("wikidata-error.json")]) == .absent)
    let gone = HTTPResponse.text(#"{"query":{"pages":[{"ns":6,"title":"File:A.jpg","missing":true}]}}"#)
    #expect(try upstream.step(question, after: [.body("wikidata-p18.json"), gone]) == .absent)
  }

  @Test(arguments: Garbage.bodies)
  func `garbage is malformed at every step`(name: String, body: [UInt8]) {
    let garbage = HTTPResponse(status: 200, body: body)
    #expect(throws: UpstreamError.malformed, "\(name)") { try upstream.step(question, after: [garbage]) }
    #expect(throws: UpstreamError.malformed, "\(name)") {
      try upstream.step(question, after: [.body("wikidata-p18.json"), garbage])
    }
  }

  @Test func `it is asked only when a poster or fanart is still missing`() throws {
    let subject = Subject(kind: .artist, id: WikipediaTests.id, links: ["https://www.wikidata.org/wiki/Q1234"])
    #expect(upstream.question(about: subject) == question)
    let poster = Finding(pictures: [try #require(Picture(.poster, "https://a.b/c.jpg"))])
    let fanart = Finding(pictures: [try #require(Picture(.fanart, "https://a.b/c.jpg"))])
    #expect(upstream.isNeeded(besides: [poster], about: subject))
    #expect(!upstream.isNeeded(besides: [poster, fanart], about: subject))
  }
}
