import Core
import Metadata
import Testing

@testable import WebService

@Suite struct ReadingTests {
  func node(_ text: String) throws -> Node { try Node(try #require(JSONValue(text.utf8)), "test") }

  @Test(
    arguments: [
      ("", nil, nil, nil), ("1999", 1999, nil, nil), ("1999-06", 1999, 6, nil), ("1999-06-15", 1999, 6, 15),
      ("2001-??-15", 2001, nil, 15), ("????-02-29", nil, 2, 29), ("????-06", nil, 6, nil), ("????", nil, nil, nil),
      ("0999-01-01", 999, 1, 1), ("1999-06-15-2", nil, nil, nil), ("99999999999999999999-01", nil, 1, nil),
      ("-5", nil, 5, nil), ("soon", nil, nil, nil), ("1999-6x", 1999, nil, nil),
    ] as [(String, Int?, Int?, Int?)])
  func `a date may have holes`(_ text: String, _ year: Int?, _ month: Int?, _ day: Int?) {
    #expect(PartialDate(ws2: text) == PartialDate(year: year, month: month, day: day))
  }

  @Test(
    arguments: [
      (#"{"rating":{"value":4.4,"votes-count":5}}"#, 5, 88), (#"{"rating":{"value":1.65,"votes-count":3}}"#, 3, 33),
      (#"{"rating":{"value":null,"votes-count":0}}"#, 0, nil), (#"{"rating":{"value":5,"votes-count":1}}"#, 1, 100),
      (#"{"rating":{"value":0,"votes-count":1}}"#, 1, 0), (#"{"rating":null}"#, 0, nil), (#"{}"#, 0, nil),
      (#"{"rating":{"value":1e999,"votes-count":1}}"#, 1, nil), (#"{"rating":{"value":-1,"votes-count":1}}"#, 1, nil),
    ] as [(String, Int, Int?)])
  func `a rating is what is stored, divided by 20`(_ text: String, _ count: Int, _ value: Int?) throws {
    #expect(try Reading.rating(try node(text)) == Rating(count: count, value: value))
  }

  @Test func `genres come by use, then by their bytes`() throws {
    let node = try node(
      #"{"genres":[{"name":"rock","count":2},{"name":"éa","count":7},{"name":"pop","count":7},{"name":"Pop","count":7}]}"#
    )
    #expect(try Reading.genres(node) == ["Pop", "pop", "éa", "rock"])
  }

  @Test func `texts that only Swift takes for equal are kept apart`() {
    #expect(Reading.unique(["e\u{301}", "b", "\u{e9}", "b"]).map(\.utf8.count) == [1, 3, 2])
  }

  static let track =
    #"{"id":"00000000-0000-0000-0000-000000000001","title":"T","number":"1","position":1,"length":null,"artist-credit":[{"name":"A","artist":{"id":"00000000-0000-0000-0000-00000000000a","name":"A"}}],"recording":{"id":"00000000-0000-0000-0000-000000000002","video":VIDEO,"length":5000}}"#

  func pressing(_ media: String, more: String = "") throws -> Pressing {
    try Pressing(
      ws2: try node(
        #"{"id":"00000000-0000-0000-0000-000000000003","title":"R","release-group":{"id":"00000000-0000-0000-0000-000000000004"},"label-info":[]\#(more),"media":\#(media)}"#
      ))
  }

  @Test func `a release all of whose tracks are videos or data does not count, one without any does`() throws {
    let video = Self.track.replacing("VIDEO", with: "true")
    let song = Self.track.replacing("VIDEO", with: "false")
    let medium = #"{"position":1,"title":"","format":null"#
    #expect(try pressing("[]").counts)
    #expect(try pressing("[\(medium)}]").counts)
    #expect(try !pressing(#"[\#(medium),"tracks":[\#(video)],"track-count":1}]"#).counts)
    #expect(try !pressing(#"[\#(medium),"data-tracks":[\#(song)]}]"#).counts)
    #expect(try pressing(#"[\#(medium),"pregap":\#(song),"track-count":0}]"#).counts)
    let counted = try pressing(#"[\#(medium),"tracks":[\#(song)],"track-count":1}]"#)
    #expect(counted.counts)
    #expect(counted.release.media[0].tracks[0].length == 5_000)
  }

  @Test(arguments: [
    (#"null"#, ""), (#"{}"#, ""), (#"[null]"#, ""), (#"[{"position":1,"tracks":null}]"#, ""),
    (#"[{"position":1,"track-count":1}]"#, ""), (#"[{"position":1,"tracks":[],"track-count":1}]"#, ""),
    (#"[{"position":1,"tracks":[{}],"track-count":1}]"#, ""), (#"[{"position":null}]"#, ""),
    (#"[{"position":1,"data-tracks":null}]"#, ""), (#"[]"#, #","date":"1999""#), (#"[]"#, #","release-events":null"#),
  ])
  func `a release that lacks what belongs to it is unusable`(_ media: String, _ more: String) {
    #expect(throws: Unusable.self) { try pressing(media, more: more) }
  }

  @Test(arguments: ["aliases", "genres", "relations"])
  func `an artist without one of its lists is unusable`(_ list: String) throws {
    let lists = ["aliases", "genres", "relations"]
    for value in [nil, "null", "{}"] as [String?] {
      let members = lists.compactMap { name in
        name == list ? value.map { #""\#(name)":\#($0)"# } : #""\#(name)":[]"#
      }
      let text =
        #"{"id":"00000000-0000-0000-0000-000000000003","name":"N","sort-name":"N",\#(members.joined(separator: ","))}"#
      #expect(throws: Unusable.self) { try Artist(ws2: try node(text)) }
    }
  }
}
