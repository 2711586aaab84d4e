internal import Core

/// What a search has found so far, each artist and album with the best score that any of its names has.
struct Finds {
  let query: SearchQuery
  let ranking: Ranking

  /// Of the artists that albums are asked for; by their key.
  var artistScores: [Int: Double]?

  private var artists: [MBID: Best] = [:]
  private var albums: [MBID: Best] = [:]
  /// Artists that are named by a part of the query.
  private var parts: [Part] = []
  private let partRankings: [String: Ranking]

  /// Who is no artist, and may be asked for as whose an album is.
  private var nobodies: [MBID: Best] = [:]
  /// The names in a text that names several artists, and what it costs that the others are left out.
  var namedArtists: [String: Double] = [:]
  private var firstRanking: Ranking?

  /// What the query may mean when no title is the whole of it; nil until that is asked.
  private(set) var relaxation: Relaxation?
  /// Where in the query an artist may be named.
  private var places: [String: [Range<Int>]] = [:]
  private var titlesBeside: [Range<Int>: [String: Double]] = [:]
  /// Albums of the artists that were asked for, of another title.
  private var otherAlbums: [Candidate] = []

  private struct Best {
    var score: Double
    var popularity: Double
    var artist: Int
    var length: Int
  }

  private struct Part {
    var artist: Candidate
    /// The rest of the query.
    var rest: String
    var length: Int
  }

  /// From here on it is certain that somebody or something is called so.
  private static let certain = 76.0
  private static let likely = 62.0

  init(_ query: SearchQuery) {
    self.query = query
    ranking = Ranking(query)
    var rankings: [String: Ranking] = [:]
    for split in query.splits {
      for part in [split.left, split.right] where rankings[part] == nil { rankings[part] = Ranking(SearchQuery(part)) }
    }
    partRankings = rankings
  }

  /// Whether nothing is called exactly so.
  var isUncertain: Bool {
    !artists.values.contains { $0.score >= Finds.certain } && !albums.values.contains { $0.score >= Finds.certain }
  }

  /// Whether there is nothing that it is worth showing.
  var isHopeless: Bool {
    !artists.values.contains { $0.score >= Finds.likely } && !albums.values.contains { $0.score >= Finds.likely }
  }

  mutating func add(_ candidate: Candidate, _ found: Found) {
    switch found {
    case .artists:
      if let score = ranking.score(candidate) { note(artist: candidate, score) }
    case .namedArtists:
      guard let cost = namedArtists[candidate.key] else { return }
      note(artist: candidate, 86 + 8 * candidate.popularity - cost - (candidate.form.isAlias ? 3 : 0))
    case .firstArtist:
      if let score = firstRanking?.score(candidate) { note(artist: candidate, score - 8) }
    case .artistsByWords:
      note(artist: candidate, ranking.scoreOfWords(candidate))
    case .albums:
      if let score = ranking.score(candidate) { note(album: candidate, score - 0.5) }
    case .albumsByWords:
      note(album: candidate, ranking.scoreOfWords(candidate))
    case .partArtists: add(part: candidate)
    case .albumsOfParts: add(albumOfPart: candidate)
    case .albumsWithParts: add(albumWithPart: candidate)
    case .albumsOfArtists:
      guard artistScores?[candidate.artist] != nil else { return }
      let scores = [ranking.score(candidate), relaxed(candidate, relaxation?.titles)].compactMap(\.self)
      if let score = scores.max() {
        note(albumOfArtist: candidate, score)
      } else {
        otherAlbums.append(candidate)
      }
    case .albumsOfTitles:
      if let score = relaxed(candidate, relaxation?.distinctiveTitles) { note(album: candidate, score - 6) }
    case .pairs: break
    }
  }

  /// Adds an album found by a part of the query that names it, whose artist another part names.
  mutating func add(pair album: Candidate, artist: MBID, calledAs name: String) {
    guard
      let split = query.splits.first(where: { split in
        (name == split.left && album.key == split.right) || (name == split.right && album.key == split.left)
      })
    else { return }
    let isInOrder = name == split.left
    let score = 89 + 6 * album.popularity - (isInOrder ? 0 : 3) - (album.form == .name ? 0 : 1)
    note(album: album, score)
    note(artist: artist, of: album, score + 0.5)
  }

