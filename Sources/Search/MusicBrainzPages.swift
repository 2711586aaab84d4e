internal import Core

/// What MusicBrainz's search has answered to one request, as candidates.
///
/// Its score says how well the words fit, and of two artists of one name nothing. But its answers tell how much people
/// have written about an artist: names that it is known by, votes for tags, numbers in other registers. And whoever is
/// meant has albums among the answers, if albums were asked for.
struct MusicBrainzPages {
  private let pages: [JSONValue]
  /// How many of the albums each artist has.
  private var albums: [String: Int] = [:]

  /// What its own score is worth: less than being known, more than nothing.
  private static let trust = 0.25

  init(_ pages: [JSONValue]) {
    self.pages = pages
    for credit in pages.flatMap({ $0["release-groups"].elements }).flatMap({ $0["artist-credit"].elements }) {
      if let id = credit["artist"]["id"].text { albums[id, default: 0] += 1 }
    }
  }

  func add(for query: SearchQuery, to finds: inout Finds) {
    for page in pages {
      for artist in page["artists"].elements { add(artist: artist, query, to: &finds) }
      for album in page["release-groups"].elements { add(album: album, query, to: &finds) }
    }
  }

  private func add(artist: JSONValue, _ query: SearchQuery, to finds: inout Finds) {
    guard let id = artist["id"].text.flatMap({ MBID($0) }), let name = artist["name"].text else { return }
    let aliases = artist["aliases"].elements.compactMap(\.["name"].text)
    let registers = artist["isnis"].elements.count + artist["ipis"].elements.count
    let signs =
      aliases.count + registers + MusicBrainzPages.votes(artist) + 3 * (artist["id"].text.flatMap { albums[$0] } ?? 0)
    // As much is said of the best known hundreds.
    let known = 0.65 * MusicBrainzPages.share(signs, of: 300)
    let entries = NameEntries(name: name, others: [artist["sort-name"].text].compactMap(\.self) + aliases)
    for entry in entries.entries {
      finds.add(
        candidate(id, entry, artist, known), MusicBrainzPages.holds(entry.name, query) ? .artistsByWords : .artists)
    }
  }

  private func add(album: JSONValue, _ query: SearchQuery, to finds: inout Finds) {
    guard let id = album["id"].text.flatMap({ MBID($0) }), let title = album["title"].text else { return }
    let credits = album["artist-credit"].elements
    let credit = credits.map { ($0["name"].text ?? "") + ($0["joinphrase"].text ?? "") }.joined()
    let releases = min(max(album["count"].int ?? 0, 0), 1_000)
    let known = 0.55 * MusicBrainzPages.share(releases + MusicBrainzPages.votes(album), of: 150)
    for entry in NameEntries(name: title, others: []).entries {
      var candidate = candidate(id, entry, album, known)
      candidate.credit = credit
      finds.add(
        candidate, MusicBrainzPages.holds("\(credit) \(entry.name)", query) ? .albumsByWords : .albums)
      finds.add(candidate, .albumsWithParts)
      for named in credits {
        guard let artist = named["artist"]["id"].text.flatMap({ MBID($0) }) else { continue }
        for name in [named["name"].text, named["artist"]["name"].text].compactMap(\.self) {
          for artistEntry in NameEntries(name: name, others: []).entries {
            finds.add(pair: candidate, artist: artist, calledAs: artistEntry.key)
          }
        }
      }
    }
  }

  /// Whether all words are there: it also finds what has only some of them.
  private static func holds(_ name: String, _ query: SearchQuery) -> Bool {
    Set(query.folding.words).isSubset(of: Folding(name).words)
  }

  /// How many people have voted for a tag of it.
  private static func votes(_ found: JSONValue) -> Int {
    found["tags"].elements.reduce(0) { $0 + min(max($1["count"].int ?? 0, 0), 1_000) }
  }

  /// 0…1.
  private static func share(_ signs: Int, of most: Int) -> Double {
    min(1, Scale.logarithm(min(max(signs, 0), 1 << 20)) / Scale.logarithm(most))
  }

  private func candidate(_ id: MBID, _ entry: NameEntries.Entry, _ found: JSONValue, _ known: Double) -> Candidate {
    // From 0 to 100, by its word.
    let score = min(max(found["score"].int ?? 0, 0), 100)
    return Candidate(
      id: id, artist: 0, form: entry.form, popularity: MusicBrainzPages.trust * Double(score) / 100 + known,
      key: entry.key, name: entry.name)
  }
}
