import Core
import HTTP
import Metadata
import Testing

@testable import Providers

@Suite struct FanartTVTests {
  static let snoopDogg: MBID = "f90e8b26-9e52-4669-a5c9-e28529c47894"
  static let surrender: MBID = "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"
  static let assets = "https://assets.fanart.tv/fanart/music"

  let upstream = FanartTV(
    .init(apiKey: "k&y", baseURL: "https://webservice.fanart.tv/v3/music", seconds: 100))

  func question(_ kind: EntityID.Kind, _ id: MBID) throws -> Question {
    try #require(upstream.question(about: Subject(kind: kind, id: id, links: [])))
  }

  @Test func `it is asked by MBID with the key, and with the personal key where there is one`() throws {
    let question = try question(.artist, Self.snoopDogg)
    #expect(
      try upstream.step(question, after: [])
        == .ask(HTTPRequest("https://webservice.fanart.tv/v3/music/\(Self.snoopDogg)?api_key=k%26y")))
    let personal = FanartTV(
      .init(apiKey: "k", personalKey: "p", baseURL: "https://fanart.example", seconds: 1))
    #expect(
      try personal.step(question, after: [])
        == .ask(HTTPRequest("https://fanart.example/\(Self.snoopDogg)?api_key=k&client_key=p")))
  }

  @Test func `an artist has the best liked picture of each kind, and its albums' pictures come along`() throws {
    let step = try upstream.step(question(.artist, Self.snoopDogg), after: [.body("fanart-artist.json")])
    guard case .found(let finding, let albums) = step else {
      Issue.record("\(step)")
      return
    }
    let folder = "\(Self.assets)/\(Self.snoopDogg)"
    #expect(
      finding.pictures == [
        Picture(.banner, "\(folder)/musicbanner/snoop-dogg-552ed00c3f3cd.jpg"),
        Picture(.fanart, "\(folder)/artistbackground/snoop-dogg-51150de51ebec.jpg"),
        Picture(.logo, "\(folder)/hdmusiclogo/snoop-dogg-5764531d912ed.png"),
        Picture(.poster, "\(folder)/artistthumb/snoop-dogg-55adfcde204a5.jpg"),
      ])
    let album = try #require(albums.first { $0.question.name == "f1eeb194-a5f7-31c9-adb5-d3b067cd22aa" })
    #expect(
      album.finding.pictures == [
        Picture(.cover, "\(folder)/albumcover/r--g-rhythm--gangsta-the-masterpiece-576195d3527b7.jpg")
      ])
    #expect(albums.allSatisfy { !$0.finding.isEmpty })
  }

  @Test func `an album has its cover and its first disc`() throws {
    let step = try upstream.step(question(.album, Self.surrender), after: [.body("fanart-album.json")])
    let folder = "\(Self.assets)/1946a82a-f927-40c2-8235-38d64f50d043"
    #expect(
      step
        == .found(
          Finding(
            pictures: [
              Picture(.cover, "\(folder)/albumcover/surrender-4de8f6ab6f4a5.jpg"),
              Picture(.disc, "\(folder)/cdart/surrender-4de8f6ab6f4a6.png"),
            ].compactMap(\.self))))
  }

  @Test func `the answer about another entity says nothing about this one`() throws {
    #expect(try upstream.step(question(.album, Self.snoopDogg), after: [.body("fanart-album.json")]) == .absent)
  }

  @Test func `what it does not know is known to be absent`() throws {
    let step = try upstream.step(
      question(.artist, Self.snoopDogg), after: [.body("fanart-not-found-404.json", status: 404)])
    #expect(step == .absent)
  }

  @Test func `where the good logo is missing the plain one serves, and a bad entry is passed over`() throws {
    let body = """
      {"mbid_id": "\(Self.snoopDogg.description.uppercased())",
       "musiclogo": [{"url": "ftp://x/y.png"}, {"url": null}, 7, {"url": "http://a.tv/l.png", "likes": "1"}],
       "artistthumb": {"url": "https://a.tv/not-a-list.jpg"}, "musicbanner": [{"url": "https://a.tv/b.gif"}]}
      """
    let step = try upstream.step(question(.artist, Self.snoopDogg), after: [.text(body)])
    #expect(step == .found(Finding(pictures: [Picture(.logo, "https://a.tv/l.png")].compactMap(\.self))))
  }

  @Test(arguments: [
    (HTTPResponse.body("fanart-bad-key-401.json", status: 401), UpstreamError.status(401)),
    (.body("fanart-bad-key-401.json", status: 403), .status(403)),
    (.text("<html>", status: 404), .status(404)),
    (.text("", status: 500), .status(500)),
    (.text(#"{"status":"error"}"#), .malformed),
  ])
  func `any other answer is an error`(answer: HTTPResponse, error: UpstreamError) throws {
    let question = try question(.artist, Self.snoopDogg)
    #expect(throws: error) { try upstream.step(question, after: [answer]) }
  }

  @Test(arguments: Garbage.bodies.filter { $0.0 != "an empty object" })
  func `garbage is malformed`(name: String, body: [UInt8]) throws {
    let question = try question(.artist, Self.snoopDogg)
    #expect(throws: UpstreamError.malformed, "\(name)") {
      try upstream.step(question, after: [HTTPResponse(status: 200, body: body)])
    }
  }

  @Test func `an answer cut short anywhere is malformed`() throws {
    let question = try question(.album, Self.surrender)
    let body = Bodies.load("fanart-album.json")
    let end = try #require(body.lastIndex(of: UInt8(ascii: "}")))
    for length in stride(from: 0, through: end, by: 7) {
      #expect(throws: UpstreamError.malformed) {
        try upstream.step(question, after: [HTTPResponse(status: 200, body: Array(body[..<length]))])
      }
    }
  }
}
