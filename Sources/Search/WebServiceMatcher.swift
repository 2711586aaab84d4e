public import Core
public import Metadata

/// Matches names by the search of MusicBrainz' web service, several with each request.
///
/// What there is no time left for is thrown as not answered: nobody is told that a name fits nothing because it was not
/// its turn. The transport keeps what was answered, so that the next try goes on from there.
public final class WebServiceMatcher: Matcher {
  private let url: String
  private let transport: any SearchTransport

  /// Names in one request. Of more, those with the rarest words would leave no room for the others.
  private static let (albumsTogether, artistsTogether) = (8, 4)
  private static let pageLength = 100

  /// - Parameter url: of the web service, without a slash at its end.
  public init(url: String, transport: any SearchTransport) {
    self.url = url
    self.transport = transport
  }

  public func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
    let clauses = names.map(WebServiceMatcher.clause(for:))
    let found = try find(clauses, "release-group", WebServiceMatcher.albumsTogether, by: deadline) { clause, page in
      let albums = page["release-groups"].elements.compactMap(FoundAlbum.init)
      return zip(names, clauses).contains { $1 == clause && FoundAlbum.best(of: albums, for: $0) != nil }
    }
    return zip(names, clauses).map { name, clause in
      FoundAlbum.best(
        of: found[clause, default: .null]["release-groups"].elements.compactMap(FoundAlbum.init), for: name)
    }
  }

  public func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
    let clauses = names.map(WebServiceMatcher.clause(for:))
    let found = try find(clauses, "artist", WebServiceMatcher.artistsTogether, by: deadline) { clause, page in
      let artists = page["artists"].elements.compactMap(FoundArtist.init)
      return zip(names, clauses).contains { $1 == clause && FoundArtist.best(of: artists, for: $0) != nil }
    }
    return zip(names, clauses).map { name, clause in
      FoundArtist.best(of: found[clause, default: .null]["artists"].elements.compactMap(FoundArtist.init), for: name)
    }
  }

  // MARK: - Questions

  /// In Lucene's language; empty for a name without words. Names that differ only in what shops add have the same.
  private static func clause(for name: AlbumName) -> String {
    let title = Relaxation(name.title).phrase
    let least = title.length(0..<title.words.count) / 3
    let plain = title.readings(in: 0..<title.words.count).filter {
      $0.cut >= .divider && $0.range.lowerBound == 0 && title.length($0.range) >= least
    }
    let most = plain.max { $0.cost < $1.cost }?.range ?? 0..<title.words.count
    let artist = artistText(name.artist)
    guard !title.words[most].isEmpty, !artist.isEmpty else { return "" }
    let titles = quoted(title.words[most].joined(separator: " "))
    return "(releasegroup:\(titles) AND (artist:\(artist) OR artistname:\(artist) OR creditname:\(artist)))"
  }

  private static func clause(for name: String) -> String {
    let text = artistText(name)
    return text.isEmpty ? "" : "(artist:\(text) OR alias:\(text))"
  }

  /// The first of those who are named together.
  private static func artistText(_ name: String) -> String {
    let text = Relaxation(name).firstArtist ?? Phrase(name).words.joined(separator: " ")
    return text.isEmpty ? "" : quoted(text)
  }

  private static func quoted(_ text: String) -> String { "\"\(MusicBrainzSearch.escaped(text))\"" }

  // MARK: - Asking

  /// Asks several clauses together, and once more for each that had no room beside the others.
  ///
  /// - Parameter isAnswered: whether a page has what the clause asks for.
  /// - Returns: a page for each clause.
  private func find(
    _ clauses: [String], _ entity: String, _ together: Int, by deadline: Deadline,
    _ isAnswered: (String, JSONValue) -> Bool
  ) throws(SourceError) -> [String: JSONValue] {
    var known: Set<String> = [""]
    var rest = clauses.filter { known.insert($0).inserted }[...]
    var pages: [String: JSONValue] = [:]
    while !rest.isEmpty {
      let some = rest.prefix(together)
      rest = rest.dropFirst(together)
      let page = try page(entity, some.joined(separator: " OR "), by: deadline)
      let isCut = (page["count"].int ?? 0) > WebServiceMatcher.pageLength
      for clause in some {
        pages[clause] =
          isCut && some.count > 1 && !isAnswered(clause, page) ? try self.page(entity, clause, by: deadline) : page
      }
    }
    return pages
  }

  private func page(_ entity: String, _ query: String, by deadline: Deadline) throws(SourceError) -> JSONValue {
    let text = PercentEncoding.encoded(query)
    let answers = transport.get(
      ["\(url)/\(entity)?fmt=json&limit=\(WebServiceMatcher.pageLength)&query=\(text)"], by: deadline)
    guard let answer = answers.first else { throw SourceError(.failed, "webservice: no answer") }
    let page = try answer.get()
    guard page.status == 200 else {
      throw SourceError(page.status >= 500 ? .unavailable : .failed, "webservice: answers \(page.status)")
    }
    guard let json = JSONValue(page.body), json["\(entity)s"].isArray else {
      throw SourceError(.failed, "webservice: answers what is not JSON")
    }
    return json
  }
}

