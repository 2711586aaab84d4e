import Core
import HTTP
import Logging
import Metadata
import Testing

@testable import Providers

@Suite struct FanartFeedTests {
  static let now = UnixTime(seconds: 1_800_000_000)
  static let day: Int64 = 86_400
  static let (old, new, both): (MBID, MBID, MBID) = (
    "83d91898-7763-47d7-b03b-b92132375c47", "f90e8b26-9e52-4669-a5c9-e28529c47894",
    "472bc127-8861-45e8-bc9e-31e8dd32de7a"
  )

  let fetcher = ScriptedFetcher()

  func feed(delay: Int64 = 7 * day, personalKey: String? = nil) -> FanartFeed {
    FanartFeed(
      .init(
        apiKey: "k&y", personalKey: personalKey, baseURL: "https://fanart.example/v3/music", delay: delay,
        seconds: 30 * Self.day),
      client: ProviderClient(
        fetcher: fetcher, gate: .forTests(), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }),
      now: { Self.now })
  }

  func entry(_ id: MBID, _ count: String) -> String {
    #"{"id":"\#(id)","name":"x","new_images":"\#(count)","total_images":"431"}"#
  }

  var dates: [Int64] {
    fetcher.requests.compactMap { Int64($0.url.split(separator: "&date=").last ?? "") }
  }

  @Test func `the first time only says where to begin`() throws {
    let (artists, position) = try feed().changes(after: nil, by: .after(milliseconds: 1_000))
    #expect(artists.isEmpty && position == "1800000000" && fetcher.requests.isEmpty)
  }

  @Test func `an artist is told of when its pictures are shown, not when they appear in the feed`() throws {
    let last = Self.now.seconds - 3_600
    fetcher.script = { request in
      // What was added within the last seven days cannot be seen yet.
      if request.url.hasSuffix("&date=\(Self.now.seconds - 7 * Self.day)") {
        return .success(.text("[\(entry(Self.new, "1")),\(entry(Self.both, "2"))]"))
      }
      return .success(.text("[\(entry(Self.old, "1")),\(entry(Self.new, "1")),\(entry(Self.both, "3"))]"))
    }
    let (artists, position) = try feed().changes(after: "\(last)", by: .after(milliseconds: 1_000))
    #expect(artists == [Self.old, Self.both] && position == "1800000000")
    #expect(dates == [Self.now.seconds - 7 * Self.day, last - 7 * Self.day])
    #expect(fetcher.requests[0].url.hasPrefix("https://fanart.example/v3/music/latest?api_key=k%26y&date="))
  }

  @Test func `without a delay there is one request, and a personal key goes with it`() throws {
    fetcher.script = { _ in .success(.text("[\(entry(Self.old, "1"))]")) }
    let artists = try feed(delay: 0, personalKey: "p").changes(after: "1799996400", by: .after(milliseconds: 1_000))
      .artists
    #expect(artists == [Self.old] && dates == [1_799_996_400])
    #expect(fetcher.requests[0].url.contains("&client_key=p&"))
  }

  @Test(arguments: ["null", "[]"])
  func `nothing new is nothing new`(body: String) throws {
    fetcher.script = { _ in .success(.text(body)) }
    let (artists, position) = try feed().changes(after: "1799996400", by: .after(milliseconds: 1_000))
    #expect(artists.isEmpty && position == "1800000000")
  }

  @Test(
    arguments: Garbage.bodies.filter { !["null", "an empty list"].contains($0.0) }.map(\.1) + [
      Array(#"{"status":"error"}"#.utf8), Array("[1,2]".utf8),
    ])
  func `what cannot be understood moves nothing`(body: [UInt8]) {
    fetcher.script = { _ in .success(HTTPResponse(status: 200, body: body)) }
    #expect(throws: SourceError.self) { try feed().changes(after: "1799996400", by: .after(milliseconds: 1_000)) }
  }

  @Test(arguments: [400, 401, 403, 404, 429, 500, 503])
  func `an error moves nothing, in either request`(status: Int) {
    for bad in [0, 1] {
      var count = -1
      fetcher.script = { _ in
        count += 1
        return .success(.text("[]", status: count == bad ? status : 200))
      }
      let error = #expect(throws: SourceError.self) {
        try feed().changes(after: "1799996400", by: .after(milliseconds: 1_000))
      }
      #expect(error?.reason.contains("k&y") == false && error?.reason.contains("k%26y") == false)
    }
  }

  @Test func `entries that make no sense are passed over, and counts that are none are told`() throws {
    fetcher.script = { _ in
      .success(.text(#"[{"id":"x"},{"name":"y"},null,\#(entry(Self.old, "many")),\#(entry(Self.both, "1"))]"#))
    }
    #expect(
      try feed().changes(after: "1799996400", by: .after(milliseconds: 1_000)).artists == [Self.old])
  }

  @Test(arguments: [
    ("x", -30 * day), ("", -30 * day), ("12", -30 * day), ("1900000000", 0), ("-9223372036854775808", -30 * day),
  ])
  func `a position that is none, or of another age, is taken for one that can be asked for`(
    position: String, offset: Int64
  ) throws {
    fetcher.script = { _ in .success(.text("[]")) }
    #expect(try feed().changes(after: position, by: .after(milliseconds: 1_000)).position == "1800000000")
    #expect(dates.last == Self.now.seconds + offset - 7 * Self.day)
  }
}
