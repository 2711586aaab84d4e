import Core
import Logging
import Testing

@testable import Search

@Suite struct FallbackSearchTests {
  final class Source: SearchSource {
    let name: String
    var failure: SourceError?
    var stale = false
    private(set) var asked = 0

    init(_ name: String) { self.name = name }

    func search(_ request: SearchRequest, by deadline: Deadline) throws(SourceError) -> [SearchHit] {
      asked += 1
      if let failure { throw failure }
      return [SearchHit(.artist("a16d1433-ba89-4f72-a47b-a370add0bb55"), score: 1)]
    }

    func isStale(by deadline: Deadline) -> Bool { stale }

    func generation(by deadline: Deadline) -> UInt64? { nil }
    func check(by deadline: Deadline) throws(SourceError) -> String {
      if let failure { throw failure }
      return name
    }
  }

  let first = Source("first")
  let second = Source("second")
  var deadline: Deadline { .after(milliseconds: 1000) }
  var search: FallbackSearch {
    FallbackSearch([first, second], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }
  let request = SearchRequest(.artists, "a")

  @Test func `only the first is asked as long as it answers`() throws {
    #expect(try search.search(request, by: deadline).count == 1)
    #expect((first.asked, second.asked) == (1, 0))
  }

  @Test func `the next answers when one fails or is stale`() throws {
    first.failure = SourceError(.unavailable, "away")
    #expect(try search.search(request, by: deadline).count == 1)
    #expect(second.asked == 1)
    first.failure = nil
    first.stale = true
    #expect(try search.search(request, by: deadline).count == 1)
    #expect((first.asked, second.asked) == (1, 2))
    #expect(try search.check(by: deadline) == "first")
  }

  @Test func `a stale answer is better than none`() throws {
    first.stale = true
    second.failure = SourceError(.unavailable, "away")
    #expect(try search.search(request, by: deadline).count == 1)
    #expect(first.asked == 1)
  }

  @Test func `when all fail the first one's reason is told`() {
    first.failure = SourceError(.empty, "not built")
    second.failure = SourceError(.unavailable, "away")
    let error = #expect(throws: SourceError.self) { try search.search(request, by: deadline) }
    #expect(error?.reason == "not built")
  }
}
