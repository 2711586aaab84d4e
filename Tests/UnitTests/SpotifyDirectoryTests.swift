import Cache
import Core
import Logging
import Testing

@testable import Handlers
@testable import Metadata

@Suite struct SpotifyDirectoryTests {
  static let albumText = "0sNOF9WDwhWunNAHPD3Baj"
  static let artistText = "2BTZIqw0ntH9MvilQ3ewNY"
  static let album: MBID = "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"
  static let artist: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"

  final class World: LinkSource, Matcher, SpotifyService {
    var links: [SpotifyLink] = []
    var matches: [AlbumName: AlbumMatch] = [:]
    var work: Result<SpotifyWork?, ServiceError> = .success(nil)
    var isDatabaseAway = false
    private(set) var linkQuestions: [[SpotifyID]] = []
    private(set) var spotifyQuestions = 0

    func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] {
      if isDatabaseAway { throw SourceError(.unavailable, "away") }
      linkQuestions.append(ids)
      return links.filter { ids.contains($0.id) }
    }
    func albums(ofReleasesOrGroups ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: AlbumMatch] { [:] }
    func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
      names.map { matches[$0] }
    }
    func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
      names.map { _ in nil }
    }
    func work(_ kind: EntityID.Kind, _ id: SpotifyID, by deadline: Deadline) throws(ServiceError) -> SpotifyWork? {
      spotifyQuestions += 1
      return try work.get()
    }
    func tokens(forCode code: String, by deadline: Deadline) throws(ServiceError) -> SpotifyTokens {
      if code == "bad" { throw .refused(status: 400, message: "Invalid authorization code") }
      return SpotifyTokens(access: "a b", seconds: 3600, refresh: "r&r")
    }
    func renewal(of refreshToken: String, by deadline: Deadline) throws(ServiceError) -> [UInt8] { Array("{}".utf8) }
  }

  let world = World()
  let clock = TestClock()
  let store: DocumentStore
  let albumID: SpotifyID
  let artistID: SpotifyID

  init() throws {
    store = DocumentStoreTests.store(nil, clock)
    albumID = try #require(SpotifyID(Self.albumText))
    artistID = try #require(SpotifyID(Self.artistText))
  }

  func directory(asksSpotify: Bool = true) -> SpotifyDirectory {
    SpotifyDirectory(
      links: world, matcher: world, spotify: asksSpotify ? world : nil, store: store, options: .init(),
      now: { [clock] in clock.time })
  }

  func find(_ kind: EntityID.Kind, _ id: SpotifyID) throws -> MBID? {
    try directory().find(kind, id, by: .after(milliseconds: 100)).target
  }

  func makeKnown(_ title: String = "She’s So Unusual", artist: String = "Cyndi Lauper") {
    world.work = .success(
      SpotifyWork(artist: "Cyndi Lauper", artistID: artistID, album: "She's So Unusual", albumID: albumID))
    world.matches[AlbumName(title: "She's So Unusual", artist: "Cyndi Lauper")] = AlbumMatch(
      id: Self.album, title: title, artistID: Self.artist, artist: artist, date: .unknown)
  }

  @Test func `an album is found without what Spotify adds to its title`() throws {
    makeKnown()
    world.work = .success(
      SpotifyWork(
        artist: "Cyndi Lauper", artistID: artistID, album: "She's So Unusual (Deluxe Edition)", albumID: albumID))
    #expect(try find(.album, albumID) == Self.album)
  }

  @Test func `a link is believed, of the kind asked for, and Spotify is not asked`() throws {
    world.links = [SpotifyLink(id: albumID, kind: .album, target: Self.album)]
    #expect(try find(.album, albumID) == Self.album)
    #expect(world.spotifyQuestions == 0)
    #expect(try find(.artist, albumID) == nil)
  }

  // The original keeps "not found" for an album that it has found in MusicBrainz.
  @Test func `an album that was found stays found`() throws {
    world.links = [SpotifyLink(id: albumID, kind: .album, target: Self.album)]
    _ = try find(.album, albumID)
    world.links = []
    #expect(try find(.album, albumID) == Self.album)
    #expect(world.linkQuestions.count == 1)
  }

  @Test func `what has no link is found by its names, the artist with the album`() throws {
    makeKnown()
    #expect(try find(.album, albumID) == Self.album)
    #expect(try find(.artist, artistID) == Self.artist)
    #expect(world.spotifyQuestions == 1)
  }

  @Test(arguments: [("Something Else", "Cyndi Lauper"), ("She’s So Unusual", "Somebody Else")])
  func `names that are not alike enough are no match, and that is remembered`(title: String, artist: String) throws {
    makeKnown(title, artist: artist)
    #expect(try find(.album, albumID) == nil)
    makeKnown()
    #expect(try find(.album, albumID) == nil)
    clock.time = clock.time + 30 * 86_400
    #expect(try find(.album, albumID) == Self.album)
  }

  @Test func `while Spotify or the database is away nothing is remembered, and what was known is told`() throws {
    world.work = .failure(.unavailable)
    #expect(throws: SpotifyDirectory.Problem.spotify) { try find(.album, albumID) }
    makeKnown()
    #expect(try find(.album, albumID) == Self.album)
    world.isDatabaseAway = true
    clock.time = clock.time + 30 * 86_400
    #expect(try find(.album, albumID) == Self.album)
    #expect(throws: SpotifyDirectory.Problem.source(SourceError(.unavailable, "away"))) {
      try find(.artist, albumID)
    }
  }

  @Test func `without credentials it is not believed for long that there is no link`() throws {
    let directory = directory(asksSpotify: false)
    let answer = try directory.find(.album, albumID, by: .after(milliseconds: 100))
    #expect(answer == .init(target: nil, expires: clock.time + 300))
  }

  // MARK: - Routes

  func respond(
    _ method: String, _ path: [String], _ query: String = "", body: String = "", mount: [String] = [],
    admission: Request.Admission? = nil
  ) -> Response {
    let handler = SpotifyHandler(
      directory: directory(), service: world, states: SpotifyStates(hosts: ["lidarr.example"]),
      limits: Limits(requestDeadline: 1_000))
    let router = Router(
      roots: ["/api/v0.4"], routes: handler.routes, logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    return router.respond(
      to: Request(
        method: method, path: path, query: Query(query), mount: mount,
        body: RequestBody(declaredLength: body.utf8.count) { space in
          space.copyBytes(from: body.utf8.prefix(space.count))
          return min(space.count, body.utf8.count)
        }, admission: admission))
  }

  func json(_ response: Response) throws -> JSONValue {
    guard case .json(let bytes) = response.payload else { return .null }
    return try #require(JSONValue(bytes))
  }

  @Test func `what was found is led to, under whatever the server is mounted`() {
    world.links = [
      SpotifyLink(id: albumID, kind: .album, target: Self.album),
      SpotifyLink(id: artistID, kind: .artist, target: Self.artist),
    ]
    let album = respond("GET", ["api", "v0.4", "spotify", "album", Self.albumText], mount: ["a b"])
    #expect(album.status == 301)
    #expect(album.location == "/a%20b/api/v0.4/album/\(Self.album)")
    #expect(respond("GET", ["spotify", "artist", Self.artistText]).location == "/artist/\(Self.artist)")
    // Behind whatever key the client has in its own path.
    let relative = respond("GET", ["spotify", "artist", Self.artistText], admission: Request.Admission())
    #expect(relative.location == "../../artist/\(Self.artist)")
    #expect(respond("GET", ["spotify", "artist", "x y"]).status == 404)
    world.work = .failure(.unavailable)
    #expect(respond("GET", ["spotify", "artist", Self.albumText]).status == 503)
  }

  @Test func `a list is answered in its order, each once, with one question for all`() throws {
    world.links = [SpotifyLink(id: albumID, kind: .album, target: Self.album)]
    _ = try find(.artist, artistID)
    let other = "4aawyAB9vmqN3uQ7FjRGTy"
    let response = respond(
      "POST", ["spotify", "lookup"],
      body: #"["\#(other)", "\#(Self.albumText)", "not an id", "\#(Self.artistText)", "\#(Self.albumText)"]"#)
    let list = try json(response).elements
    #expect(list.map { $0["spotifyid"].text } == [other, Self.albumText, "not an id", Self.artistText])
    #expect(list[0]["musicbrainzid"].isNull)
    #expect(list[1]["musicbrainzid"].text == "\(Self.album)")
    #expect(list[2]["musicbrainzid"].isNull)
    #expect(list[3]["musicbrainzid"].int == 0)
    #expect(world.linkQuestions.count == 2)
    world.isDatabaseAway = true
    let away = try json(respond("POST", ["spotify", "lookup"], body: #"["\#(Self.albumText)", "\#(other)"]"#))
    #expect(away[0]["musicbrainzid"].text == "\(Self.album)")
    #expect(away[1]["musicbrainzid"].isNull)
  }

  @Test(arguments: ["", "{}", "[1]", "[null]", "[\"a\"", "null"])
  func `anything but a list of ids is a bad request`(body: String) {
    #expect(respond("POST", ["spotify", "lookup"], body: body).status == 400)
  }

  @Test func `an empty list is an empty list, and one without end is refused`() throws {
    #expect(try json(respond("POST", ["spotify", "lookup"], body: "[]")) == .array([]))
    #expect(respond("POST", ["spotify", "lookup"], body: String(repeating: " ", count: 2 << 20)).status == 413)
  }

  @Test func `a user is sent back with the tokens, and nobody may keep that`() throws {
    let response = respond("GET", ["spotify", "auth"], "code=c&state=http%3A%2F%2F192.168.1.5%3A8686%2Foauth.html")
    #expect(response.status == 302)
    #expect(response.caching == .none)
    #expect(
      response.location
        == "http://192.168.1.5:8686/oauth.html?access_token=a%20b&expires_in=3600&refresh_token=r%26r")
    #expect(respond("GET", ["spotify", "auth"], "code=bad&state=http%3A%2F%2Flidarr%2Foauth.html").status == 400)
    #expect(try json(respond("GET", ["spotify", "auth"], "state=x"))["error"].text == "No auth code provided")
    #expect(try json(respond("GET", ["spotify", "auth"], "code=x"))["error"].text == "No state provided")
    #expect(respond("GET", ["spotify", "renew"]).status == 400)
    #expect(respond("GET", ["spotify", "renew"]).caching == .none)
    #expect(respond("GET", ["spotify", "renew"], "refresh_token=x").status == 200)
  }

  // MARK: - Ids and names

  @Test(arguments: [albumText, artistText, "rgLinkedOnly0000000001", "x"])
  func `an id is made of letters and digits`(text: String) {
    #expect(SpotifyID(text)?.description == text)
  }

  @Test(arguments: ["", "0sNOF9WDwhWunNAHPD3Ba!", "a/b", "ä", "a b", "\u{0}", String(repeating: "x", count: 65)])
  func `anything else is none`(text: String) {
    #expect(SpotifyID(text) == nil)
  }

  @Test(arguments: [
    ("", "", 1.0), ("abc", "abc", 1.0), ("ABC", "abc", 1.0), ("abc", "", 0.0), ("abcd", "abxd", 0.75),
    ("ab", "ba", 0.5),
  ])
  func `likeness is counted as the threshold's makers count`(first: String, second: String, ratio: Double) {
    #expect(Similarity.ratio(first, second) == ratio)
  }
}
