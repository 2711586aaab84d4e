internal import Core

/// Answers what a search asks of names from a section. Artists are named by their numbers in it.
final class SectionNames: NameTable {
  private let artists: NameList
  private let albums: NameList
  private let section: NameSection
  private var key: [UInt8] = []

  /// Entities and rows that are looked at for one question at most.
  private static let mostLookedAt = 20_000

  init(_ section: NameSection) {
    self.section = section
    artists = section.artists
    albums = section.albums
  }

  func ask(
    _ questions: [NameQuestion], by deadline: Deadline, _ receive: (Int, NameAnswer) -> Void
  ) throws(SourceError) {
    for (index, question) in questions.enumerated() {
      if deadline.hasPassed { throw SourceError(.timedOut, "names: the deadline is over") }
      answer(question) { receive(index, $0) }
    }
  }

  private func answer(_ question: NameQuestion, _ receive: (NameAnswer) -> Void) {
    func give(_ kind: EntityID.Kind, _ rows: [Int]) {
      for row in rows {
        if let candidate = kind == .artist ? artist(row) : album(row) { receive(NameAnswer(candidate: candidate)) }
      }
    }
    switch question {
    case .artistsByKey(let keys): give(.artist, artists.rows(withKeys: keys, NameQuestion.Limit.key))
    case .artistsByBeginning(let key): give(.artist, artists.rows(beginning: key, NameQuestion.Limit.beginning))
    case .artistsByWords(let words): give(.artist, artists.rows(withWords: words, NameQuestion.Limit.words))
    case .artistsByLikeness(let ends): give(.artist, artists.rows(like: ends, NameQuestion.Limit.likeness))
    case .artistsKnown(let lengths): give(.artist, artists.knownRows(lengths, NameQuestion.Limit.known))
    case .albumsByKey(let keys): give(.album, albums.rows(withKeys: keys, NameQuestion.Limit.key))
    case .albumsByBeginning(let key): give(.album, albums.rows(beginning: key, NameQuestion.Limit.beginning))
    case .albumsByWords(let words): give(.album, albums.rows(withWords: words, NameQuestion.Limit.words))
    case .albumsByLikeness(let ends): give(.album, albums.rows(like: ends, NameQuestion.Limit.likeness))
    case .albumsByArtistsCalled(let names, let titles): pairs(names, titles, receive)
    case .albumsByArtists(let artists): give(.album, rows(of: artists))
    case .albumsByArtistsAndKeys(let artists, let keys): give(.album, albumRows(of: artists, withKeys: keys))
    case .albumsByArtistsAndLikeness(let artists, let ends):
      let wanted = Set(artists)
      give(
        .album,
        albums.rows(like: ends, orBeginning: true, NameQuestion.Limit.key) { [albums] row in
          albums.row(row).map { wanted.contains(albums.artist($0.entity)) } ?? false
        })
    }
  }

  // MARK: - Rows as candidates

  private func candidate(_ list: NameList, _ row: NameList.Row, artist: Int) -> Candidate? {
    guard let id = list.id(row.entity) else { return nil }
    list.key(row, into: &key)
    return Candidate(
      id: id, artist: artist, form: row.form, popularity: Double(list.popularity(row.entity)) / 1000,
      key: String(decoding: key, as: UTF8.self), name: list.name(row))
  }

  private func artist(_ number: Int) -> Candidate? {
    guard let row = artists.row(number) else { return nil }
    return candidate(artists, row, artist: row.entity)
  }

  func album(_ number: Int) -> Candidate? {
    guard let row = albums.row(number) else { return nil }
    let artist = albums.artist(row.entity)
    var candidate = candidate(albums, row, artist: artist)
    let first = albums.firstRow(row.entity)
    let credited = first == number ? row : albums.row(first)
    candidate?.credit = credited.flatMap { albums.credit($0) } ?? name(ofArtist: artist)
    return candidate
  }

  func name(ofArtist artist: Int) -> String {
    guard artist < artists.entityCount, let row = artists.row(artists.firstRow(artist)) else { return "" }
    return artists.name(row)
  }

  /// All who are called so, in any form.
  func artists(called key: String) -> [Candidate] {
    artists.rows(withKeys: [key], NameQuestion.Limit.key).compactMap(artist)
  }

  func artistNumbers(called key: String) -> [Int] { artists(called: key).map(\.artist) }

  // MARK: - Albums of artists

  /// - Returns: the rows of all their albums, the best known first.
  private func rows(of artists: [Int]) -> [Int] {
    var found: [Int] = []
    for artist in Set(artists) {
      let list = albums.albums(of: artist)
      for index in 0..<min(list.count, NameQuestion.Limit.albums) { found.append(list.album(index)) }
    }
    found.sort()
    var rows: [Int] = []
    for album in found {
      for row in albums.rows(of: album) {
        if rows.count == NameQuestion.Limit.albums { return rows }
        rows.append(row)
      }
    }
    return rows
  }

  func albumRows(of artists: [Int], withKeys keys: [String]) -> [Int] {
    let wanted = Keys(keys)
    var large: Set<Int> = []
    var rows: [Int] = []
    for artist in Set(artists) {
      let list = albums.albums(of: artist)
      if list.count > 2_000 {
        large.insert(artist)
        continue
      }
      for index in 0..<list.count { rows += matching(list.album(index), wanted).map(\.row) }
    }
    if !large.isEmpty {
      rows += albums.rows(withKeys: keys, NameQuestion.Limit.albumsByKey, budget: SectionNames.mostLookedAt) {
        [albums] row in albums.row(row).map { large.contains(albums.artist($0.entity)) } ?? false
      }
    }
    rows.sort()
    return Array(rows.prefix(NameQuestion.Limit.albumsByKey))
  }

