import Core
import Documents
import Testing

@testable import Handlers
@testable import Search

/// Combining marks of different kinds in turn have to be sorted before strings that hold them can be compared or hashed,
/// which takes time that grows with the square of their number: 80 KB take six seconds to be hashed. What is tried here
/// takes milliseconds where nobody does that.
@Suite struct SlowTextTests {
  /// Two bytes a mark.
  static func marks(_ count: Int) -> String {
    "e" + String(repeating: "\u{301}\u{316}", count: count / 2)
  }

  private func respond(_ method: String, _ path: [String], _ query: String = "", body: String = "") -> Int {
    let request = Request(
      method: method, path: path, query: Query(query),
      body: RequestBody(declaredLength: body.utf8.count) { space in
        space.copyBytes(from: body.utf8.prefix(space.count))
        return min(space.count, body.utf8.count)
      })
    return World().api.respond(to: request).status
  }

  // The longest request that is let through has 128 KB.
  @Test(.timeLimit(.minutes(1))) func `a request of marks costs no more than another`() {
    let marks = Self.marks(60_000)
    #expect(respond("GET", [marks]) == 404)
    #expect(respond("GET", ["artist", marks]) == 400)
    #expect(respond("GET", ["api", marks, "artist", marks]) == 404)
    #expect(respond("GET", ["artist", Corpus.ids[0]], "primTypes=\(marks)&\(marks)=1") == 200)
    #expect(respond("GET", ["search"], "type=\(marks)&query=a") == 400)
    #expect(respond("GET", ["search", "artist"], "query=\(marks)&limit=\(marks)") == 400)
    #expect(respond("GET", ["search", "artist"], "query=\(marks)") == 200)
    #expect(respond("GET", ["search", "album"], "query=a&artist=\(marks)") == 200)
    #expect(respond("GET", ["spotify", "artist", marks]) == 404)
    #expect(respond("GET", ["spotify", "auth"], "code=\(marks)&state=\(marks)") == 400)
    #expect(respond("GET", ["chart", marks, "album", "top"]) == 404)
    #expect(respond("GET", ["chart", "lastfm", marks, "top"]) == 404)
    #expect(respond("GET", ["chart", "lastfm", "album", "top"], "user=\(marks)") == 400)
    #expect(respond("GET", ["recent", "artist"], "since=\(marks)") == 400)
  }

  @Test(.timeLimit(.minutes(1))) func `nor does a body of them`() {
    let marks = Self.marks(520_000)
    #expect(respond("POST", ["spotify", "lookup"], body: "[\"\(marks)\"]") == 200)
    #expect(respond("POST", ["search", "fingerprint"], body: "[\"\(marks)\"]") == 400)
  }

  @Test(.timeLimit(.minutes(1))) func `nor does an answer of Solr's`() throws {
    let marks = Self.marks(40_000)
    let page = SearchFuzzTests.Page()
    let search = MusicBrainzSearch(
      .solr(url: "http://solr", artistCore: "a", albumCore: "b"), transport: page, timeoutMilliseconds: 100, rows: 10,
      now: { 0 })
    let id = Corpus.ids[0]
    page.body = Array(
      """
      {"artists":[{"id":"\(id)","name":"\(marks)","sort-name":"e\(marks)","aliases":[{"name":"\(marks)x"}]}],
      "release-groups":[{"id":"\(id)","title":"\(marks)","artist-credit":[{"name":"\(marks)","joinphrase":"\(marks)",
      "artist":{"id":"\(id)","name":"\(marks)"}}]}]}
      """.utf8)
    for query in ["e", "e e", Self.marks(1_000)] {
      #expect(try search.search(SearchRequest(.everything, query), by: .after(milliseconds: 100)).count == 2)
    }
  }

  // Words of scripts whose marks are letters are kept with them.
  @Test(.timeLimit(.minutes(1))) func `nor does a name in any script`() {
    for (first, second) in [
      ("\u{5b0}", "\u{5bc}"), ("\u{64b}", "\u{651}"), ("\u{e38}", "\u{e48}"), ("\u{93c}", "\u{94d}"),
    ] {
      let name = "א" + String(repeating: first + second, count: 20_000)
      #expect(Folding(name).words.allSatisfy { $0.unicodeScalars.count <= 100 })
      _ = NameEntries(name: name, others: [name + "x"])
    }
  }
}
