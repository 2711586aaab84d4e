internal import Core
internal import Metadata
internal import Postgres

/// The rows of the index that artists are found by, a column each.
struct ArtistRows {
  private(set) var keys: [Int] = []
  private var ids: [MBID] = []
  private var forms: [Int] = []
  private var weights: [Int] = []
  private var names: [(key: String, name: String, words: String)] = []

  var count: Int { keys.count }

  /// - Parameter isNobody: whether it stands for no artist. Its albums are no better known for that.
  mutating func add(_ artist: ArtistNames, isNobody: Bool = false) {
    // A rating is a rarer sign of being known than a mention.
    let weight = isNobody ? 0 : artist.references + 20 * artist.ratings
    for entry in NameEntries(name: artist.name, others: artist.credits + [artist.sortName] + artist.aliases).entries {
      keys.append(artist.key)
      ids.append(artist.id)
      forms.append((isNobody ? .nobody : entry.form).rawValue)
      weights.append(weight)
      names.append((entry.key, entry.name, isNobody ? "" : entry.words))
    }
  }

  var parameters: [PostgresParameter] {
    [
      .int8s(keys.map(Int64.init)), .uuids(ids), .int8s(forms.map(Int64.init)), .int8s(weights.map(Int64.init)),
      .texts(names.map(\.key)), .texts(names.map(\.name)),
      .texts(names.map(\.words)),
    ]
  }
}

/// The rows of the index that albums are found by, a column each.
struct AlbumRows {
  private(set) var keys: [Int] = []
  private var ids: [MBID] = []
  private var artists: [Int] = []
  private var forms: [Int] = []
  private var weights: [Int] = []
  private var credits: [String] = []
  private var names: [(key: String, name: String, words: String)] = []

  var count: Int { keys.count }

  mutating func add(_ album: AlbumNames) {
    let weight = (album.releases * (album.type == "Album" ? 3 : 1)) / (album.isSecondary ? 2 : 1) + 5 * album.ratings
    let creditWords = Folding(album.credit).words
    for entry in NameEntries(name: album.title, others: album.aliases).entries {
      keys.append(album.key)
      ids.append(album.id)
      artists.append(album.artistKey)
      forms.append(entry.form.rawValue)
      weights.append(weight)
      credits.append(album.credit)
      // All words of the artist and the album together: they are asked for together.
      let words = entry.words.isEmpty ? creditWords : creditWords + [entry.words]
      names.append((entry.key, entry.name, entry.form.isBare ? "" : words.joined(separator: " ")))
    }
  }

  var parameters: [PostgresParameter] {
    [
      .int8s(keys.map(Int64.init)), .uuids(ids), .int8s(artists.map(Int64.init)), .int8s(forms.map(Int64.init)),
      .int8s(weights.map(Int64.init)), .texts(names.map(\.key)),
      .texts(names.map(\.name)), .texts(credits), .texts(names.map(\.words)),
    ]
  }
}

/// What one artist or album is found by: every key once, in the best of its forms.
struct NameEntries {
  struct Entry: Equatable {
    var form: Candidate.Form
    var key: String
    var name: String
    /// Divided by spaces; empty where another entry of the same name has them.
    var words: String
  }

  private(set) var entries: [Entry] = []

  /// Beyond this they are spam, or a list of everything ever misspelt.
  private static let most = 120
  /// Names longer than this are cut; nobody types more.
  private static let longestName = 300

  init(name: String, others: [String]) {
    var known: Set<String> = []
    add(name, .name, bare: .bareName, &known)
    for other in others.prefix(NameEntries.most) { add(other, .alias, bare: .bareAlias, &known) }
  }

  private mutating func add(
    _ name: String, _ form: Candidate.Form, bare: Candidate.Form, _ known: inout Set<String>
  ) {
    let folding = Folding(name)
    guard !folding.key.isEmpty else { return }
    // A character may have any number of marks.
    let name =
      name.utf8.count > NameEntries.longestName
      ? String(String.UnicodeScalarView(name.unicodeScalars.prefix(NameEntries.longestName))) : name
    if known.insert(folding.key).inserted {
      entries.append(Entry(form: form, key: folding.key, name: name, words: folding.words.joined(separator: " ")))
    }
    for key in [folding.keyWithoutArticle, folding.keyWithoutAnd] {
      guard let key, !key.isEmpty, known.insert(key).inserted else { continue }
      entries.append(Entry(form: bare, key: key, name: name, words: ""))
    }
    guard !folding.words.isEmpty, let signs = NameEntries.signs(of: name), known.insert(signs).inserted else { return }
    entries.append(Entry(form: form.isAlias ? .bareAlias : .bareName, key: signs, name: name, words: ""))
  }

  /// What is left of a name of signs and words when the words are left out: `†††` of `††† (Crosses)`, and of
  /// `Crosses (†††)`. Nil where signs only stand between words.
  private static func signs(of name: String) -> String? {
    var parts: [Substring] = []
    var rest = name[...]
    while let open = rest.firstIndex(where: { "([{".contains($0) }),
      let close = rest[open...].firstIndex(where: { ")]}".contains($0) })
    {
      parts += [rest[..<open], rest[rest.index(after: open)..<close]]
      rest = rest[rest.index(after: close)...]
    }
    guard !parts.isEmpty else { return nil }
    parts.append(rest)
    return parts.lazy.map { Folding(String($0)) }.first { $0.words.isEmpty && !$0.key.isEmpty }?.key
  }
}
