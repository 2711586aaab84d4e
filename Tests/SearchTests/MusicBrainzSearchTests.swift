import Core
import Testing

@testable import Search

@Suite struct MusicBrainzSearchTests {
  /// Answers from memory and remembers what it was asked.
  final class Pages: SearchTransport {
    var pages: [String: SearchPage] = [:]
    var failure: SourceError?
    private(set) var asked: [String] = []

    func get(_ urls: [String], by deadline: Deadline) -> [Result<SearchPage, SourceError>] {
      asked += urls
      return urls.map { url in
        if let failure { return .failure(failure) }
        let page = pages.first { url.contains($0.key) }?.value
        return .success(page ?? SearchPage(status: 200, body: Array(#"{"count":0}"#.utf8)))
      }
    }
  }

  static let artists = #"""
    {"created":"2026-10-02T23:10:47.187Z","count":2,"offset":0,"artists":[
      {"id":"a16d1433-ba89-4f72-a47b-a370add0bb55","score":100,"name":"Beatles Revival Band","sort-name":"Beatles Revival Band"},
      {"id":"b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d","score":90,"name":"The Beatles","sort-name":"Beatles, The",
       "aliases":[{"name":"fab four","sort-name":"fab four","locale":null}]},
      {"id":"x","name":"broken"},{"name":null}]}
    """#
  static let albums = #"""
    {"count":1,"release-groups":[{"id":"22ca85ec-ee39-3895-aef9-dee5d5c2f4d6","score":100,"title":"Surrender",
     "artist-credit":[{"name":"The Chemical Brothers","artist":{"id":"1946a82a-f927-40c2-8235-38d64f50d043",
     "name":"The Chemical Brothers"}}]}]}
    """#

  let pages = Pages()
  var deadline: Deadline { .after(milliseconds: 1000) }

  func solr(now: @escaping () -> UInt64 = { 0 }) -> MusicBrainzSearch {
    MusicBrainzSearch(
      .solr(url: "http://solr/solr", artistCore: "artist", albumCore: "release-group"), transport: pages,
      timeoutMilliseconds: 1000, rows: 10, now: now)
  }

  func page(_ text: String, status: Int = 200) -> SearchPage { SearchPage(status: status, body: Array(text.utf8)) }

  @Test func `what it finds is ranked anew`() throws {
    pages.pages["/artist/"] = page(MusicBrainzSearchTests.artists)
    let hits = try solr().search(SearchRequest(.artists, "beatles"), by: deadline)
    #expect(hits.first?.entity == .artist("b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"))
    #expect(hits.count == 2)
  }

  @Test func `of several of one name the one comes first of whom most is written, or who has the albums`() throws {
    let ids = ["a16d1433-ba89-4f72-a47b-a370add0bb55", "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"]
    func artist(_ id: String, _ score: Int, _ more: String) -> String {
      #"{"id":"\#(id)","score":\#(score),"name":"Nirvana","sort-name":"Nirvana"\#(more)}"#
    }
    let tags = #","tags":[{"count":40,"name":"grunge"},{"count":9,"name":"rock"}],"isnis":["1"]"#
    pages.pages["/artist/"] = page(
      #"{"artists":[\#(artist(ids[0], 100, "")),\#(artist(ids[1], 90, tags))]}"#)
    var hits = try solr().search(SearchRequest(.artists, "nirvana"), by: deadline)
    #expect(hits.map(\.entity.id.description) == [ids[1], ids[0]])

    pages.pages["/artist/"] = page(#"{"artists":[\#(artist(ids[0], 100, "")),\#(artist(ids[1], 99, ""))]}"#)
    hits = try solr().search(SearchRequest(.artists, "nirvana"), by: deadline)
    #expect(hits.first?.entity.id.description == ids[0])
    let credit = #""artist-credit":[{"name":"Nirvana","artist":{"id":"\#(ids[1])","name":"Nirvana"}}]"#
    let albums = (0..<9).map { number in
      #"{"id":"22ca85ec-ee39-3895-aef9-dee5d5c2f4d\#(number)","score":90,"title":"Album \#(number)",\#(credit)}"#
    }
    pages.pages["/release-group/"] = page(#"{"release-groups":[\#(albums.joined(separator: ","))]}"#)
    hits = try solr().search(SearchRequest(.everything, "nirvana"), by: deadline)
    #expect(hits.first?.entity.id.description == ids[1])
  }

  @Test func `an artist and their album are found together`() throws {
    pages.pages["/release-group/"] = page(MusicBrainzSearchTests.albums)
    let hits = try solr().search(SearchRequest(.everything, "chemical brothers surrender"), by: deadline)
    #expect(
      hits.map(\.entity) == [
        .artist("1946a82a-f927-40c2-8235-38d64f50d043"), .album("22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"),
      ])
  }

  @Test func `what finds nothing is asked for once more without what lists add`() throws {
    pages.pages["q=%28surrender%29%20AND%20%28artist%3a%28the%20chemical%20brothers%29"] = page(
      MusicBrainzSearchTests.albums)
    let request = SearchRequest(
      .albums, "Surrender (Deluxe) [Explicit]", artist: "The Chemical Brothers feat. Somebody")
    let hits = try solr().search(request, by: deadline)
    try #require(hits.map(\.entity) == [.album("22ca85ec-ee39-3895-aef9-dee5d5c2f4d6")], "\(pages.asked)")
    #expect(pages.asked.count == 2)
    let exact = try solr().search(SearchRequest(.albums, "surrender", artist: "the chemical brothers"), by: deadline)
    #expect(hits[0].score < exact[0].score)
    #expect(try solr().search(SearchRequest(.albums, "Surrendr"), by: deadline).isEmpty)
    #expect(pages.asked.count == 4)
  }

  @Test func `text goes to select as it is and to advanced escaped`() throws {
    _ = try solr().search(SearchRequest(.artists, "AC/DC (live) & more"), by: deadline)
    _ = try solr().search(SearchRequest(.albums, "a:b NOT c", artist: "Who?"), by: deadline)
    #expect(
      pages.asked.first
        == "http://solr/solr/artist/select?wt=mbjson&rows=10&q=AC%2fDC%20%28live%29%20%26%20more")
    #expect(
      pages.asked.last?.contains("/release-group/advanced?wt=mbjson&rows=10&q=%28a%5c%3ab%20not%20c%29%20AND%20")
        == true)
    #expect(pages.asked.last?.contains("Who%5c%3f") == true)
  }

  @Test func `an operator is escaped whatever stands on top of it`() {
    #expect(MusicBrainzSearch.escaped("a*\u{301} &\u{309a}b") == "a\\*\u{301} \\&\u{309a}b")
  }

  @Test(arguments: ["9223372036854775807", "-9223372036854775808", "1e309", "-1", "99.5", "\"100\"", "null", "[]"])
  func `scores that nobody can have change no ranking`(score: String) throws {
    pages.pages["/artist/"] = page(
      MusicBrainzSearchTests.artists.replacing("\"score\":100", with: "\"score\":\(score)"))
    let hits = try solr().search(SearchRequest(.artists, "beatles"), by: deadline)
    #expect(hits.first?.entity == .artist("b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"))
    #expect(hits.allSatisfy { (0...100).contains($0.score) })
  }

  @Test(arguments: [
    (503, "{}", SourceError.Code.unavailable), (400, #"{"error":{"code":400}}"#, .failed), (200, "<html>", .failed),
    (200, "[]", .failed), (200, "", .failed),
  ])
  func `what is no answer is an error`(status: Int, body: String, code: SourceError.Code) {
    pages.pages["/artist/"] = page(body, status: status)
    let error = #expect(throws: SourceError.self) { try solr().search(SearchRequest(.artists, "a"), by: deadline) }
    #expect(error?.code == code)
  }

  @Test func `who does not answer is left alone for a moment`() throws {
    var time: UInt64 = 1
    let search = solr { time }
    pages.failure = SourceError(.timedOut, "solr: did not answer in time")
    #expect(throws: SourceError.self) { try search.search(SearchRequest(.artists, "a"), by: deadline) }
    pages.failure = nil
    #expect(throws: SourceError.self) { try search.search(SearchRequest(.artists, "a"), by: deadline) }
    #expect(pages.asked.count == 1)
    time += 6_000_000_000
    #expect(try search.search(SearchRequest(.artists, "a"), by: deadline).isEmpty)
  }
}
