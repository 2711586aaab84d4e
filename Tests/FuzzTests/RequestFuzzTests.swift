import Cache
import Core
import Documents
import Foundation
import Logging
import Search
import Testing

@testable import Handlers
@testable import Metadata

/// Whole requests, from what a web server passes to the bytes of the answer, with an imaginary world behind the API.
@Suite struct RequestFuzzTests {
  static let id = Corpus.ids[0]
  static let targets = [
    "/", "/health", "/artist/\(id)?primTypes=Album%7CEP&secTypes=Studio&releaseStatuses=Official",
    "/api/v0.4/artist/\(id)",
    "/artist/\(id)/refresh", "/album/\(id)", "/album/\(id)/refresh", "/search?type=all&query=blind+melon&limit=5",
    "/search/artist?query=a%20b&limit=-1", "/search/album/?query=x&artist=y&includeTracks=1", "/search/fingerprint",
    "/series/\(id)", "/recent/artist?since=1752000000", "/recent/album?since=-9223372036854775808",
    "/spotify/artist/0sNOF9WDwhWunNAHPD3Baj", "/api/v0.4/spotify/album/0sNOF9WDwhWunNAHPD3Baj", "/spotify/lookup",
    "/spotify/auth?code=x&state=http%3A%2F%2F192.168.1.5%3A8686%2Foauth.html", "/spotify/renew?refresh_token=x",
    "/chart/lastfm/artist/top?count=9&user=a_b", "//music/chart/apple-music/album/top?count=99999999999999999999",
  ]

  static let parameters: [(StaticString, [String])] = [
    (
      "HTTP_ACCEPT_ENCODING",
      ["gzip", "*", "gzip;q=0", "x-gzip, gzip;q=0.5", "identity;q=1, *;q=0", "br;q=1e309,gzip;q=nan"]
    ),
    ("HTTP_IF_NONE_MATCH", ["*", "W/\"1\", \"2\"", "\"", ","]),
    ("SCRIPT_NAME", ["/music", "/artist", "/", "/api/v0.4"]),
    ("PATH_INFO", ["/artist/\(id)", "", "/search"]),
    ("CONTENT_LENGTH", ["", "0", "2", "-1", "-2", "-9223372036854775808", "9223372036854775807", "1048577", "x"]),
    ("LINERNOTES_CACHE_SECONDS", ["1", "-1", "9223372036854775807", "x"]),
    ("HTTP_X_API_KEY", ["secret", ""]), ("HTTP_AUTHORIZATION", ["secret"]),
  ]

