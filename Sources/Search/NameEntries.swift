public import Metadata

/// What one artist or album is found by: every key once, in the best of its forms.
struct NameEntries {
  struct Entry: Equatable {
    var form: Candidate.Form
    var key: String
    var name: String
    /// Divided by spaces; empty where another entry of the same name has them.
    var words: String

    /// All words of an album and of its artists together: they are asked for together.
    func words(with creditWords: [String]) -> String {
      if form.isBare { return "" }
      return (words.isEmpty ? creditWords : creditWords + [words]).joined(separator: " ")
    }
  }

  private(set) var entries: [Entry] = []

  /// Beyond this they are spam, or a list of everything ever misspelt.
  private static let most = 120
  /// Names longer than this are cut; nobody types more.
  private static let longestName = 300

  init(_ artist: ArtistNames) {
    self.init(name: artist.name, others: artist.credits + [artist.sortName] + artist.aliases)
  }

  init(_ album: AlbumNames) { self.init(name: album.title, others: album.aliases) }

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

extension ArtistNames {
  /// How well known the artist is. A rating is a rarer sign of it than a mention.
  public var weight: Int { max(0, references) &+ 20 &* max(0, ratings) }
}

extension AlbumNames {
  /// How well known the album is by itself.
  var weight: Int { max(0, releases) &* (type == "Album" ? 3 : 1) / (isSecondary ? 2 : 1) &+ 5 &* max(0, ratings) }
}
