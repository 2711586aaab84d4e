import Cache
import Core
import HTTP
import Logging
import Metadata
import Testing

@testable import Providers

@Suite struct SpotifyTests {
  static let album = "0sNOF9WDwhWunNAHPD3Baj"
  static let elvis = "43ZHCT0cAZBISjO8DG9PnE"

  let fetcher = ScriptedFetcher()
  let shared = MemoryTier(limit: 1 << 16)

  func spotify() -> Spotify {
    let client = ProviderClient(
      fetcher: fetcher, gate: .forTests(), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    return Spotify(
      .init(
        clientID: "id", clientSecret: "s&cret", redirectURL: "https://l.example/spotify/auth",
        baseURL: "https://api.spotify.com/v1", tokenURL: "https://accounts.spotify.com/api/token"),
      client: client, shared: shared, namespace: "t")
  }

  func id(_ text: String) throws -> SpotifyID { try #require(SpotifyID(text)) }
  var deadline: Deadline { .after(milliseconds: 1_000) }

  /// Gives out a token, and answers everything else so.
  func answer(_ answer: HTTPResponse) {
    fetcher.script = { request in .success(request.form == nil ? answer : .body("spotify-token.json")) }
  }

  @Test func `an album's name and artist are asked for with a token`() throws {
    answer(.body("spotify-album.json"))
    #expect(
      try spotify().work(.album, id(Self.album), by: deadline)
        == SpotifyWork(
          artist: "Cyndi Lauper", artistID: id("2BTZIqw0ntH9MvilQ3ewNY"), album: "She's So Unusual",
          albumID: id(Self.album)))
    #expect(
      fetcher.requests == [
        HTTPRequest(
          "https://accounts.spotify.com/api/token",
          form: Array("client_id=id&client_secret=s%26cret&grant_type=client_credentials".utf8)),
        HTTPRequest(
          "https://api.spotify.com/v1/albums/\(Self.album)", headers: ["Authorization: Bearer BQDexample"]),
      ])
  }

  @Test func `for an artist it is the first of the most popular albums that is the artist's own`() throws {
    answer(.body("spotify-top-tracks.json"))
    let work = try spotify().work(.artist, id(Self.elvis), by: deadline)
    #expect(work?.artist == "Elvis Presley")
    #expect(work?.album == "Elvis 75 - Good Rockin' Tonight")
    #expect(fetcher.requests.last?.url == "https://api.spotify.com/v1/artists/\(Self.elvis)/top-tracks?market=US")
    #expect(try spotify().work(.artist, id(Self.album), by: deadline) == nil)
  }

  @Test func `the pool shares one token`() throws {
    answer(.body("spotify-album.json"))
    _ = try spotify().work(.album, id(Self.album), by: deadline)
    _ = try spotify().work(.album, id(Self.album), by: deadline)
    #expect(fetcher.requests.filter { $0.form != nil }.count == 1)
  }

  @Test func `a token that is refused is replaced once`() throws {
    shared.set([CacheItem("t:spotify-token", Array("old".utf8), lifetime: 100)])
    fetcher.script = { request in
      if request.form != nil { return .success(.body("spotify-token.json")) }
      return .success(
        request.headers == ["Authorization: Bearer old"]
          ? .body("spotify-error-401.json", status: 401) : .body("spotify-album.json"))
    }
    #expect(try spotify().work(.album, id(Self.album), by: deadline) != nil)
    answer(.body("spotify-error-401.json", status: 401))
    #expect(throws: ServiceError.unavailable) { try spotify().work(.album, id(Self.album), by: deadline) }
  }

  @Test(arguments: [("spotify-error-404.json", 404), ("spotify-error-400.json", 400)])
  func `what Spotify does not know is nothing`(body: String, status: Int) throws {
    answer(.body(body, status: status))
    #expect(try spotify().work(.album, id(Self.album), by: deadline) == nil)
  }

  @Test(arguments: [
    HTTPResponse.body("spotify-error-429.json", status: 429), .text("", status: 500), .text("<html>", status: 403),
    .text("<html>"), .text("[]"), .text(""),
  ])
  func `any other answer means that it is unavailable`(response: HTTPResponse) throws {
    answer(response)
    #expect(throws: ServiceError.unavailable) { try spotify().work(.album, id(Self.album), by: deadline) }
  }

  @Test(arguments: [FetchError.timedOut, .unreachable, .tooLarge, .truncated, .unsupported])
  func `so does no answer`(error: FetchError) {
    fetcher.script = { _ in .failure(error) }
    #expect(throws: ServiceError.unavailable) { try spotify().work(.album, id(Self.album), by: deadline) }
  }

  @Test func `a token that could break out of its header is not used`() throws {
    fetcher.script = { _ in .success(.text(#"{"access_token":"a\r\nX: y","expires_in":3600}"#)) }
    #expect(throws: ServiceError.unavailable) { try spotify().work(.album, id(Self.album), by: deadline) }
    #expect(fetcher.requests.count == 1)
  }

  @Test func `users get tokens for their code, and new ones for old`() throws {
    fetcher.script = { _ in .success(.body("spotify-token-user.json")) }
    #expect(
      try spotify().tokens(forCode: "a/b", by: deadline)
        == SpotifyTokens(access: "BQDuser", seconds: 3600, refresh: "AQCrefresh"))
    #expect(
      fetcher.requests.last?.form.map { String(decoding: $0, as: UTF8.self) }
        == "client_id=id&client_secret=s%26cret&code=a%2Fb&grant_type=authorization_code"
        + "&redirect_uri=https%3A%2F%2Fl.example%2Fspotify%2Fauth")
    #expect(try spotify().renewal(of: "x", by: deadline) == Bodies.load("spotify-token-user.json"))
  }

  @Test func `what the token host refuses is passed on with its reason`() {
    fetcher.script = { _ in .success(.body("spotify-token-grant-error-400.json", status: 400)) }
    #expect(throws: ServiceError.refused(status: 400, message: "Invalid authorization code")) {
      try spotify().tokens(forCode: "a", by: deadline)
    }
    fetcher.script = { _ in .success(.text("<html>", status: 400)) }
    #expect(throws: ServiceError.refused(status: 400, message: "refused")) {
      try spotify().renewal(of: "a", by: deadline)
    }
    fetcher.script = { _ in .success(.text("", status: 500)) }
    #expect(throws: ServiceError.unavailable) { try spotify().renewal(of: "a", by: deadline) }
  }
}