  // MARK: - Less than the whole query

  /// Has parts of the query count as titles.
  mutating func relax() { if relaxation == nil { relaxation = Relaxation(query.text) } }

  /// Has several artists be told from one of several words.
  mutating func relaxArtist() {
    let relaxation = Relaxation(query.text)
    namedArtists = relaxation.artists
    firstRanking = relaxation.firstArtist.map { Ranking(SearchQuery($0)) }
  }

  /// The first of several artists, as a query.
  var firstArtist: SearchQuery? { firstRanking?.query }

  /// What a title is worth that is a part of the query.
  private func relaxed(_ album: Candidate, _ titles: [String: Double]?) -> Double? {
    titles?[album.key].map { 82 + 4 * album.popularity - $0 - (album.form.isAlias ? 1 : 0) }
  }

  private mutating func note(albumOfArtist album: Candidate, _ score: Double) {
    note(album: album, score * (0.8 + (artistScores?[album.artist] ?? 0) / 500))
  }

  /// Adds albums whose title is a part of the query with a mistake in it, or begins so.
  mutating func addRelaxedWithMistakes() {
    guard isHopeless, let relaxation else { return }
    for album in otherAlbums {
      for (ranking, cost) in relaxation.rankings {
        guard let score = ranking.score(album) else { continue }
        note(albumOfArtist: album, min(82, score - cost - 2))
        break
      }
    }
  }

  /// Has artists be looked for in the middle of the query too, between brackets and dashes.
  /// - Returns: all that they may be called.
  mutating func placeArtists() -> [String] {
    relax()
    places = relaxation?.artistPlaces ?? [:]
    return Array(places.keys)
  }

  /// The artists that a part of the query names, and the titles that may stand beside them. Both are bounded: a query
  /// may be nothing but commas.
  mutating func titlesBesideParts() -> (artists: [Int], titles: [String]) {
    if places.isEmpty { _ = placeArtists() }
    let named = partArtistKeys(40)
    var costs: [String: Double] = [:]
    for part in parts where named.contains(part.artist.artist) {
      for place in places[part.artist.key] ?? [] where titlesBeside[place] == nil && titlesBeside.count < 24 {
        let titles = relaxation?.titles(beside: place) ?? [:]
        titlesBeside[place] = titles
        costs.merge(titles, uniquingKeysWith: min)
      }
    }
    return (named, costs.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(120).map(\.key))
  }

  // MARK: - Parts

  private mutating func add(part artist: Candidate) {
    if let place = places[artist.key]?.first,
      !query.splits.contains(where: { $0.left == artist.key || $0.right == artist.key })
    {
      parts.append(Part(artist: artist, rest: "", length: relaxation?.phrase.length(place) ?? 0))
    }
    for split in query.splits {
      for (part, rest) in [(split.left, split.right), (split.right, split.left)] where part == artist.key {
        parts.append(Part(artist: artist, rest: rest, length: part.unicodeScalars.count))
      }
    }
  }

  /// The artists whose albums are worth looking through: those that most of the query names, the best known first.
  func partArtistKeys(_ count: Int) -> [Int] {
    let best = parts.sorted { left, right in
      (Double(left.length) + 12 * left.artist.popularity) > (Double(right.length) + 12 * right.artist.popularity)
    }
    var keys: [Int] = []
    for part in best where !keys.contains(part.artist.artist) {
      keys.append(part.artist.artist)
      if keys.count == count { break }
    }
    return keys
  }

  /// Adds well-known artists whose name is most of the query, when there is nothing else.
  mutating func addNamedByPart() {
    guard artists.isEmpty, albums.isEmpty else { return }
    let whole = Double(query.folding.key.unicodeScalars.count)
    for part in parts where part.artist.popularity >= Ranking.known && !part.rest.isEmpty {
      let coverage = Double(part.length) / whole
      if coverage >= 0.5 { note(artist: part.artist, 30 + 15 * coverage + 10 * part.artist.popularity) }
    }
  }

