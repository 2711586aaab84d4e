internal import Core
internal import SQLite

/// Asks the names in the store one question.
struct StoreQuestion {
  private let connection: SQLiteConnection

  /// Of a word that many names have, the best known are looked through for the other words.
  private static let mostWithWord = 4_000

  init(_ connection: SQLiteConnection) { self.connection = connection }

  func answer(_ question: NameQuestion, _ receive: (NameAnswer) -> Void) throws(SQLiteFailure) {
    func give(_ candidate: Candidate) { receive(NameAnswer(candidate: candidate)) }
    switch question {
    case .artistsByKey(let keys): for key in Set(keys) { try byKey(0, key, give) }
    case .albumsByKey(let keys): for key in Set(keys) { try byKey(1, key, give) }
    case .artistsByBeginning(let key): try byBeginning(0, key, give)
    case .albumsByBeginning(let key): try byBeginning(1, key, give)
    case .artistsByWords(let words): try byWords(0, words, give)
    case .albumsByWords(let words): try byWords(1, words, give)
    case .artistsByLikeness(let ends): try byLikeness(0, ends, give)
    case .albumsByLikeness(let ends): try byLikeness(1, ends, give)
    case .artistsKnown(let lengths):
      for length in Set(lengths) {
        try rows(StoreNamesStatement.known, [.int(Int64(length)), StoreQuestion.limit(NameQuestion.Limit.known)], give)
      }
    case .albumsByArtistsCalled(let names, let titles): try pairs(names, titles, receive)
    case .albumsByArtists(let artists):
      for artist in Set(artists) {
        try rows(
          StoreNamesStatement.byArtist, [.int(Int64(artist)), StoreQuestion.limit(NameQuestion.Limit.albums)], give)
      }
    case .albumsByArtistsAndKeys(let artists, let keys):
      for artist in Set(artists) { for key in Set(keys) { try byArtist(artist, key, give) } }
    case .albumsByArtistsAndLikeness(let artists, let ends):
      for artist in Set(artists) {
        try rows(
          StoreNamesStatement.byArtistAndBeginning,
          [.int(Int64(artist)), .text(ends.beginning), StoreQuestion.limit(NameQuestion.Limit.albumsByKey)], give)
      }
      try byLikeness(1, ends) { if artists.contains($0.artist) { give($0) } }
    }
  }

  private func byKey(_ isAlbum: Int64, _ key: String, _ give: (Candidate) -> Void) throws(SQLiteFailure) {
    try rows(
      StoreNamesStatement.byKey, [.int(isAlbum), .text(key), StoreQuestion.limit(NameQuestion.Limit.key)], give)
  }

  private func byBeginning(_ isAlbum: Int64, _ key: String, _ give: (Candidate) -> Void) throws(SQLiteFailure) {
    try rows(
      StoreNamesStatement.byBeginning, [.int(isAlbum), .text(key), StoreQuestion.limit(NameQuestion.Limit.beginning)],
      give)
  }

  private func byArtist(_ artist: Int, _ key: String, _ give: (Candidate) -> Void) throws(SQLiteFailure) {
    try rows(
      StoreNamesStatement.byArtistAndKey,
      [.int(Int64(artist)), .text(key), StoreQuestion.limit(NameQuestion.Limit.albumsByKey)], give)
  }

  private func byLikeness(
    _ isAlbum: Int64, _ ends: SearchQuery.IntactEnds, _ give: (Candidate) -> Void
  ) throws(SQLiteFailure) {
    for length in ends.lengths {
      let limit = StoreQuestion.limit(NameQuestion.Limit.likeness)
      for (statement, text) in [
        (StoreNamesStatement.byLength, ends.beginning), (StoreNamesStatement.byLengthReversed, ends.reversedEnd),
      ] { try rows(statement, [.int(isAlbum), .int(Int64(length)), .text(text), limit], give) }
    }
  }

  private func byWords(_ isAlbum: Int64, _ words: [String], _ give: (Candidate) -> Void) throws(SQLiteFailure) {
    // Long words are rare.
    guard let rarest = words.max(by: { $0.utf8.count < $1.utf8.count }) else { return }
    var left = NameQuestion.Limit.words
    try connection.run(
      StoreNamesStatement.byWord, [.int(isAlbum), .text(rarest), StoreQuestion.limit(StoreQuestion.mostWithWord)]
    ) { row throws(SQLiteFailure) in
      guard left > 0 else { return }
      let known = Set(row.text(7).split(separator: " "))
      guard words.allSatisfy({ known.contains(Substring($0)) }), let candidate = StoreQuestion.candidate(row) else {
        return
      }
      left -= 1
      give(candidate)
    }
  }

  private func pairs(
    _ names: [String], _ titles: [String], _ receive: (NameAnswer) -> Void
  ) throws(SQLiteFailure) {
    var called: [Candidate] = []
    for name in Set(names) { try byKey(0, name) { called.append($0) } }
    called.sort { $0.popularity > $1.popularity }
    var left = NameQuestion.Limit.pairs
    for artist in called.prefix(NameQuestion.Limit.called) where artist.form != .nobody {
      for title in Set(titles) where left > 0 {
        try byArtist(artist.artist, title) { album in
          left -= 1
          receive(NameAnswer(candidate: album, artist: (artist.id, artist.key)))
        }
      }
    }
  }

  // MARK: - Rows

  private static func limit(_ count: Int) -> SQLiteValue { .int(Int64(count)) }

  private func rows(
    _ statement: SQLiteStatement, _ values: [SQLiteValue], _ give: (Candidate) -> Void
  ) throws(SQLiteFailure) {
    try connection.run(statement, values) { row throws(SQLiteFailure) in
      if let candidate = StoreQuestion.candidate(row) { give(candidate) }
    }
  }

  private static func candidate(_ row: borrowing SQLiteRow) -> Candidate? {
    guard let id = row.id(0) else { return nil }
    return Candidate(
      id: id, artist: Int(row.int(1)), form: Candidate.Form(rawValue: Int(truncatingIfNeeded: row.int(2))) ?? .alias,
      popularity: Double(min(max(row.int(3), 0), 1000)) / 1000, key: row.text(4), name: row.text(5), credit: row.text(6)
    )
  }
}
