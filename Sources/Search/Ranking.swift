internal import Core

/// How well a candidate fits what was asked for, from 0 to 100.
///
/// The way in which a name fits decides first, how well known the entity is second: an artist who is known to many is
/// rather meant than one whose name fits a little better and whom nobody knows. Only a name that is exactly as it was
/// typed, of someone who is known at all, is never overtaken.
struct Ranking {
  let query: SearchQuery
  private let scalars: [Unicode.Scalar]
  private let bareScalars: [Unicode.Scalar]
  private let plainText: String
  private let digits: [Unicode.Scalar]
  private let sortedWords: [String]
  private let wordSet: Set<String>

  /// From here on an entity counts as known: it is among the best known thousands.
  static let known = 0.35

  init(_ query: SearchQuery) {
    self.query = query
    scalars = Array(query.folding.key.unicodeScalars)
    bareScalars = query.folding.keyWithoutArticle.map { Array($0.unicodeScalars) } ?? scalars
    plainText = Folding.plain(query.text)
    digits = Ranking.digits(in: scalars)
    sortedWords = query.folding.words.sorted()
    wordSet = Set(sortedWords)
  }

  /// The score of a whole name; nil when it does not fit.
  func score(_ candidate: Candidate) -> Double? {
    if let score = exact(candidate) { return score }
    if let score = beginning(candidate) { return score }
    return mistyped(candidate)
  }

  /// The score of a name that, together with its artist if it is an album's, holds all the words of the query.
  func scoreOfWords(_ candidate: Candidate) -> Double {
    if let score = score(candidate) { return score }
    let words = Folding(candidate.name).words
    if words.count == query.folding.words.count, words.sorted() == sortedWords {
      return (candidate.form.isAlias ? 74 : 78) + 10 * candidate.popularity
    }
    let coverage = min(1, Double(scalars.count) / Double(max(candidate.key.unicodeScalars.count, 1)))
    if candidate.credit.isEmpty || wordSet.isSubset(of: words) {
      return 48 + 22 * candidate.popularity + 10 * coverage - (candidate.form.isAlias ? 2 : 0)
    }
    // Of the artist's name and the title, or of the artist's alone.
    return wordSet.isDisjoint(with: words) ? 30 + 20 * candidate.popularity : 44 + 22 * candidate.popularity
  }

  // MARK: - Ways to fit

  private func exact(_ candidate: Candidate) -> Double? {
    let popularity = candidate.popularity
    let isKnown = popularity >= Ranking.known
    if candidate.key == query.folding.key, !candidate.form.isBare {
      let isPlain = Folding.plain(candidate.name) == plainText
      if candidate.form.isAlias { return isKnown ? 87 + 7 * popularity : (isPlain ? 81 : 78) + 10 * popularity }
      if isPlain { return isKnown ? 95 + 5 * popularity : 85 + 10 * popularity }
      return isKnown ? 89 + 5.9 * popularity : 82 + 10 * popularity
    }
    if candidate.key == query.folding.keyWithoutAnd, candidate.key != query.folding.keyWithoutArticle {
      return 72 + 10 * popularity
    }
    if query.keys.contains(candidate.key) {
      let score = isKnown ? 88 + 6.9 * popularity : 80 + 10 * popularity
      return candidate.form.isAlias ? score - 3 : score
    }
    if query.otherKeys.contains(candidate.key) { return 76 + 10 * popularity }
    return nil
  }

  private func beginning(_ candidate: Candidate) -> Double? {
    guard isLongEnoughForBeginning else { return nil }
    guard let key = query.keys.first(where: { candidate.key.hasPrefix($0) }) else { return nil }
    let coverage = Double(key.utf8.count) / Double(max(candidate.key.utf8.count, 1))
    return 58 + 22 * candidate.popularity + 8 * coverage - (candidate.form.isAlias ? 2 : 0)
  }

  /// Of one or two letters half of all names begin with; a sign of a script with many says more.
  var isLongEnoughForBeginning: Bool {
    scalars.count >= 3 || !scalars.isEmpty && !scalars.contains { $0.value < 0x3000 }
  }

  private func mistyped(_ candidate: Candidate) -> Double? {
    let key = Array(candidate.key.unicodeScalars)
    var best: (distance: Int, scalars: [Unicode.Scalar])?
    for typed in scalars == bareScalars ? [scalars] : [bareScalars, scalars] {
      let allowed = EditDistance.allowed(length: typed.count, isKnown: candidate.popularity >= Ranking.known)
      let limit = best.map { $0.distance - 1 } ?? allowed
      guard limit > 0 || best == nil, let distance = EditDistance.between(typed, key, limit: limit) else { continue }
      best = (distance, typed)
    }
    guard let best, best.distance > 0 else { return nil }
    // Short names lie so close together that only a known one can be meant, or one with the same beginning.
    let isSameStart = best.scalars.first == key.first
    if candidate.popularity < Ranking.known, best.scalars.count <= (isSameStart ? 4 : 5) { return nil }
    var score = 66 - 8 * Double(best.distance - 1) + 22 * candidate.popularity
    if !isSameStart { score -= 2 }
    if candidate.form.isAlias { score -= 2 }
    if candidate.form.isBare != (best.scalars.count < scalars.count) { score -= 1 }
    // Who types another number means another thing.
    if Ranking.digits(in: key) != digits { score -= 10 }
    return score
  }

  private static func digits(in scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    scalars.filter { (0x30...0x39).contains($0.value) }
  }
}
