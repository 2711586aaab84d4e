import Cache
import Core
import HTTP
import Logging
import Testing
import TestServers

@testable import Metadata
@testable import Providers

@Suite struct CoverArtArchiveTests {
  static let group = CoverShelf.group
  static let front: MBID = "57712e6b-f670-49ca-b31d-ef056b589c43"
  static let back: MBID = "037263c9-36f3-44e1-b019-278a035a7e91"
  static let medium: MBID = "8745795a-190f-4be5-84fd-a8cfe5365cc6"
  static let api = CoverShelf.api

  let upstream = CoverArtArchive(.init(apiURL: api, pictureURL: api, seconds: 100))

  static func release(
    _ id: MBID, _ status: String? = "Official", front: Bool = true, back: Bool = false, count: Int = 1,
    year: Int? = nil, isDarkened: Bool = false
  ) -> Release {
    var release = Release(id: id, title: "R")
    release.status = status
    release.date = PartialDate(year: year, month: nil, day: nil)
    release.artwork = ReleaseArtwork(hasFront: front, hasBack: back, count: count, isDarkened: isDarkened)
    return release
  }

  func question(_ releases: Release...) throws -> Question {
    try #require(
      upstream.question(about: Subject(kind: .album, id: Self.group, links: [], releases: releases)))
  }

  func picture(_ kind: ImageKind, _ release: MBID, _ image: Int64) -> Picture? {
    Picture(kind, "https://coverartarchive.org/release/\(release)/\(image)-1200.jpg")
  }

  // MARK: - Who is asked about

  @Test func `an album whose source knows its covers is not asked about, nor is one without any, nor an artist`() {
    var known = Release(id: Self.front, title: "R")
    known.status = "Official"
    let darkened = Self.release(Self.front, count: 5, isDarkened: true)
    let backs = Self.release(Self.front, front: false, back: true, count: 1)
    for releases in [[], [known], [darkened], [backs]] {
      #expect(upstream.question(about: Subject(kind: .album, id: Self.group, links: [], releases: releases)) == nil)
    }
    let one = Self.release(Self.front)
    #expect(upstream.question(about: Subject(kind: .artist, id: Self.group, links: [], releases: [one])) == nil)
    #expect(upstream.question(about: Subject(kind: .album, id: Self.group, links: [], releases: [one])) != nil)
  }

  @Test func `only one release can have the cover, or the group has to be asked about`() throws {
    let (one, other) = (Self.release(Self.front), Self.release(Self.back))
    let alone = try upstream.step(question(one, Self.release(Self.medium, isDarkened: true)), after: [])
    #expect(alone == .ask(HTTPRequest("\(Self.api)/release/\(Self.front)")))
    #expect(
      try upstream.step(question(one, other), after: []) == .ask(HTTPRequest("\(Self.api)/release-group/\(Self.group)"))
    )
    let disc = try upstream.step(question(Self.release(Self.medium, front: false, count: 1)), after: [])
    #expect(disc == .ask(HTTPRequest("\(Self.api)/release/\(Self.medium)")))
  }

  @Test func `it is asked only for kinds that nobody else has, and that it may have`() throws {
    let subject = Subject(kind: .album, id: Self.group, links: [], releases: [Self.release(Self.front)])
    let withDisc = Subject(kind: .album, id: Self.group, links: [], releases: [Self.release(Self.front, count: 2)])
    func found(_ kinds: ImageKind...) -> [Finding] {
      [Finding(overview: "x"), Finding(pictures: kinds.compactMap { picture($0, Self.front, 1) })]
    }
    #expect(upstream.isNeeded(besides: [], about: subject))
    #expect(upstream.isNeeded(besides: found(.disc), about: subject))
    #expect(!upstream.isNeeded(besides: found(.cover), about: subject))
    #expect(upstream.isNeeded(besides: found(.cover), about: withDisc))
    #expect(!upstream.isNeeded(besides: found(.cover, .disc), about: withDisc))
  }

  @Test func `other releases with images, or another address for pictures, make another question`() throws {
    let names = try [
      question(Self.release(Self.front)), question(Self.release(Self.front, count: 2)),
      question(Self.release(Self.front), Self.release(Self.back)), question(Self.release(Self.back)),
    ].map(\.name)
    #expect(Set(names).count == names.count)
    let mirrored = CoverArtArchive(.init(apiURL: Self.api, pictureURL: "https://mirror.example", seconds: 1))
    let subject = Subject(kind: .album, id: Self.group, links: [], releases: [Self.release(Self.front)])
    let question = try #require(mirrored.question(about: subject))
    #expect(!names.contains(question.name))
    #expect(
      try mirrored.step(question, after: [.body("caa-front.json")])
        == .found(
          Finding(
            pictures: [
              Picture(.cover, "https://mirror.example/release/\(Self.front)/28013802598-1200.jpg")
            ].compactMap(\.self))))
  }

  // MARK: - What it says

  @Test func `ids are numbers or strings`() throws {
    let one = try upstream.step(question(Self.release(Self.front)), after: [.body("caa-front.json")])
    #expect(one == .found(Finding(pictures: [picture(.cover, Self.front, 28_013_802_598)].compactMap(\.self))))
    let other = try upstream.step(
      question(Self.release(Self.back, back: true, count: 2)), after: [.body("caa-front-and-back.json")])
    #expect(other == .found(Finding(pictures: [picture(.cover, Self.back, 12_977_018_883)].compactMap(\.self))))
  }

  @Test func `a front without types counts, and of media a clean scan goes before a raw one`() throws {
    let step = try upstream.step(question(Self.release(Self.medium, count: 3)), after: [.body("caa-medium.json")])
    #expect(
      step
        == .found(
          Finding(
            pictures: [
              picture(.cover, Self.medium, 43_162_474_381), picture(.disc, Self.medium, 43_162_474_382),
            ].compactMap(\.self))))
  }

  @Test func `a second request is made only where a medium may be found`() throws {
    let (one, media) = (Self.release(Self.front), Self.release(Self.medium, front: false, count: 2))
    #expect(
      try upstream.step(question(one, media), after: [.body("caa-front.json")])
        == .ask(HTTPRequest("\(Self.api)/release/\(Self.medium)")))
    let step = try upstream.step(question(one, media), after: [.body("caa-front.json"), .body("caa-medium.json")])
    #expect(
      step
        == .found(
          Finding(
            pictures: [
              picture(.cover, Self.front, 28_013_802_598), picture(.disc, Self.medium, 43_162_474_382),
            ].compactMap(\.self))))
    let without = try upstream.step(
      question(one, media), after: [.body("caa-front.json"), .body("caa-not-found-404.html", status: 404)])
    #expect(without == .found(Finding(pictures: [picture(.cover, Self.front, 28_013_802_598)].compactMap(\.self))))
  }

  @Test func `what it does not have is absent, which may be wrong`() throws {
    let gone = HTTPResponse.body("caa-not-found-404.html", status: 404)
    let question = try question(Self.release(Self.front), Self.release(Self.back))
    #expect(try upstream.step(question, after: [gone]) == .ask(HTTPRequest("\(Self.api)/release/\(Self.front)")))
    #expect(try upstream.step(question, after: [gone, gone]) == .absent)
    #expect(upstream.doubts(absenceOf: question))
  }

  @Test func `a release that is not the album's, or is darkened, is not shown`() throws {
    let question = try question(
      Self.release(Self.back), Self.release(Self.medium), Self.release(Self.front, isDarkened: true))
    let answers = [HTTPResponse.body("caa-front.json")]
    #expect(try upstream.step(question, after: answers) == .ask(HTTPRequest("\(Self.api)/release/\(Self.back)")))
    #expect(
      try upstream.step(question, after: answers + [.body("caa-front-and-back.json")])
        == .found(Finding(pictures: [picture(.cover, Self.back, 12_977_018_883)].compactMap(\.self))))
  }

  @Test(arguments: [
    (HTTPResponse.text("", status: 503), UpstreamError.status(503)), (.text("", status: 429), .status(429)),
    (.text("", status: 500), .status(500)), (.text("", status: 403), .status(403)),
    (.text("", status: 400), .status(400)),
    (.text("<html>"), .malformed), (.text(#"{"images":{}}"#), .malformed), (.text(#"{"images":[]}"#), .malformed),
    (.text(#"{"images":[],"release":"https://musicbrainz.org/release/x"}"#), .malformed),
  ])
  func `any other answer is an error`(answer: HTTPResponse, error: UpstreamError) throws {
    let question = try question(Self.release(Self.front))
    #expect(throws: error) { try upstream.step(question, after: [answer]) }
  }

  @Test(arguments: Garbage.bodies) func `garbage is malformed`(name: String, body: [UInt8]) throws {
    let question = try question(Self.release(Self.front))
    #expect(throws: UpstreamError.malformed, "\(name)") {
      try upstream.step(question, after: [HTTPResponse(status: 200, body: body)])
    }
  }

  @Test(arguments: ["0", "-1", "9223372036854775808", "1.5", "1e3", "null", "\"x\"", "[1]", "true"])
  func `an image without a proper id is passed over`(id: String) throws {
    let body = """
      {"release":"r/\(Self.front)","images":[{"id":\(id),"types":["Front"]},{"id":"7","types":["Front"]},7,null]}
      """
    let step = try upstream.step(question(Self.release(Self.front)), after: [.text(body)])
    #expect(step == .found(Finding(pictures: [picture(.cover, Self.front, 7)].compactMap(\.self))))
  }

  // MARK: - Through the machinery

  private func decorate(
    _ releases: [Release], _ script: @escaping (HTTPRequest) -> Result<HTTPResponse, FetchError>
  ) -> (Decoration?, [String]) {
    let fetcher = ScriptedFetcher()
    fetcher.script = script
    let decorator = ProviderDecorator(
      ProviderList([
        FanartTV(.init(apiKey: "k", baseURL: "https://fanart.example", seconds: 100)), upstream,
      ]), store: .forTests(), fetcher: fetcher, gate: .forTests(),
      logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    var album = Album(id: Self.group, title: "A", artistID: Self.group)
    album.releases = releases
    let found = decorator.decorations(of: [album], by: .after(milliseconds: 60_000))[Self.group]
    return (found, fetcher.requests.map(\.url).filter { $0.hasPrefix(Self.api) })
  }

  @Test func `an album without fanart tv's cover has the archive's, and one whose source knows covers asks nobody`() {
    let script: (HTTPRequest) -> Result<HTTPResponse, FetchError> = {
      .success($0.url.hasPrefix(Self.api) ? .body("caa-front.json") : .body("fanart-not-found-404.json", status: 404))
    }
    let (found, asked) = decorate([Self.release(Self.front)], script)
    #expect(found?.pictures == [picture(.cover, Self.front, 28_013_802_598)].compactMap(\.self))
    #expect(found?.isComplete == true)
    #expect(asked == ["\(Self.api)/release/\(Self.front)"])
    let (known, none) = decorate([Release(id: Self.front, title: "R")], script)
    #expect(known?.pictures == [] && known?.isComplete == true)
    #expect(none == [])
  }

  @Test(arguments: [
    Result<HTTPResponse, FetchError>.success(.text("", status: 503)), .success(.text("<html>")), .failure(.timedOut),
    .success(HTTPResponse(status: 429, retryAfter: 60, body: [])), .failure(.refused), .failure(.unreachable),
  ])
  func `whatever happens to the archive, the album is shown, and is incomplete`(
    result: Result<HTTPResponse, FetchError>
  ) {
    let (found, _) = decorate([Self.release(Self.front)]) {
      $0.url.hasPrefix(Self.api) ? result : .success(.body("fanart-not-found-404.json", status: 404))
    }
    #expect(found?.pictures == [])
    #expect(found?.isComplete == false)
  }

  @Test func `over HTTP the redirects are followed`() throws {
    let server = ReplayServer { path in
      switch path {
      case "/release/\(Self.front)":
        .answer(status: 307, headers: ["Location: /download/mbid-\(Self.front)/index.json"], body: [])
      case "/download/mbid-\(Self.front)/index.json":
        .answer(status: 302, headers: ["Location: /29/items/mbid-\(Self.front)/index.json"], body: [])
      case "/29/items/mbid-\(Self.front)/index.json": .answer(body: Bodies.load("caa-front.json"))
      default: .answer(status: 404, body: [])
      }
    }
    defer { server.stop() }
    let logger = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }
    var providers = ProviderList([CoverArtArchive(.init(apiURL: server.url, pictureURL: Self.api, seconds: 100))])
    providers.awaitedMilliseconds = 2_000
    let decorator = ProviderDecorator(
      providers, store: .forTests(), fetcher: CurlFetcher(userAgent: "tests", logger: logger), gate: .forTests(),
      logger: logger)
    var album = Album(id: Self.group, title: "A", artistID: Self.group)
    album.releases = [Self.release(Self.front)]
    let found = decorator.decorations(of: [album], by: .after(milliseconds: 5_000))[Self.group]
    #expect(found?.pictures == [picture(.cover, Self.front, 28_013_802_598)].compactMap(\.self))
    #expect(server.requests.count == 3)
  }
}
