import Core
import Testing

@testable import Search

@Suite struct RankingTests {
  static let id: MBID = "a16d1433-ba89-4f72-a47b-a370add0bb55"

  func score(
    _ query: String, _ name: String, popularity: Double = 0.5, alias: Bool = false
  ) -> Double {
    let ranking = Ranking(SearchQuery(query))
    let entries = NameEntries(name: alias ? "zzzz" : name, others: alias ? [name] : []).entries
    let scores = entries.compactMap { entry in
      ranking.score(
        Candidate(
          id: RankingTests.id, artist: 1, form: entry.form, popularity: popularity, key: entry.key, name: entry.name))
    }
    return scores.max() ?? 0
  }

  @Test func `the way in which a name fits decides first`() {
    let ways = [
      score("Air", "Air"), score("Air", "A.I.R."), score("Air", "The Air"), score("Air", "Air", alias: true),
      score("Aires", "Aire"), 0,
    ]
    #expect(ways == ways.sorted(by: >))
    #expect(score("Foo Fig", "Foo Fighters") > score("Foo Figthers", "Foo Fighters") - 10)
  }

  @Test func `whom many know is rather meant than whose name fits better`() {
    #expect(score("beatles", "The Beatles", popularity: 0.95) > score("beatles", "Beatles", popularity: 0.1))
    #expect(score("faces", "Faces", popularity: 0.1) > score("faces", "The Faces", popularity: 0.1))
  }

  @Test(arguments: [0.4, 0.7, 1])
  func `a known name that is typed exactly is never overtaken`(popularity: Double) {
    let exact = score("girls", "Girls", popularity: popularity)
    #expect(exact > score("girls", "The Girls", popularity: 1))
    #expect(exact > score("girls", "Girls!", popularity: 1))
    #expect(exact > score("girls", "Girls", popularity: 1, alias: true))
    #expect(exact > score("girls", "Girls Aloud", popularity: 1))
  }

  @Test func `another number is another thing`() {
    #expect(score("Anthology 2000", "Anthology 2001") < score("Anthology 2000", "Antholgy 2000"))
  }

  @Test(arguments: [("xq", "xz"), ("abcd", "wxyz"), ("adjalkwdjk", "adrenalin"), ("!!!", "???"), ("Air", "Aim")])
  func `what is too different does not fit`(query: String, name: String) {
    #expect(score(query, name) == 0)
  }

  @Test func `scores stay on their scale`() {
    for popularity in [0, 0.35, 1] {
      for (query, name) in [("Air", "Air"), ("Beatls", "The Beatles"), ("Beat", "The Beatles")] {
        #expect((0...100).contains(score(query, name, popularity: popularity)))
      }
    }
  }
}
