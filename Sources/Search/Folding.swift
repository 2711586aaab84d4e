/// What is left of a name when everything is taken away that people leave out, put in or type differently: case,
/// diacritics, compatibility forms, punctuation, and the difference between scripts that write the same sounds or signs.
///
/// The same for what is indexed and what is asked. `Mötley Crüe` → `motley crue`, `AC/DC` → `ac dc`, `…` → nothing,
/// `ヒカル` → `ひかる`, `Simon & Garfunkel` → `simon and garfunkel`, `P!nk` → `pink`.
///
/// Foundation's NFKC is not used, so that a worker stays small: ``table`` lists every character that does not count as
/// itself; what is written with combining marks loses them; only Hangul and voiced kana are put together by rule.
public struct Folding: Equatable, Sendable {
  /// In order. `don't` and `A.B.` are one each, `AC/DC` and `m-flo` are two.
  public let words: [String]
  /// The words without anything between them: `acdc`. Of a name without letters and digits (`!!!`, `+`) the signs.
  public let key: String
  /// ``key`` without an article at its beginning, or behind a comma at its end; nil where there is none.
  public let keyWithoutArticle: String?
  /// That without any "and" either, which people leave out with the sign for it; nil where there is none.
  public let keyWithoutAnd: String?

  /// What is longer is told apart well enough by its beginning; and an index has limits.
  static let longestKey = 100
  static let mostWords = 32

  public init(_ text: String) {
    var scanner = WordScanner()
    for scalar in text.unicodeScalars { Folding.map(scalar) { scanner.take($0) } }
    var found = scanner.finish()
    guard scanner.hasLetters else {
      words = []
      key = String(String.UnicodeScalarView(scanner.signs.prefix(Folding.longestKey)))
      keyWithoutArticle = nil
      keyWithoutAnd = nil
      return
    }
    Folding.spellOutAnd(in: &found)
    // Longer ones would be no words, and to hash them takes long.
    for index in found.indices where found[index].utf8.count > Folding.longestKey {
      found[index] = Folding.joined([found[index]])
    }
    words = Array(found.prefix(Folding.mostWords))
    key = Folding.joined(found)
    var bare = found[...]
    if found.count > 1 {
      if Folding.articles.contains(found[0]) {
        bare = bare.dropFirst()
      } else if scanner.lastFollowsComma, Folding.articles.contains(found[found.count - 1]) {
        bare = bare.dropLast()
      }
    }
    keyWithoutArticle = bare.count < found.count ? Folding.joined(bare) : nil
    let essential = bare.filter { $0 != "and" }
    keyWithoutAnd = essential.isEmpty || essential.count == bare.count ? nil : Folding.joined(essential)
  }

  /// Rock 'n' Roll
  static func spellOutAnd(in words: inout [String]) {
    guard words.count > 2 else { return }
    for index in 1..<(words.count - 1) where words[index] == "n" { words[index] = "and" }
  }

  /// The key of some of the words.
  static func joined(_ words: some Collection<String>) -> String {
    let text = words.joined()
    guard text.utf8.count > longestKey else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestKey)))
  }

  /// As nobody would say "A" of the artist "a-ha", only words of their own are articles.
  static let articles: Set<String> = [
    "the", "a", "an", "le", "la", "les", "el", "los", "las", "der", "die", "das", "il", "lo", "gli", "de", "het", "os",
    "as", "o",
  ]
}
