/// The keys by which titles and artists are matched that others have written, the best first.
enum MatchKeys {
  /// The title, then what it is without what shops add to it, the longest first.
  static func title(_ title: String) -> [String] {
    let folding = Folding(title)
    let plain = Relaxation(title).phrase
    let readings = plain.readings(in: 0..<plain.words.count).filter { $0.cut >= .divider }.sorted { $0.cost < $1.cost }
    return unique(
      [folding.key, folding.keyWithoutArticle, folding.keyWithoutAnd].compactMap(\.self)
        + readings.prefix(3).flatMap { plain.keys(of: $0.range) })
  }

  /// The artist, then the first of those that are named together.
  static func artist(_ artist: String) -> [String] {
    let folding = Folding(artist)
    let phrase = Phrase(artist)
    let first = phrase.namedArtists.filter { $0.range.lowerBound == 0 }
    return unique(
      [folding.key, folding.keyWithoutArticle, folding.keyWithoutAnd].compactMap(\.self)
        + first.reversed().map { phrase.key($0.range) })
  }

  private static func unique(_ keys: [String]) -> [String] {
    var seen: Set<String> = []
    return keys.filter { !$0.isEmpty && seen.insert($0).inserted }
  }
}
