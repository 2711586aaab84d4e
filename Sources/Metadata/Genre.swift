/// How the API writes MusicBrainz's genres.
enum Genre {
  /// Each word capitalised, where a word is a run of letters and digits: `k-pop` → `K-Pop`, `r&b` → `R&B`,
  /// `drum and bass` → `Drum And Bass`.
  static func capitalized(_ name: String) -> String {
    var result = ""
    result.reserveCapacity(name.utf8.count)
    var isInsideWord = false
    for character in name {
      let isWord = character.isLetter || character.isNumber
      if isWord, !isInsideWord {
        result += character.uppercased()
      } else {
        result += character.lowercased()
      }
      isInsideWord = isWord
    }
    return result
  }
}
