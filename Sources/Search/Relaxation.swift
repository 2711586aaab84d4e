/// What a query may mean when it is not all one title: the keys of its parts, and what it costs to leave out the rest.
struct Relaxation {
  let phrase: Phrase
  /// Of a title that the query begins with, and of the query without what stands before it.
  let titles: [String: Double]
  /// The longest of them whose ends are plain, for titles with a mistake in them.
  let rankings: [(ranking: Ranking, cost: Double)]

  init(_ text: String) {
    phrase = Phrase(text)
    let whole = 0..<phrase.words.count
    let readings = phrase.readings(in: whole)
    titles = phrase.keys(of: readings)
    rankings = readings.filter { $0.cut >= .divider }.sorted { $0.cost < $1.cost }.prefix(3).map { [phrase] reading in
      (Ranking(SearchQuery(phrase.words[reading.range].joined(separator: " "))), reading.cost)
    }
  }

  /// Keys of titles that tell enough to be looked for without an artist.
  var distinctiveTitles: [String: Double] {
    let whole = phrase.length(0..<phrase.words.count)
    return phrase.keys(
      of: phrase.readings(in: 0..<phrase.words.count).filter { reading in
        let kept = phrase.length(reading.range)
        switch reading.cut {
        case .bracket: return true
        case .divider, .joint: return 2 * kept >= whole
        case .bare: return kept >= 12 && reading.range.count >= 2 && 3 * kept >= 2 * whole
        }
      })
  }

  /// The artists of a text that names several.
  var artists: [String: Double] { phrase.keys(of: phrase.namedArtists) }

  /// The text of the first of them, if there are several.
  var firstArtist: String? {
    phrase.namedArtists.first.map { phrase.words[$0.range].joined(separator: " ") }
  }

  // MARK: - An artist and a title in one line

  /// How many words of other artists may stand between an artist and a title.
  private static let longestGap = 12

  /// Where an artist's name may stand: at the beginning, or before a cut.
  var artistPlaces: [String: [Range<Int>]] {
    let count = phrase.words.count
    var places: [String: [Range<Int>]] = [:]
    guard count > 1 else { return places }
    for end in 1...count {
      guard end == count || phrase.cut(at: end) >= .divider else {
        places[phrase.key(0..<end), default: []].append(0..<end)
        continue
      }
      for start in max(0, end - 8)..<end where start == 0 || end - start < count {
        places[phrase.key(start..<end), default: []].append(start..<end)
      }
    }
    places[phrase.key(0..<count)] = nil
    return places
  }

  /// Keys of the titles that may stand beside an artist's name, and what they cost.
  func titles(beside artist: Range<Int>) -> [String: Double] {
    let count = phrase.words.count
    var result: [String: Double] = [:]
    func add(_ readings: [Phrase.Reading], _ whole: Range<Int>, _ extra: Double) {
      for (key, cost) in phrase.keys(of: readings) { result[key] = min(result[key] ?? 100, cost + extra) }
      if !whole.isEmpty {
        for key in phrase.keys(of: whole) { result[key] = min(result[key] ?? 100, extra + 2) }
      }
    }
    if artist.upperBound < count, artist.lowerBound == 0 || phrase.cut(at: artist.lowerBound) >= .divider {
      let rest = artist.upperBound..<count
      add(phrase.readings(in: rest), rest, 0)
      // Second artists stand between: "A feat. B - Title". Without a word or sign that says so the title must be plain.
      let isJoined = phrase.cut(at: rest.lowerBound) > .bare
      for start in rest.dropFirst().prefix(Relaxation.longestGap) {
        let isPlain = phrase.cut(at: start) >= .divider
        guard isJoined || isPlain else { continue }
        let title = start..<count
        let extra = (isJoined && isPlain ? 4.0 : 9) + 4 * Double(start - rest.lowerBound) / Double(rest.count)
        add(phrase.readings(in: title), title, extra)
      }
    }
    if artist.lowerBound > 0 {
      let before = 0..<artist.lowerBound
      add(phrase.readings(in: before), before, 3)
    }
    return result
  }
}

extension Phrase {
  /// With and without an article and any "and", as the index has them.
  func keys(of range: Range<Int>) -> [String] {
    var keys = [key(range)]
    let words = words[range]
    if words.count > 1, let first = words.first, Folding.articles.contains(first) {
      keys.append(Folding.joined(words.dropFirst()))
    }
    let essential = words.filter { $0 != "and" }
    if !essential.isEmpty, essential.count < words.count { keys.append(Folding.joined(essential)) }
    return keys
  }

  func keys(of readings: [Reading]) -> [String: Double] {
    var result: [String: Double] = [:]
    for reading in readings {
      for key in keys(of: reading.range) where !key.isEmpty { result[key] = min(result[key] ?? 100, reading.cost) }
    }
    return result
  }
}
