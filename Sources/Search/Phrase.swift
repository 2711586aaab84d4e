/// The words of a text, and where it may be cut: what tags, shops and lists add to a title or to an artist stands in
/// brackets, behind a dash, behind a word that joins two artists, or is a number.
struct Phrase {
  let words: [String]
  private let cuts: [Cut]

  /// How plain it is that the text may end before a word.
  enum Cut: Comparable {
    /// In the middle of something: costs most.
    case bare
    /// Before a word that joins two artists.
    case joint
    /// Before a dash, a colon, or a number that ends the text.
    case divider
    case bracket
  }

  init(_ text: String) {
    var scanner = WordScanner()
    for scalar in text.unicodeScalars { Folding.map(scalar) { scanner.take($0) } }
    var words = scanner.finish()
    Folding.spellOutAnd(in: &words)
    self.init(words: Array(words.prefix(Folding.mostWords)), scanner.hasLetters ? scanner.cuts : [:])
  }

  private init(words: [String], _ marks: [Int: WordScanner.Cut]) {
    self.words = words
    var cuts = words.indices.map { index -> Cut in
      switch marks[index] {
      case .opening?, .closing?: .bracket
      case .divider?: .divider
      case nil: Phrase.joints.contains(words[index]) ? .joint : .bare
      }
    }
    // A number at the end, alone or behind one short word: a year, a disc.
    if let last = words.indices.last, last > 0, Phrase.isNumber(words[last]) {
      if cuts[last] == .bare { cuts[last] = .divider }
      let before = last - 1
      if before > 0, cuts[before] == .bare, words[before].unicodeScalars.count <= 6, !Phrase.isNumber(words[before]) {
        cuts[before] = .joint
      }
    }
    self.cuts = cuts
  }

  /// Words that join two artists, in the languages that they are joined in most.
  private static let joints: Set<String> = [
    "and", "feat", "ft", "featuring", "with", "w", "vs", "versus", "x", "presents", "pres", "meets", "by", "y", "e",
    "et", "und", "och", "og", "con", "avec", "mit", "и",
  ]

  private static func isNumber(_ word: String) -> Bool {
    word.utf8.count <= 4 && word.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// How plain it is that something begins or ends before the word.
  func cut(at index: Int) -> Cut { cuts.indices.contains(index) ? cuts[index] : .bracket }

  func key(_ range: Range<Int>) -> String { Folding.joined(words[range]) }

  /// Whether there is a bracket, a dash or the like in it.
  var hasCuts: Bool { cuts.dropFirst().contains { $0 >= .divider } }

  /// How many characters.
  func length(_ range: Range<Int>) -> Int { words[range].reduce(0) { $0 + $1.unicodeScalars.count } }
}

extension Phrase {
  /// A part of the text that may be all that is meant.
  struct Reading {
    var range: Range<Int>
    /// What it takes from the score that the rest is left out.
    var cost: Double
    /// How plain it is that the rest is no part of it.
    var cut: Cut
  }

  /// Parts of a range from which something at the end, or a bracket or number at the beginning, was left out; the whole
  /// is none of them.
  func readings(in whole: Range<Int>) -> [Reading] {
    var readings: [Reading] = []
    for start in starts(in: whole) {
      for end in (start + 1)...whole.upperBound where start > whole.lowerBound || end < whole.upperBound {
        let range = start..<end
        let plainness = end < whole.upperBound ? cut(at: end) : .divider
        readings.append(Reading(range: range, cost: cost(of: whole, without: range, plainness), cut: plainness))
      }
    }
    return readings
  }

  private func cost(of whole: Range<Int>, without range: Range<Int>, _ cut: Cut) -> Double {
    let share = 1 - Double(length(range)) / Double(max(length(whole), 1))
    return cut == .bare ? 10 + 14 * share : 6 + 10 * share
  }

  private func starts(in whole: Range<Int>) -> [Int] {
    guard !whole.isEmpty else { return [] }
    var starts = [whole.lowerBound]
    for index in whole.dropFirst() where cut(at: index) >= .divider {
      // "[CD 1] Title", "2012 - Title", "01. Title"
      let first = whole.lowerBound..<index
      if cut(at: first.lowerBound) == .bracket || (first.count <= 2 && words[first].contains(where: Phrase.isNumber)) {
        starts.append(index)
        break
      }
    }
    return starts
  }

  /// The artists that a text of several names, first the one that it begins with, with what it costs that the others
  /// are left out.
  var namedArtists: [Reading] {
    guard words.count > 1 else { return [] }
    var readings: [Reading] = []
    var start = 0
    while start < words.count {
      // The name may itself have an "and" or a comma in it, so any of the places that follow may be its end.
      var ends = 0
      for end in (start + 1)...words.count where end == words.count || cut(at: end) > .bare {
        guard start > 0 || end < words.count, ends < 4 else { continue }
        ends += 1
        readings.append(Reading(range: start..<end, cost: start == 0 ? 8 : 16, cut: .joint))
      }
      guard let next = words.indices.first(where: { $0 > start && cut(at: $0) > .bare }) else { break }
      start = Phrase.joints.contains(words[next]) ? next + 1 : next
    }
    return readings
  }
}
