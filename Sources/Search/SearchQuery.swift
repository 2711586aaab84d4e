/// What somebody has typed, seen in all the ways in which it may be meant.
struct SearchQuery {
  let text: String
  let folding: Folding
  /// The key with and without its article.
  let keys: [String]
  /// Keys of other spellings of what stands in the query: `vol` for `volume`.
  let otherKeys: [String]
  /// The query cut in two at every space.
  let splits: [Split]

  struct Split: Equatable {
    /// Keys of the words before and after.
    var left: String
    var right: String
  }

  /// Behind that nothing is looked at: nobody is called so.
  static let longestText = 300
  private static let mostSplits = 16

  init(_ text: String) {
    let text = String(text.prefix(SearchQuery.longestText))
    self.text = text
    let folding = Folding(text)
    self.folding = folding
    keys = [folding.key, folding.keyWithoutArticle].compactMap(\.self).filter { !$0.isEmpty }
    otherKeys = SearchQuery.spellings(of: folding.words).filter { $0 != folding.key }
    splits = (1..<max(1, min(folding.words.count, SearchQuery.mostSplits + 1))).map { index in
      Split(
        left: Folding.joined(folding.words[..<index]), right: Folding.joined(folding.words[index...]))
    }
  }

  var isEmpty: Bool { folding.key.isEmpty }

  /// Words that stand for one another in names. They are only ever tried as a whole, so that a mistake in one of them is
  /// still only one mistake.
  private static let synonyms: [[String]] = [
    ["vol", "volume"], ["pt", "part"], ["feat", "ft", "featuring"], ["vs", "versus"], ["st", "saint"], ["mr", "mister"],
    ["dr", "doctor"], ["no", "number"], ["orch", "orchestra"], ["1", "i", "one"], ["2", "ii", "two"],
    ["3", "iii", "three"], ["4", "iv", "four"], ["5", "v", "five"],
  ]

  private static let alternatives: [String: [String]] = {
    var result: [String: [String]] = [:]
    for group in synonyms { for word in group { result[word] = group } }
    return result
  }()

  private static func spellings(of words: [String]) -> [String] {
    let open = words.indices.filter { alternatives[words[$0]] != nil }
    guard !open.isEmpty, open.count <= 3, words.count > 1 else { return [] }
    var results = [words]
    for index in open {
      results = results.flatMap { words in
        (alternatives[words[index]] ?? []).map { word in
          var words = words
          words[index] = word
          return words
        }
      }
    }
    return results.map { Folding.joined($0) }
  }
}

extension SearchQuery {
  /// What names are looked for that begin with it.
  var beginning: String { folding.key }

  /// The parts of a key that one mistake leaves as they are: either its beginning or its end.
  struct IntactEnds: Equatable {
    var length: Int
    var beginning: String
    var reversedEnd: String

    init?(_ key: String) {
      let scalars = Array(key.unicodeScalars)
      guard EditDistance.allowed(length: scalars.count) > 0 else { return nil }
      length = scalars.count
      // Together one shorter than the whole: two neighbours in the wrong order are one mistake.
      let first = scalars.count / 2
      let last = scalars.count - 1 - first
      beginning = String(String.UnicodeScalarView(scalars.prefix(first)))
      reversedEnd = String(String.UnicodeScalarView(scalars.suffix(last).reversed()))
    }
  }

  /// For the name as a whole; without its article, which would be the beginning of too many.
  var intactEnds: [IntactEnds] {
    [IntactEnds(folding.keyWithoutArticle ?? folding.key)].compactMap(\.self)
  }
}
