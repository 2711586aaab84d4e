/// How the API writes MusicBrainz's genres.
enum Genre {
  /// Each word capitalised, where a word is a run of letters and digits: `k-pop` → `K-Pop`, `r&b` → `R&B`,
  /// `drum and bass` → `Drum And Bass`. An apostrophe inside a word is part of it: `children's music` →
  /// `Children's Music`.
  static func capitalized(_ name: String) -> String {
    var result = ""
    result.reserveCapacity(name.utf8.count)
    var isInsideWord = false
    var isBehindApostrophe = false
    for character in name {
      let isWord = character.isLetter || character.isNumber
      if isWord, !isInsideWord, !isBehindApostrophe {
        result += character.uppercased()
      } else {
        result += character.lowercased()
      }
      isBehindApostrophe = isInsideWord && (character == "'" || character == "\u{2019}")
      isInsideWord = isWord
    }
    return result
  }
}