  /// Keys, and hashes by which most that are none of them are told.
  private struct Keys {
    let keys: Set<[UInt8]>
    private var hashes: [UInt64]

    init(_ texts: [String]) {
      keys = Set(texts.map { Array($0.utf8) })
      hashes = [UInt64](repeating: 0, count: 1 << 10)
      for key in keys {
        let hash = PlainKey.hash(key)
        hashes[hash >> 6 & 1023] |= 1 << UInt64(hash & 63)
      }
    }

    func mayHold(_ hash: Int) -> Bool { hashes[hash >> 6 & 1023] & 1 << UInt64(hash & 63) != 0 }
  }

  /// The rows of an album that have one of the keys.
  private func matching(_ album: Int, _ wanted: Keys) -> [(row: Int, key: [UInt8])] {
    var result: [(row: Int, key: [UInt8])] = []
    for number in albums.rows(of: album) where wanted.mayHold(albums.lengthsOrHashes.uint16(number &* 2)) {
      guard let row = albums.row(number) else { continue }
      albums.key(row, into: &key)
      if wanted.keys.contains(key) { result.append((number, key)) }
    }
    return result
  }

  private func pairs(_ names: [String], _ titles: [String], _ receive: (NameAnswer) -> Void) {
    let wanted = Keys(titles)
    var left = (albums: SectionNames.mostLookedAt, pairs: NameQuestion.Limit.pairs)
    // A few of no importance would be many if they were all called "Live".
    for number in artists.rows(withKeys: names, NameQuestion.Limit.called) {
      guard let called = artist(number), called.form != .nobody else { continue }
      let list = albums.albums(of: called.artist)
      for index in 0..<min(list.count, left.albums) {
        left.albums &-= 1
        for (row, _) in matching(list.album(index), wanted) {
          guard let album = album(row) else { continue }
          receive(NameAnswer(candidate: album, artist: (called.id, called.key)))
          left.pairs &-= 1
          if left.pairs <= 0 { return }
        }
      }
    }
  }
}

extension NameList {
  /// The rows of the best known that have one of the keys.
  func rows(
    withKeys keys: [String], _ most: Int, budget: Int = .max, where accepts: ((Int) -> Bool)? = nil
  ) -> [Int] {
    var rows: [Int] = []
    var left = budget
    for key in Set(keys) {
      var found = 0
      NameList.withOrderKey(key) { key in
        self.keys.forEach(key) { row in
          left &-= 1
          if accepts?(row) ?? true {
            rows.append(row)
            found += 1
          }
          return found < most && left > 0
        }
      }
    }
    rows.sort()
    return Array(rows.prefix(most))
  }

  /// - Parameter orBeginning: also those of any other length that begin so.
  func rows(
    like ends: SearchQuery.IntactEnds, orBeginning: Bool = false, _ most: Int, where accepts: ((Int) -> Bool)? = nil
  ) -> [Int] {
    var rows: Set<Int> = []
    for (order, text) in [(keys, ends.beginning), (self.ends, ends.reversedEnd)] {
      var least = LeastNumbers(most, where: accepts)
      for length in ends.lengths {
        NameList.withOrderKey(text, length: length) { order.collect(beginning: $0, into: &least) }
      }
      order.finish(&least)
      rows.formUnion(least.numbers)
    }
    if orBeginning { rows.formUnion(self.rows(beginning: ends.beginning, most, where: accepts)) }
    return rows.sorted()
  }

  /// The rows of the best known whose keys begin so.
  func rows(beginning text: String, _ most: Int, where accepts: ((Int) -> Bool)? = nil) -> [Int] {
    var least = LeastNumbers(most, where: accepts)
    let length = text.unicodeScalars.count
    guard length <= Folding.longestKey else { return [] }
    for length in length...Folding.longestKey {
      NameList.withOrderKey(text, length: length) { keys.collect(beginning: $0, into: &least) }
    }
    keys.finish(&least)
    return least.numbers.sorted()
  }

  func rows(withWords words: [String], _ most: Int) -> [Int] {
    var rows: [Int] = []
    forEach(with: words) { row in
      rows.append(row)
      return rows.count < most
    }
    return rows
  }

  /// The rows of well-known artists whose keys have one of the lengths.
  func knownRows(_ lengths: [Int], _ most: Int) -> [Int] {
    let wanted = Set(lengths)
    var rows: [Int] = []
    for row in 0..<lengthsOrHashes.count where wanted.contains(Int(lengthsOrHashes.byte(row))) {
      rows.append(row)
      if rows.count == most { break }
    }
    return rows
  }

  /// Keys lie in the order of their lengths, so that those of one length that begin alike are beside each other.
  static func withOrderKey(_ key: String, length: Int? = nil, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    let length = length ?? key.unicodeScalars.count
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: key.utf8.count + 1) { bytes in
      bytes[0] = UInt8(truncatingIfNeeded: length)
      for (index, byte) in key.utf8.enumerated() { bytes[index + 1] = byte }
      body(UnsafeBufferPointer(bytes))
    }
  }
}
