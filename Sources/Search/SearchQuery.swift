internal import Core

/// What somebody has typed, seen in all the ways in which it may be meant.
struct SearchQuery {
  let text: String
  let folding: Folding
  /// The key, without its article, without any "and".
  let keys: [String]
  /// Keys of other spellings of what stands in the query: `vol` for `volume`.
  let otherKeys: [String]
  /// The query and its other spellings, cut in two at every space.
  let splits: [Split]

  struct Split: Equatable {
    /// Keys of the words before and after.
    var left: String
    var right: String
  }

  /// Behind that nothing is looked at: nobody is called so.
  static let longestText = 300
  private static let mostSplits = 16
  private static let mostSpellings = 12

  init(_ text: String) {
    let text = String(text.prefix(SearchQuery.longestText))
    self.text = text
    let folding = Folding(text)
    self.folding = folding
    keys = [folding.key, folding.keyWithoutArticle, folding.keyWithoutAnd].compactMap(\.self).filter { !$0.isEmpty }
    let spellings = SearchQuery.spellings(of: folding.words)
    otherKeys = spellings.map { Folding.joined($0) }.filter { $0 != folding.key }
    var splits: [Split] = []
    for words in [folding.words] + spellings {
      for index in 1..<max(1, min(words.count, SearchQuery.mostSplits + 1)) {
        let split = Split(left: Folding.joined(words[..<index]), right: Folding.joined(words[index...]))
        if !splits.contains(split) { splits.append(split) }
      }
    }
    self.splits = splits
  }

  var isEmpty: Bool { folding.key.isEmpty }

  /// Words that stand for one another in names. They are only ever tried as a whole, so that a mistake in one of them is
  /// still only one mistake.
  private static let synonyms: [[String]] = [
    ["vol", "volume"], ["pt", "part"], ["feat", "ft", "featuring"], ["vs", "versus"], ["st", "saint"],
    ["mr", "mister"],
    ["dr", "doctor"], ["no", "number"], ["orch", "orchestra"], ["1", "i", "one"], ["2", "ii", "two"],
    ["3", "iii", "three"], ["4", "iv", "four"], ["5", "v", "five"],
  ]

  private static let alternatives: [String: [String]] = {
    var result: [String: [String]] = [:]
    for group in synonyms { for word in group { result[word] = group } }
    return result
  }()

  private static func spellings(of words: [String]) -> [[String]] {
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
    return results.count > mostSpellings ? [] : results
  }
}

extension SearchQuery {
  /// The parts of a key that mistakes leave as they are: either its beginning or its end.
  struct IntactEnds: Hashable {
    var lengths: [Int]
    var beginning: String
    var reversedEnd: String

    /// - Returns: nil when the key is too short to be recognised with so many mistakes in it.
    init?(_ key: String, mistakes: Int) {
      let scalars = Array(key.unicodeScalars)
      guard mistakes <= EditDistance.allowed(length: scalars.count) else { return nil }
      lengths = Array((scalars.count - mistakes)...(scalars.count + mistakes))
      // Of one mistake, even if it is two neighbours in the wrong order, one half is clear. Two leave one of three thirds
      // as it is, which is the one in the middle, that no index finds, in two cases of nine.
      let first = mistakes == 1 ? scalars.count / 2 : scalars.count / 3
      let last = mistakes == 1 ? scalars.count - 1 - first : first
      beginning = String(String.UnicodeScalarView(scalars.prefix(first)))
      reversedEnd = String(String.UnicodeScalarView(scalars.suffix(last).reversed()))
    }
  }

  /// For the whole name, and for the name without its article, which is the beginning of so many.
  func intactEnds(mistakes: Int) -> [IntactEnds] {
    var result: [IntactEnds] = []
    for key in [folding.keyWithoutArticle, folding.key] {
      if let key, let ends = IntactEnds(key, mistakes: mistakes) { result.append(ends) }
    }
    return result
  }

  /// How long the names of well-known artists may be that are meant with several mistakes.
  var lengthsOfKnown: [Int] {
    var lengths: Set<Int> = []
    for key in [folding.keyWithoutArticle ?? folding.key, folding.key] {
      let length = key.unicodeScalars.count
      let mistakes = EditDistance.allowed(length: length, isKnown: true)
      if mistakes > 1 { lengths.formUnion((length - mistakes)...(length + mistakes)) }
    }
    return lengths.sorted()
  }

  /// The words that tell most, in which there may be no mistake while there are several in the others.
  var anchors: [String] {
    guard folding.words.count > 1 else { return [] }
    let long = Set(folding.words).filter { $0.unicodeScalars.count >= 4 }
    return Array(long.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }.prefix(3))
  }
}