  @Test func `every request has an answer that is well-formed`() throws {
    let router = World().api
    let writer = ResponseWriter()
    let corpus =
      Self.targets.map { Array("\($0)\n".utf8) }
      + [
        "/search/fingerprint\n[\"\(Self.id)\",\"\(Corpus.ids[1])\"]",
        "/spotify/lookup\n[\"0sNOF9WDwhWunNAHPD3Baj\",\"x y\"]",
        "/spotify/lookup\n[]", "/search/fingerprint\n[null]",
      ].map { Array($0.utf8) }
    try Fuzz("Request", inputs: 2_000).run(corpus) { input, randomness in
      // The target is in the first line, the body behind it.
      let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.count
      let target = String(decoding: input[..<end], as: UTF8.self)
      let body = Array(input[min(end + 1, input.count)...])
      var values = [
        "REQUEST_METHOD": randomness.one(of: ["GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", ""]),
        "REQUEST_URI": target,
        "QUERY_STRING": target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) } ?? "",
      ]
      if target.contains("refresh") || target.contains("lookup") || target.contains("finger") {
        values["REQUEST_METHOD"] = "POST"
      }
      for (name, choices) in Self.parameters where randomness.once(in: 4) {
        values["\(name)"] = randomness.one(of: randomness.once(in: 4) ? Mutation.texts + Mutation.numbers : choices)
      }
      var rest = body[...]
      let request = Request(isScript: randomness.once(in: 8), parameters: { values["\($0)"] }) { space in
        space.copyBytes(from: rest.prefix(space.count))
        defer { rest = rest.dropFirst(space.count) }
        return min(space.count, rest.count)
      }
      guard let request else { return }
      writer.write(router.respond(to: request), to: request)
      try checkAnswer(writer, request)
    }
  }

  private func checkAnswer(_ writer: ResponseWriter, _ request: Request) throws {
    let head = String(decoding: writer.head.bytes, as: UTF8.self)
    try check(head.utf8.allSatisfy { $0 == 0x0d || $0 == 0x0a || (0x20...0x7e).contains($0) }, "head: \(head)")
    let lines = head.components(separatedBy: "\r\n")
    try check(lines.suffix(2) == ["", ""] && lines.filter(\.isEmpty).count == 2, "head: \(head)")
    let names = lines.dropLast(2).map { $0.prefix { $0 != ":" } }
    try check(Set(names).count == names.count && names.allSatisfy { !$0.isEmpty && $0.count < 30 }, "head: \(head)")
    try check(!lines.contains { $0.contains("\r") || $0.contains("\n") }, "head: \(head)")
    let status = lines[0].dropFirst("Status: ".count).prefix(3)
    let known: Set<Substring> = ["200", "204", "301", "302", "304", "400", "401", "404", "405", "413", "503"]
    try check(known.contains(status), "status: \(lines[0])")
    let body = writer.body.bytes
    if request.method == "HEAD" || status == "204" || status == "304" {
      try check(body.isEmpty, "a body behind \(lines[0])")
    } else {
      try check(lines.contains("Content-Length: \(body.count)"), "length \(body.count): \(head)")
      if !lines.contains("Content-Encoding: gzip") { try check(JSONValue(body) != nil, "no JSON") }
    }
  }

  @Test func `a parameter is what a form has for it`() throws {
    try Fuzz("Query", inputs: 10_000).run(Corpus.names + Corpus.texts("a=1&b=%7C+x&a=2&c&=d&e=%C3%A4&f=%ff&g=%")) {
      input, _ in
      let text = String(decoding: input, as: UTF8.self)
      try check(
        Query("x=1&n=\(PercentEncoding.encoded(text))&n=2")["n"].map { Array($0.utf8) } == Array(text.utf8), "another")
      let query = Query(text)
      if let first = text.utf8.split(separator: UInt8(ascii: "&")).first {
        let name = Substring(first).utf8.split(
          separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)[0]
        try check(query[PercentEncoding.decoded(Substring(name), plusIsSpace: true)] != nil, "the first is not found")
      }
      if let question = try? SearchHandler.question(
        .albums, Query("query=\(PercentEncoding.encoded(text))&limit=\(text)"))
      {
        try check((1...100).contains(question.limit), "limit \(question.limit)")
        try check(!question.text.isEmpty && question.text.count <= 500, "text \(question.text.count)")
        try check(!question.text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }, "a control character")
      }
    }
  }

  @Test func `nobody is sent to an address that is not private, in whatever form`() throws {
    let corpus = Corpus.texts(
      "http://192.168.1.10:8686/oauth.html", "http://localhost:8686/oauth.html", "http://[::1]:8686/oauth.html",
      "http://[fd00::1]/lidarr/oauth.html", "http://lidarr.lan/oauth.html", "https://nas/oauth.html",
      "http://010.34.210.5/oauth.html",
      "http://[::ffff:8.8.8.8]/oauth.html", "http://0x7f.1/oauth.html", "http://[::1].evil.example/oauth.html",
      "http://8.8.8.8/oauth.html", "http://nas@evil.example\\/oauth.html")
    let states = SpotifyStates()
    try Fuzz("SpotifyStates", inputs: 20_000).run(corpus) { input, _ in
      let text = String(decoding: input, as: UTF8.self)
      guard states.admits(text) else { return }
      let url = URLComponents(string: text)
      let host = url?.host?.lowercased() ?? ""
      try check(url?.user == nil && url?.query == nil && url?.fragment == nil, "user, query or fragment")
      try check(["http", "https"].contains(url?.scheme?.lowercased()), "scheme")
      try check(url?.path.hasSuffix("/oauth.html") == true && url?.path.contains("//") == false, "path")
      try check(!host.isEmpty && !host.hasSuffix("."), "host \(host)")
      // As browsers do, this reads octal and hexadecimal numbers, and fewer than four.
      var address = in_addr()
      guard inet_aton(host, &address) != 0 else { return }
      let value = UInt32(bigEndian: address.s_addr)
      let networks: [(UInt32, UInt32)] = [
        (0x0a00_0000, 8), (0x7f00_0000, 8), (0xc0a8_0000, 16), (0xa9fe_0000, 16), (0xac10_0000, 12), (0x6440_0000, 10),
      ]
      try check(networks.contains { value >> (32 - $0.1) == $0.0 >> (32 - $0.1) }, "host \(host)")
    }
  }
}