  private mutating func add(albumOfPart album: Candidate) {
    for part in parts where part.artist.artist == album.artist {
      if let score = partRankings[part.rest]?.score(album), part.artist.form != .nobody {
        let total = min(88, score - 2)
        note(album: album, total)
        note(artist: part.artist.id, of: album, total + 0.5)
      }
      for place in places[part.artist.key] ?? [] {
        guard let score = relaxed(album, titlesBeside[place]) else { continue }
        note(album: album, score)
        if part.artist.form != .nobody { note(artist: part.artist.id, of: album, score - 0.5) }
      }
    }
  }

  private mutating func add(albumWithPart album: Candidate) {
    let credit = Folding(album.credit)
    for split in query.splits {
      for (part, rest) in [(split.left, split.right), (split.right, split.left)] where part == album.key {
        let name =
          rest.unicodeScalars.count < credit.key.unicodeScalars.count - 2
          ? credit.keyWithoutArticle ?? credit.key : credit.key
        let limit = EditDistance.allowed(length: rest.unicodeScalars.count)
        guard let distance = EditDistance.between(rest, name, limit: limit) else { continue }
        note(album: album, 72 - 4 * Double(distance) + 12 * album.popularity)
      }
    }
  }

  // MARK: - Noting

  private mutating func note(artist candidate: Candidate, _ score: Double) {
    let best = Best(
      score: score, popularity: candidate.popularity, artist: candidate.artist,
      length: candidate.key.unicodeScalars.count)
    if candidate.form == .nobody {
      Finds.note(&nobodies, candidate.id, best)
    } else {
      Finds.note(&artists, candidate.id, best)
    }
  }

  private mutating func note(artist id: MBID, of album: Candidate, _ score: Double) {
    Finds.note(&artists, id, Best(score: score, popularity: album.popularity, artist: album.artist, length: 0))
  }

  private mutating func note(album candidate: Candidate, _ score: Double) {
    Finds.note(
      &albums, candidate.id,
      Best(
        score: score, popularity: candidate.popularity, artist: candidate.artist,
        length: candidate.key.unicodeScalars.count))
  }

  private static func note(_ all: inout [MBID: Best], _ id: MBID, _ new: Best) {
    if let known = all[id], known.score >= new.score { return }
    all[id] = new
  }

  // MARK: - Results

  /// The artists that fit best, by their key, with their scores.
  func artistScores(best count: Int) -> [Int: Double] {
    var result: [Int: Double] = [:]
    for best in (Array(artists.values) + nobodies.values).sorted(by: { $0.score > $1.score }).prefix(count) {
      result[best.artist] = max(result[best.artist] ?? 0, best.score)
    }
    return result
  }

  /// The keys of those who are no artists. They have more albums than anybody could look through.
  var nobodyKeys: [Int] { nobodies.values.map(\.artist) }

  /// Whether somebody is called so, artist or not.
  var hasArtist: Bool { !artists.isEmpty || !nobodies.isEmpty }

  func hits(_ scope: SearchRequest.Scope) -> [SearchHit] {
    var found: [(entity: EntityID, best: Best)] = []
    if scope != .albums { found += artists.map { (.artist($0), $1) } }
    if scope != .artists {
      var cap = 100.0
      if scope == .everything, let exact = artists.values.map(\.score).max(), exact >= 85 {
        // Of an artist and an album that are both called exactly so, the artist is first.
        cap = exact - 0.5
      }
      found += albums.map { id, best in
        var best = best
        best.score = min(best.score, cap)
        return (.album(id), best)
      }
    }
    found.sort { Finds.isBefore(($0.best, $0.entity), ($1.best, $1.entity)) }
    return found.map { SearchHit($0.entity, score: min(100, max(0, $0.best.score))) }
  }

  private static func isBefore(_ left: (Best, EntityID), _ right: (Best, EntityID)) -> Bool {
    if left.0.score != right.0.score { return left.0.score > right.0.score }
    if left.0.popularity != right.0.popularity { return left.0.popularity > right.0.popularity }
    if left.0.length != right.0.length { return left.0.length < right.0.length }
    return order(left.1) < order(right.1)
  }

  private static func order(_ entity: EntityID) -> (Int, UInt64, UInt64) {
    switch entity {
    case .artist(let id): (0, id.high, id.low)
    case .album(let id): (1, id.high, id.low)
    }
  }
}
