import Foundation
import Testing

/// Search through nginx, on the sample rows, which `scripts/stack` has indexed.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct SearchTests {
  static let distance = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
  static let chemicalBrothers = "1946a82a-f927-40c2-8235-38d64f50d043"
  static let surrender = "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"
  static let soup = "9dba763e-7cff-36b3-af88-b755f237a4c7"

  func list(_ path: String) throws -> [[String: Any]] {
    let answer = try Stack.content.get(path)
    try #require(answer.status == 200, "\(path): \(String(decoding: answer.body.prefix(200), as: UTF8.self))")
    return try #require(try answer.json() as? [[String: Any]])
  }

  func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
  }

  func first(_ type: String, _ query: String) throws -> String? {
    try list("/search?type=\(type)&query=\(encoded(query))").first?["id"] as? String
  }

  @Test(arguments: [
    ("artist", "Distance", distance), ("artist", "dj distance", distance), ("artist", "disstance", distance),
    ("artist", "chemical brothers", chemicalBrothers), ("artist", "Chemical Brothers, The", chemicalBrothers),
    ("artist", "the chemical bro", chemicalBrothers), ("artist", "\"The Chemical Brothers\"", chemicalBrothers),
    ("artist", "brothers chemical", chemicalBrothers), ("artist", "ボア", "a16d1433-ba89-4f72-a47b-a370add0bb55"),
    ("album", "surrendre", surrender), ("album", "The Chemical Brothers Surrender", surrender),
    ("album", "surrender chemical brothers", surrender), ("album", "blind melon soop", soup),
  ])
  func `what is meant comes first`(type: String, query: String, id: String) throws {
    #expect(try first(type, query) == id)
  }

  @Test(arguments: [
    ("artist", distance, distance), ("artist", "lidarr:\(distance)", distance),
    ("artist", "mbid: \(distance)", distance),
    ("artist", "https://musicbrainz.org/artist/\(chemicalBrothers)/releases", chemicalBrothers),
    // Merged into Distance.
    ("artist", "aaaaaaaa-0000-4000-8000-000000000001", distance),
    // A recording and a release of the album.
    ("album", "0982e813-a279-482c-8057-285d07372fb9", surrender), ("album", "lidarr:\(surrender)", surrender),
  ])
  func `what is pasted is found`(type: String, text: String, id: String) throws {
    #expect(try first(type, text) == id)
  }

  @Test(arguments: ["adjalkwdjkalwdjklawjdlKAJD", "lidarrid: 0", "lidarr:", "zzzznohit", "?!?!", "龘龘龘龘"])
  func `nothing is found rather than anything`(query: String) throws {
    for type in ["artist", "album", "all"] {
      #expect(try list("/search?type=\(type)&query=\(encoded(query))").isEmpty)
    }
  }

  @Test func `the artist comes before their album, and both have scores`() throws {
    let found = try list("/search/all?query=Blind%20Melon%20Soup")
    #expect((found.first?["artist"] as? [String: Any])?["artistname"] as? String == "Blind Melon")
    #expect(found.first?["album"] is NSNull)
    #expect((found.dropFirst().first?["album"] as? [String: Any])?["id"] as? String == SearchTests.soup)
    #expect(found.dropFirst().first?["artist"] is NSNull)
    let scores = try found.map { try #require($0["score"] as? Int) }
    #expect(scores == scores.sorted(by: >))
    #expect(scores.allSatisfy { (0...100).contains($0) })
  }

  @Test func `releases are listed where they are asked for`() throws {
    let bare = try #require(try list("/search/album?query=Surrender").first)
    #expect((bare["Releases"] as? [Any])?.isEmpty == true)
    let full = try #require(try list("/search/album?query=Surrender&includeTracks=1").first)
    let album = try Stack.content.get("/album/\(SearchTests.surrender)").object()
    #expect(NSDictionary(dictionary: full) == NSDictionary(dictionary: album))
  }

  @Test func `an album is searched for among those of an artist`() throws {
    #expect(
      try list("/search/album?query=Surrender&artist=chemical%20brothers").first?["id"] as? String
        == SearchTests.surrender)
    #expect(try list("/search/album?query=Surrender&artist=Distance").isEmpty)
    #expect(try list("/search/album?query=Surrender&artist=nobody").isEmpty)
    #expect(try list("/search/album?query=Surrender&artist=").first?["id"] as? String == SearchTests.surrender)
  }

  @Test func `as many are listed as are asked for`() throws {
    let all = try list("/search/album?query=the&limit=0").count
    for (limit, count) in [("1", 1), ("-5", all), ("99999999999999999999", all), ("", min(10, all))] {
      #expect(try list("/search/album?query=the&limit=\(limit)").count == count)
    }
  }

  @Test(arguments: [
    ("/search", "Type not provided"), ("/search?query=x", "Type not provided"),
    ("/search?type=foo&query=x", "Unsupported search type foo"), ("/search?type=all", "No query provided"),
    ("/search/artist?query=", "No query provided"), ("/search/album?artist=x", "No query provided"),
    ("/search/artist?query=a&limit=abc", "limit must be a number"),
    ("/search/artist?query=a&limit=1e3", "limit must be a number"), ("/series/x", "Invalid UUID"),
  ])
  func `a question without sense is told so`(path: String, message: String) throws {
    let answer = try Stack.content.get(path)
    #expect(answer.status == 400)
    #expect(try answer.object()["error"] as? String == message)
  }

  @Test(arguments: ["%20%20", "%00", "%22%22", "%22%20%22", "%E2%80%9C%E2%80%9D", "''"], ["artist", "album", "all"])
  func `a question of quotes or spaces finds nothing`(query: String, type: String) throws {
    #expect(try list("/search?type=\(type)&query=\(query)").isEmpty)
  }

  @Test(arguments: [
    "';%20DROP%20TABLE%20artist;%20--", "*:*", "name:(a%20OR%20b)~2%5E4", "%25%25%25", "%zz%", "%ff%fe", "%ED%A0%80",
    "%5C",
    "a%00b", "%0a%0d%09x", "%2B", "-", "%E2%80%AE", String(repeating: "%F0%9F%8E%B5", count: 200),
    String(repeating: "love%20", count: 500), String(repeating: "x", count: 7_000), "a/b%3Ac%28d%29",
  ])
  func `whatever is typed is answered`(query: String) throws {
    for route in ["artist", "album", "all"] { _ = try list("/search/\(route)?query=\(query)") }
  }

  // MARK: - Recordings and series

  func fingerprint(_ body: String, type: String = "application/json") throws -> Answer {
    try Stack.content.get(
      "/search/fingerprint", method: "POST", headers: ["Content-Type: \(type)"], arguments: ["--data-binary", body])
  }

  @Test func `an album is found by its recordings`() throws {
    let answer = try fingerprint(#"["0982e813-a279-482c-8057-285d07372fb9", "12842247-cabf-4a85-9e8d-4e1201c42364"]"#)
    let found = try #require(try answer.json() as? [[String: Any]])
    #expect(found.first?["id"] as? String == SearchTests.surrender)
    #expect((found.first?["Releases"] as? [Any])?.isEmpty == false)
    #expect(try fingerprint("[]").json() as? [String] == [])
    #expect(try fingerprint(#"["00000000-0000-4000-8000-000000000000"]"#).json() as? [String] == [])
  }

  @Test(arguments: [#"["xyz"]"#, "{}", "notjson", "null", #""str""#, "5", "", "[1]", "[[]]", #"["a""#])
  func `what is no list of recordings is told so`(body: String) throws {
    let answer = try fingerprint(body)
    #expect(answer.status == 400)
    #expect(try answer.object()["error"] is String)
  }

  @Test func `a body without end is not read`() throws {
    let long = "[" + String(repeating: #""0982e813-a279-482c-8057-285d07372fb9","#, count: 40_000) + #""x"]"#
    let file = try Temporary()
    try Data(long.utf8).write(to: file.url)
    let answer = try Stack.content.get(
      "/search/fingerprint", method: "POST", arguments: ["--data-binary", "@\(file.url.path)"])
    #expect(answer.status == 413)
    #expect(try answer.object()["error"] is String)
  }

  @Test func `a series lists its albums`() throws {
    let found = try list("/series/d977f7fd-96c9-4e3e-83b5-eb484a9e6581")
    #expect(found.first?["albumid"] as? String == "153f0a09-fead-3370-9b17-379ebd09446b")
    #expect(found.first?["releasedate"] as? String == "2004-03-17")
    #expect(try list("/series/00000000-0000-4000-8000-000000000000").isEmpty)
  }
}
