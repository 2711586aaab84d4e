import Cache
import Core
import HTTP
import Metadata
import Testing

@testable import Providers

@Suite struct TheAudioDBTests {
  let upstream = TheAudioDB(
    .init(apiKey: "123", baseURL: "https://www.theaudiodb.com/api/v1/json", seconds: 100))
  let question = Question(.theAudioDB, "cc197bad-dc9c-440d-a5b5-d52ba2e14234")
  static let media = "https://r2.theaudiodb.com/images/media/artist"

  @Test func `it is asked by MBID, about artists only`() throws {
    #expect(
      try upstream.step(question, after: [])
        == .ask(
          HTTPRequest(
            "https://www.theaudiodb.com/api/v1/json/123/artist-mb.php?i=cc197bad-dc9c-440d-a5b5-d52ba2e14234")))
    let id: MBID = "cc197bad-dc9c-440d-a5b5-d52ba2e14234"
    #expect(upstream.question(about: Subject(kind: .artist, id: id, links: [])) == question)
    #expect(upstream.question(about: Subject(kind: .album, id: id, links: [])) == nil)
  }

  @Test func `an artist has up to four pictures and the English biography`() throws {
    let step = try upstream.step(question, after: [.body("tadb-artist.json")])
    guard case .found(let finding, _) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(
      finding.pictures == [
        Picture(.banner, "\(Self.media)/banner/xuypqw1386331010.jpg"),
        Picture(.fanart, "\(Self.media)/fanart/spvryu1347980801.jpg"),
        Picture(.logo, "\(Self.media)/logo/urspuv1434553994.png"),
        Picture(.poster, "\(Self.media)/thumb/uxrqxy1347913147.jpg"),
      ])
    #expect(finding.overview.hasPrefix("Coldplay are a British alternative rock band formed in 1996.\n\nThey"))
  }

  private func overview(_ languages: [String], _ biographies: String) throws -> String? {
    let upstream = TheAudioDB(.init(apiKey: "1", baseURL: "https://a.example", languages: languages, seconds: 1))
    let answer = HTTPResponse.text(#"{"artists":[{"strArtistThumb":"https://a.example/x/t.jpg",\#(biographies)}]}"#)
    guard case .found(let finding, _) = try upstream.step(question, after: [answer]) else { return nil }
    return finding.overview
  }

  @Test(arguments: [
    (["de", "en"], "German"), (["fr", "de", "en"], "German"), (["en", "de"], "English"), (["ja"], "Japanese"),
    (["zh"], "Chinese"), (["sv", "he"], "Swedish"), (["he"], "Hebrew"), (["pl", "ko"], "English"), ([], "English"),
  ])
  func `the biography is in the first of the preferred languages that has one, else in English`(
    languages: [String], expected: String
  ) throws {
    let biographies = #"""
      "strBiographyEN":"English","strBiographyDE":" German ","strBiographyFR":"  ","strBiographyCN":"Chinese",
      "strBiographyJP":"Japanese","strBiographySE":"Swedish","strBiographyIL":"Hebrew","strBiographyPL":null
      """#
    #expect(try overview(languages, biographies) == expected)
  }

  @Test func `where there is no English one, another preferred language is better than none`() throws {
    #expect(try overview(["en", "fr", "de"], #""strBiographyEN":"","strBiographyDE":"German""#) == "German")
    #expect(try overview(["en", "fr"], #""strBiographyEN":"","strBiographyDE":"German""#)?.isEmpty == true)
  }

  @Test func `another choice of languages is another question under the same key`() throws {
    let id: MBID = "cc197bad-dc9c-440d-a5b5-d52ba2e14234"
    let subject = Subject(kind: .artist, id: id, links: [])
    let questions = try [["de", "en"], ["en", "de"], ["en"]].map { languages in
      try #require(
        TheAudioDB(.init(apiKey: "1", baseURL: "https://a.example", languages: languages, seconds: 1))
          .question(about: subject))
    }
    #expect(Set(questions.map(\.name)).count == 3)
    #expect(questions.allSatisfy { $0.key == question.key })
    let german = TheAudioDB(.init(apiKey: "1", baseURL: "https://a.example", languages: ["de"], seconds: 1))
    #expect(
      try german.step(questions[0], after: []) == .ask(HTTPRequest("https://a.example/1/artist-mb.php?i=\(id)")))
  }

  @Test func `empty strings, spaces and nulls are nothing, and http is made https`() throws {
    let step = try upstream.step(question, after: [.body("tadb-partial.json")])
    guard case .found(let finding, _) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(finding.overview == "")
    #expect(finding.pictures.first == Picture(.fanart, "\(Self.media)/fanart/spvryu1347980801.jpg"))
    #expect(!finding.pictures.contains { $0.kind == .poster || $0.kind == .logo })
  }

  @Test func `unknown is known to be absent`() throws {
    #expect(try upstream.step(question, after: [.body("tadb-not-found.json")]) == .absent)
  }

  @Test func `what its broken JSON says is read all the same`() throws {
    let step = try upstream.step(question, after: [.body("tadb-invalid-json.txt")])
    guard case .found(let finding, _) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(finding.pictures.map(\.kind) == [.banner, .fanart, .logo, .poster])
    #expect(finding.overview.contains("\"quoted\n\nThey achieved worldwide fame with the single \"Yellow\" in 2000."))
    #expect(finding.overview.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
  }

  @Test func `Latin-1 is read as what it says it is, and bytes that are no UTF-8 cost only themselves`() throws {
    let body = Array(#"{"artists":[{"strBiographyEN":"Beyonc"#.utf8) + [0xe9] + Array(#" Knowles"}]}"#.utf8)
    let labelled = HTTPResponse(status: 200, contentType: "application/json; charset=iso-8859-1", body: body)
    #expect(try upstream.step(question, after: [labelled]) == .found(Finding(overview: "Beyoncé Knowles")))
    let unlabelled = HTTPResponse(status: 200, contentType: "application/json", body: body)
    #expect(try upstream.step(question, after: [unlabelled]) == .found(Finding(overview: "Beyonc\u{fffd} Knowles")))
  }

  @Test(arguments: [
    (HTTPResponse.body("tadb-bad-key-404.html", status: 404), UpstreamError.status(404)),
    (.text("", status: 429), .status(429)), (.text("", status: 503), .status(503)),
    (.body("tadb-bad-key-404.html"), .malformed),
    (.text("{}"), .malformed),
  ])
  func `any other answer is an error`(answer: HTTPResponse, error: UpstreamError) {
    #expect(throws: error) { try upstream.step(question, after: [answer]) }
  }

  @Test(arguments: Garbage.bodies)
  func `garbage is malformed`(name: String, body: [UInt8]) {
    #expect(throws: UpstreamError.malformed, "\(name)") {
      try upstream.step(question, after: [HTTPResponse(status: 200, body: body)])
    }
  }

  @Test func `an answer cut short never crashes and yields only whole fields`() {
    let body = Bodies.load("tadb-artist.json")
    for length in stride(from: 0, to: body.count, by: 37) {
      let answer = HTTPResponse(status: 200, body: Array(body[..<length]))
      guard case .found(let finding, _)? = try? upstream.step(question, after: [answer]) else { continue }
      #expect(finding.pictures.allSatisfy { $0.url.hasPrefix(Self.media) })
    }
  }
}
