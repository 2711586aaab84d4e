import Core
import Testing

@testable import WebService

@Suite struct BrowseTests {
  static let ids: [MBID] = (1...9).map { MBID(high: 0, low: $0) }
  let list = ListQuestion(.releaseGroup, of: .artist, ids[0], inc: "ratings")

  func page(_ ids: [MBID], count: Int, offset: Int) throws -> Node {
    let entries = ids.map { #"{"id":"\#($0)"}"# }.joined(separator: ",")
    let text =
      #"{"release-groups":[\#(entries)],"release-group-count":\#(count),"release-group-offset":\#(offset),"new":{}}"#
    return try Node(try #require(JSONValue(text.utf8)), "page")
  }

  func browse(_ pages: [(ids: [Int], count: Int)]) throws -> Browse<MBID> {
    var browse = Browse(list) { node throws(Unusable) in try node.mbid("id") }
    var offset = 0
    for (ids, count) in pages {
      browse = try browse.taking(try page(ids.map { Self.ids[$0] }, count: count, offset: offset))
      offset += ids.count
    }
    return browse
  }

  @Test(
    arguments: [
      [([], 0)], [([0], 1)], [([0, 1, 2], 3)], [([0, 1], 3), ([2], 3)], [([0], 3), ([1], 3), ([2], 3)],
    ] as [[([Int], Int)]])
  func `a list is complete when as many have come as were announced`(_ pages: [(ids: [Int], count: Int)]) throws {
    let browse = try browse(pages)
    #expect(browse.state == .isComplete)
    #expect(browse.entries == pages.flatMap(\.ids).map { Self.ids[$0] })
  }

  @Test func `the next page begins behind what has come, however little that was`() throws {
    let browse = try browse([([0, 1, 2], 9), ([3], 9)])
    #expect(browse.state == .goesOn)
    #expect(browse.question.path.hasSuffix("&limit=100&offset=4&fmt=json"))
  }

  @Test(
    arguments: [
      [([], 3)],  // nothing of what was announced
      [([0, 1], 3), ([], 2)],  // past the end the count is the offset
      [([0, 1], 3), ([1], 3)],  // the same on two pages, another on none
      [([0, 0], 2)],
      [([0, 1], 3), ([2], 4)],  // one more meanwhile
      [([0, 1], 4), ([2], 3)],  // one fewer
      [([0, 1, 2], 2)],  // more than were announced
    ] as [[([Int], Int)]])
  func `pages that do not belong together contradict each other`(_ pages: [(ids: [Int], count: Int)]) throws {
    guard case .contradictsItself = try browse(pages).state else {
      Issue.record("it passes for a list")
      return
    }
  }

  @Test(arguments: [
    #"{}"#, #"{"release-groups":null,"release-group-count":0}"#, #"{"release-groups":{},"release-group-count":0}"#,
    #"{"release-groups":[]}"#, #"{"release-groups":[],"release-group-count":null}"#,
    #"{"release-groups":[],"release-group-count":-1}"#, #"{"release-groups":[],"release-group-count":"0"}"#,
    #"{"release-groups":[null],"release-group-count":1}"#, #"{"release-groups":[{}],"release-group-count":1}"#,
    #"{"release-groups":[{"id":"x"}],"release-group-count":1}"#,
    #"{"release-groups":[],"release-group-count":0,"release-group-offset":7}"#,
    #"{"release-groups":[],"release-group-count":99999999999999999999}"#,
  ])
  func `a page that lacks something is unusable`(_ text: String) throws {
    let node = try Node(try #require(JSONValue(text.utf8)), "page")
    let browse = Browse(list) { node throws(Unusable) in try node.mbid("id") }
    #expect(throws: Unusable.self) { try browse.taking(node) }
  }
}
