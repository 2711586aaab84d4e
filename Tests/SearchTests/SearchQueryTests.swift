import Testing

@testable import Search

@Suite struct SearchQueryTests {
  @Test func `a query is cut in two at every space`() {
    #expect(
      SearchQuery("Blind Melon: Soup").splits == [
        .init(left: "blind", right: "melonsoup"), .init(left: "blindmelon", right: "soup"),
      ])
    #expect(SearchQuery("Soup").splits.isEmpty)
    #expect(SearchQuery("!!!").splits.isEmpty)
  }

  @Test func `words that stand for one another are tried`() {
    #expect(SearchQuery("Ultra Rare Trax, Vol. 8").otherKeys == ["ultrararetraxvolume8"])
    #expect(SearchQuery("Volume").otherKeys.isEmpty)
  }

  @Test(arguments: ["gorillaz", "metallica", "blindmelon"])
  func `one mistake leaves the beginning or the end of a name as it is`(name: String) throws {
    let scalars = Array(name.unicodeScalars)
    var misspelt: [String] = []
    func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      return String(text)
    }
    for index in scalars.indices {
      misspelt.append(text(scalars[..<index] + scalars[(index + 1)...]))
      misspelt.append(text(scalars[..<index] + ["x"] + scalars[(index + 1)...]))
      misspelt.append(text(scalars[..<index] + ["x"] + scalars[index...]))
      if index + 1 < scalars.count {
        misspelt.append(text(scalars[..<index] + [scalars[index + 1], scalars[index]] + scalars[(index + 2)...]))
      }
    }
    for typed in misspelt {
      let ends = try #require(SearchQuery.IntactEnds(typed, mistakes: 1))
      #expect(ends.lengths.contains(scalars.count))
      #expect(
        name.hasPrefix(ends.beginning) || text(scalars.reversed()).hasPrefix(ends.reversedEnd), "\(typed)")
    }
  }

  @Test func `a query of any length is bounded`() {
    let query = SearchQuery(String(repeating: "vol 1 ", count: 2_000))
    #expect(query.folding.words.count <= Folding.mostWords)
    #expect(query.splits.count <= 256)
  }
}
