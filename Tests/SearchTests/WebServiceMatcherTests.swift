import Core
import Metadata
import Testing

@testable import Search

@Suite struct WebServiceMatcherTests {
  typealias Pages = MusicBrainzSearchTests.Pages

  let pages = Pages()
  var matcher: WebServiceMatcher { WebServiceMatcher(url: "http://ws/ws/2", transport: pages) }
  var deadline: Deadline { .after(milliseconds: 1000) }

  static let artist: MBID = "00000000-0000-4000-8000-0000000000a1"

  static func id(_ number: Int) -> MBID { MBID(high: 0, low: UInt64(number)) }

  func page(_ entries: [String], of name: String, count: Int? = nil) -> SearchPage {
    let text = #"{"count":\#(count ?? entries.count),"offset":0,"\#(name)":[\#(entries.joined(separator: ","))]}"#
    return SearchPage(status: 200, body: Array(text.utf8))
  }

  func album(_ number: Int, _ title: String, by artist: String, releases: Int = 1, date: String = "") -> String {
    #"{"id":"\#(Self.id(number))","title":"\#(title)","count":\#(releases),"first-release-date":"\#(date)","#
      + #""artist-credit":[{"name":"\#(artist)","artist":{"id":"\#(Self.artist)","name":"\#(artist)"}}]}"#
  }

  func artist(_ number: Int, _ name: String, aliases: [String] = [], votes: Int = 0) -> String {
    let others = aliases.map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
    return #"{"id":"\#(Self.id(number))","name":"\#(name)","sort-name":"\#(name)","aliases":[\#(others)],"#
      + #""tags":[{"name":"rock","count":\#(votes)}]}"#
  }

  @Test func `albums are matched by title and artist, the best known first`() throws {
    pages.pages["release-group?"] = page(
      [
        album(1, "Surrender", by: "Somebody Else", releases: 90), album(2, "Surrender", by: "The Chemical Brothers"),
        album(3, "Surrender", by: "The Chemical Brothers", releases: 20, date: "1999-06-21"),
        album(4, "Surrender Live", by: "The Chemical Brothers", releases: 40), #"{"id":"x","title":"broken"}"#, "null",
      ], of: "release-groups")
    let names = [
      AlbumName(title: "Surrender (Deluxe Edition)", artist: "Chemical Brothers"),
      AlbumName(title: "Surrender", artist: "Nobody"), AlbumName(title: "", artist: ""),
    ]
    let found = try matcher.albums(names, by: deadline)
    let expected = AlbumMatch(
      id: Self.id(3), title: "Surrender", artistID: Self.artist, artist: "The Chemical Brothers",
      date: PartialDate(year: 1999, month: 6, day: 21))
    #expect(found == [expected, nil, nil])
    #expect(pages.asked.count == 1)
    #expect(pages.asked[0].hasPrefix("http://ws/ws/2/release-group?fmt=json&limit=100&query=%28releasegroup%3a"))
  }

  @Test func `spellings of one name are asked for once, and eight names together`() throws {
    pages.pages["release-group?"] = page([], of: "release-groups")
    let names = (1...20).flatMap { number in
      [
        AlbumName(title: "Title\(number) One (Deluxe)", artist: "Artist"),
        AlbumName(title: "Title\(number) One", artist: "Artist"),
      ]
    }
    #expect(try matcher.albums(names, by: deadline).allSatisfy { $0 == nil })
    #expect(pages.asked.count == 3)
    #expect(try matcher.albums([], by: deadline).isEmpty)
    #expect(pages.asked.count == 3)
  }

  @Test func `artists are matched by name, then by alias, the best known first`() throws {
    pages.pages["artist?"] = page(
      [
        artist(1, "Nirvana UK", aliases: ["Nirvana"], votes: 99), artist(2, "Nirvana", votes: 3),
        artist(3, "Nirvana", votes: 50), artist(4, "Prince", aliases: ["The Artist"]),
      ], of: "artists")
    let found = try matcher.artists(["Nirvana", "The Artist", "Nobody"], by: deadline)
    #expect(found == [ArtistMatch(id: Self.id(3), name: "Nirvana"), ArtistMatch(id: Self.id(4), name: "Prince"), nil])
    #expect(pages.asked.count == 1)
  }

  @Test func `a name that has no room beside others is asked for alone`() throws {
    pages.pages["OR"] = page([artist(1, "Nirvana")], of: "artists", count: 5_000)
    let found = try matcher.artists(["Nirvana", "Prince"], by: deadline)
    #expect(found == [ArtistMatch(id: Self.id(1), name: "Nirvana"), nil])
    #expect(pages.asked.count == 2)
  }

  @Test(
    arguments: [
      SearchPage(status: 503, body: []), SearchPage(status: 200, body: Array("<html>".utf8)),
      SearchPage(status: 200, body: Array(#"{"count":0}"#.utf8)), SearchPage(status: 404, body: []),
    ])
  func `what is not answered is not said to fit nothing`(_ page: SearchPage) {
    pages.pages["artist?"] = page
    #expect(throws: SourceError.self) { try matcher.artists(["Nirvana"], by: deadline) }
    pages.failure = SourceError(.timedOut, "late")
    #expect(throws: SourceError(.timedOut, "late")) { try matcher.artists(["Nirvana"], by: deadline) }
  }
}
