import Search
import Testing

@testable import Handlers

@Suite struct SearchRequestTests {
  @Test(arguments: [
    ("query=Soup", "Soup"), ("query=%22Blind+Melon%22", "Blind Melon"), ("query=++a+++b%09", "a b"),
    ("query=a%00b", "a b"), ("query=%22", ""), ("query=%00", ""), ("", nil), ("query=", nil), ("query=%22+%22", ""),
    ("query=+", ""),
    ("query=say+%22hi%22", "say \"hi\""),
  ])
  func `the query is what is typed without what is around it`(query: String, text: String?) {
    #expect((try? SearchHandler.question(.artists, Query(query)))?.text == text)
  }

  @Test(arguments: [
    ("", 10), ("&limit=", 10), ("&limit=3", 3), ("&limit=0", 100), ("&limit=-5", 100), ("&limit=1000", 100),
    ("&limit=99999999999999999999999", 100), ("&limit=%2B7", 7), ("&limit=abc", nil), ("&limit=1.5", nil),
    ("&limit=-", nil), ("&limit=٣", nil),
  ])
  func `no limit is none that could hurt`(parameter: String, limit: Int?) {
    #expect((try? SearchHandler.question(.artists, Query("query=a\(parameter)")))?.limit == limit)
  }

  @Test func `only albums are by an artist`() throws {
    #expect(try SearchHandler.question(.albums, Query("query=a&artist=b")).artist == "b")
    #expect(try SearchHandler.question(.albums, Query("query=a&artist=+")).artist == nil)
    #expect(try SearchHandler.question(.everything, Query("query=a&artist=b")).artist == nil)
  }

  @Test func `10 KB are cut`() throws {
    let long = String(repeating: "ab ", count: 4_000)
    #expect(try SearchHandler.question(.artists, Query("query=\(long)")).text.count <= 500)
  }
}
