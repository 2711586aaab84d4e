import Core
import HTTP
import Testing

@testable import WebService

@Suite struct ReplyTests {
  func reply(
    _ status: Int, _ body: String, retryAfter: Int? = nil, location: String? = nil
  ) -> String {
    let response = HTTPResponse(
      status: status, retryAfter: retryAfter, location: location, body: Array(body.utf8))
    switch Reply(response) {
    case .body: return "body"
    case .moved(let id): return "moved to \(id)"
    case .missing: return "missing"
    case .busy: return "busy"
    case .limited(let seconds, _): return "limited \(seconds)"
    case .refused: return "refused"
    }
  }

  @Test(arguments: [
    (200, #"{"id":"x"}"#, "body"), (200, #"[]"#, "refused"), (200, #"{"id":"#, "refused"), (200, "", "refused"),
    (200, #"{"error":"busy"}"#, "refused"), (200, #"{"error":{}}"#, "refused"), (200, "<html>", "refused"),
    (301, #"{"id":"x"}"#, "body"), (301, "<html>", "refused"), (404, #"{"error":"Not Found","help":"…"}"#, "missing"),
    (404, "<html>", "refused"), (404, #"{"error":"no such route"}"#, "refused"), (404, "{}", "refused"),
    (410, #"{"error":"Not Found"}"#, "refused"), (500, "<html>", "refused"), (502, "", "refused"),
    (503, "<html>", "refused"), (503, #"{"error":"The MusicBrainz web server is currently busy."}"#, "busy"),
    (429, "<html>", "limited 2"), (403, #"{"error":"not identified"}"#, "refused"),
    (400, #"{"error":"Invalid mbid."}"#, "refused"),
  ])
  func `an answer is read by its status and by what it is`(_ status: Int, _ body: String, _ expected: String) {
    #expect(reply(status, body) == expected)
  }

  @Test func `whoever is told for how long to wait is limited`() {
    #expect(reply(503, "{}", retryAfter: 7) == "limited 7")
    #expect(reply(503, "<html>", retryAfter: 60) == "limited 60")
    #expect(reply(429, "", retryAfter: 5) == "limited 5")
    let text =
      "Your requests are exceeding the allowable rate limit. Please see "
      + "http://wiki.musicbrainz.org/XMLWebService for more information."
    #expect(reply(503, #"{"error":"\#(text)"}"#) == "limited 2")
  }

  @Test func `a redirect that says nothing leads to the id in its address`() {
    let id = "1946a82a-f927-40c2-8235-38d64f50d043"
    let location = "https://musicbrainz.org/ws/2/artist/\(id)?inc=genres&fmt=json"
    #expect(reply(301, "", location: location) == "moved to \(id)")
    #expect(reply(301, "", location: "https://musicbrainz.org/") == "refused")
  }
}