// MARK: - Answers

/// An album among the answers.
private struct FoundAlbum {
  let match: AlbumMatch
  private let titles: [String: Candidate.Form]
  private let artists: Set<String>
  private let weight: Int

  init?(_ json: JSONValue) {
    let credits = json["artist-credit"].elements
    guard let id = json["id"].text.flatMap({ MBID($0) }), let title = json["title"].text,
      let artistID = credits.first?["artist"]["id"].text.flatMap({ MBID($0) }),
      let artist = credits.first?["artist"]["name"].text
    else { return nil }
    match = AlbumMatch(
      id: id, title: title, artistID: artistID, artist: artist,
      date: PartialDate(searched: json["first-release-date"].text ?? ""))
    let entries = NameEntries(name: title, others: []).entries
    titles = Dictionary(entries.map { ($0.key, $0.form) }) { first, _ in first }
    var names = [credits.map { ($0["name"].text ?? "") + ($0["joinphrase"].text ?? "") }.joined()]
    for credit in credits {
      names += [credit["name"].text, credit["artist"]["name"].text].compactMap(\.self)
      names += credit["artist"]["aliases"].elements.compactMap(\.["name"].text)
    }
    artists = Set(NameEntries(name: names[0], others: Array(names.dropFirst())).entries.map(\.key))
    weight = signs(json, ["count"])
  }

  static func best(of albums: [FoundAlbum], for name: AlbumName) -> AlbumMatch? {
    for title in MatchKeys.title(name.title) {
      for artist in MatchKeys.artist(name.artist) {
        let fitting = albums.filter { $0.titles[title] != nil && $0.artists.contains(artist) }
        let best = fitting.min { left, right in
          let forms = [left, right].map { $0.titles[title]?.rawValue ?? .max }
          return forms[0] != forms[1] ? forms[0] < forms[1] : left.weight > right.weight
        }
        if let best { return best.match }
      }
    }
    return nil
  }
}

/// An artist among the answers.
private struct FoundArtist {
  let match: ArtistMatch
  private let forms: [String: Candidate.Form]
  private let weight: Int

  init?(_ json: JSONValue) {
    guard let id = json["id"].text.flatMap({ MBID($0) }), let name = json["name"].text else { return nil }
    match = ArtistMatch(id: id, name: name)
    let aliases = json["aliases"].elements.compactMap(\.["name"].text)
    let entries = NameEntries(name: name, others: [json["sort-name"].text].compactMap(\.self) + aliases).entries
    forms = Dictionary(entries.map { ($0.key, $0.form) }) { first, _ in first }
    weight = aliases.count + json["isnis"].elements.count + json["ipis"].elements.count + signs(json, [])
  }

  static func best(of artists: [FoundArtist], for name: String) -> ArtistMatch? {
    for key in MatchKeys.artist(name) {
      let fitting = artists.filter { $0.forms[key] != nil }
      let best = fitting.min { left, right in
        let isName = [left, right].map { $0.forms[key] == .name }
        return isName[0] != isName[1] ? isName[0] : left.weight > right.weight
      }
      if let best { return best.match }
    }
    return nil
  }
}

/// How much has been written about something: votes for its tags, and these numbers.
private func signs(_ json: JSONValue, _ numbers: [String]) -> Int {
  let votes = json["tags"].elements.reduce(0) { $0 + min(max($1["count"].int ?? 0, 0), 1_000) }
  return numbers.reduce(votes) { $0 + min(max(json[$1].int ?? 0, 0), 1_000) }
}

extension PartialDate {
  /// `1999`, `1999-06`, `1999-06-15`.
  fileprivate init(searched text: String) {
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    self.init(
      year: numbers.first ?? nil, month: numbers.count > 1 ? numbers[1] : nil, day: numbers.count > 2 ? numbers[2] : nil
    )
  }
}
