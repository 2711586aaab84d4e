import Core
import HTTP
import Testing

@testable import Purge

@Suite struct CloudflareTests {
  static let secret = "Authorization: Bearer sesame"
  let cloudflare = Cloudflare(
    .init(zone: "z/1", credentials: [secret], apiURL: "https://api.example/client/v4", batch: 30))

  func outcome(_ status: Int, _ body: String, retryAfter: Int? = nil) -> Cloudflare.Outcome {
    cloudflare.outcome(.success(HTTPResponse(status: status, retryAfter: retryAfter, body: Array(body.utf8))))
  }

  @Test func `a request is JSON with the credentials in its head`() {
    let request = cloudflare.request(.prefixes, ["example.org/artist/1", "example.org/\"2"])
    #expect(request.url == "https://api.example/client/v4/zones/z%2F1/purge_cache")
    #expect(request.headers == ["Content-Type: application/json", Self.secret])
    #expect(
      String(decoding: request.form ?? [], as: UTF8.self)
        == #"{"prefixes":["example.org/artist/1","example.org/\"2"]}"#)
    #expect(cloudflare.most(.prefixes) == 100 && cloudflare.most(.files) == 30)
  }

  @Test func `answers are told apart`() {
    let fine = #"{"success":true,"errors":[],"messages":[],"result":{"id":"9a7806061c88ada191ed06f989cc3dac"}}"#
    #expect(outcome(200, fine) == .purged)
    let token = #"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}"#
    #expect(outcome(403, token) == .unauthorised("status 403, code 10000"))
    #expect(outcome(404, "") == .unauthorised("status 404"))
    let slower = #"{"success":false,"errors":[{"code":971,"message":"Please wait and consider throttling"}]}"#
    #expect(outcome(429, slower) == .throttled(60))
    #expect(outcome(429, slower, retryAfter: 7) == .throttled(7))
    #expect(outcome(200, slower) == .throttled(60))
    #expect(outcome(429, "", retryAfter: 1_000_000) == .throttled(3_600))
    let plan = #"{"success":false,"errors":[{"code":1107,"message":"Only enterprise zones can purge by prefix"}]}"#
    #expect(outcome(400, plan) == .refused("status 400, code 1107"))
    #expect(outcome(200, #"{"success":false,"errors":[]}"#) == .refused("status 200"))
    #expect(cloudflare.outcome(.failure(.timedOut)) == .failed("timedOut"))
  }

  @Test(arguments: [
    "", "{", "null", "[]", "true", "<html>502 Bad Gateway</html>", #"{"success":"true"}"#, #"{"success":1}"#,
    String(repeating: "[", count: 100_000), "\u{0}\u{1}",
  ])
  func `garbage never counts as a success`(body: String) {
    for status in [200, 500, 502] { #expect(outcome(status, body) == .failed("status \(status)")) }
  }

  @Test func `no words of an answer are kept, which may repeat what was sent`() {
    let echo = #"{"success":false,"errors":[{"code":6003,"message":"Invalid header Bearer sesame"}]}"#
    #expect(!"\(outcome(403, echo)) \(outcome(400, echo)) \(outcome(500, echo))".contains("sesame"))
  }

  @Test(arguments: [
    ("https://api.example.org", "/", ["https://api.example.org", "https://api.example.org/api/v0.4"]),
    ("https://api.example.org/", "/api/v0.4/", ["https://api.example.org", "https://api.example.org/api/v0.4"]),
    (
      "https://api.example.org/api/v0.4", "/music",
      ["https://api.example.org", "https://api.example.org/api/v0.4", "https://api.example.org/music"]
    ),
    (
      "http://h:8080/behind/music/", "music",
      [
        "http://h:8080/behind", "http://h:8080/behind/api/v0.4",
        "http://h:8080/behind/music",
      ]
    ),
  ])
  func `every root has URLs, whichever the base ends with`(base: String, root: String, bases: [String]) throws {
    let addresses = try #require(PublicAddresses(base: base, applicationRoot: root))
    #expect(addresses.bases == bases)
    #expect(addresses.urls(of: "series/1") == bases.map { "\($0)/series/1" })
    #expect(addresses.prefixes(of: "series/1").allSatisfy { !$0.contains("://") && $0.hasSuffix("/series/1") })
  }

  @Test(arguments: [
    "", "example.org", "ftp://example.org", "https://", "https://example.org/?x", "https:///x", "https://é",
  ])
  func `what is no URL has none`(base: String) {
    #expect(PublicAddresses(base: base, applicationRoot: "/") == nil)
  }
}
