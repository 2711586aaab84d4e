import Foundation
import Testing

/// The routes for Spotify's ids, on the links of the sample rows and without credentials for Spotify.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct SpotifyRouteTests {
  let stack = Stack.content

  @Test(arguments: [
    ("artist/5k979N1TnPncUyqlXlaRSv", "/artist/"), ("album/rgLinkedOnly0000000001", "/album/"),
    ("album/0fTuqjXMcqWJ6lOh8Jxijg", "/album/"),
  ])
  func `a linked id leads to its artist or album, under the path that was asked`(id: String, start: String) throws {
    for prefix in ["", "/api/v0.4"] {
      let answer = try stack.get("\(prefix)/spotify/\(id)")
      #expect(answer.status == 301)
      let location = try #require(answer.headers["location"])
      let path = try #require(location.range(of: "\(prefix)\(start)").map { String(location[$0.lowerBound...]) })
      #expect(try stack.get(path).status == 200)
      #expect(answer.headers["cache-control"]?.contains("s-maxage=") == true)
    }
  }

  @Test func `an id that nothing is linked to is not found`() throws {
    let answer = try stack.get("/spotify/album/4aawyAB9vmqN3uQ7FjRGTy")
    #expect(answer.status == 404)
    #expect(try answer.object()["error"] as? String == "Not found")
  }

  @Test func `a list of ids is posted, also one that is longer than a packet`() throws {
    let filler = (0..<5_000).map { "\"\(String(format: "%022d", $0))\"" }
    let body = "[\"5k979N1TnPncUyqlXlaRSv\"," + filler.joined(separator: ",") + ",\"5k979N1TnPncUyqlXlaRSv\"]"
    let file = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString).json")
    try Data(body.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let answer = try stack.get(
      "/spotify/lookup", method: "POST", headers: ["Content-Type: application/json"],
      arguments: ["--data-binary", "@\(file.path)"])
    #expect(answer.status == 200)
    let list = try #require(try answer.json() as? [[String: Any]])
    #expect(list.count == 5_001)
    #expect(list[0]["spotifyid"] as? String == "5k979N1TnPncUyqlXlaRSv")
    #expect((list[0]["musicbrainzid"] as? String)?.count == 36)
    #expect(list[1]["musicbrainzid"] is NSNull)
  }

  @Test(arguments: ["", "{}", "[1]", "nonsense"])
  func `anything else is a bad request, and the next one on the connection is served`(body: String) throws {
    let answer = try stack.get("/spotify/lookup", method: "POST", arguments: ["--data-binary", body])
    #expect(answer.status == 400)
    #expect(try answer.object()["error"] != nil)
    #expect(try stack.get("/spotify/lookup", method: "POST", arguments: ["--data-binary", "[]"]).status == 200)
  }

  @Test func `nobody is sent to strangers with a token`() throws {
    let answer = try stack.get("/spotify/auth?code=x&state=https%3A%2F%2Fevil.example%2Foauth.html")
    #expect(answer.status == 400)
    #expect(answer.headers["location"] == nil)
  }

  @Test func `a chart that does not exist is not found`() throws {
    let answer = try stack.get("/chart/melody-maker/album/top")
    #expect(answer.status == 404)
    #expect(try answer.object()["error"] as? String == "Chart melody-maker/album/top not found")
  }
}
