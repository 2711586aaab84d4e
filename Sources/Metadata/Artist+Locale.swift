extension Artist {
  /// The artist called by the primary alias of the first of these locales that has one. Its own name is an alias then.
  func called(in locales: [String]) -> Artist {
    guard !locales.isEmpty, let alias = locales.lazy.compactMap(primaryAlias).first, alias.name != name else {
      return self
    }
    var artist = self
    artist.name = alias.name
    artist.sortName = alias.sortName
    artist.aliases.removeAll { $0 == alias.name || $0 == name }
    artist.aliases.insert(name, at: 0)
    return artist
  }

  /// That of the locale itself, else of one of its kinds: `en` is also `en_GB`.
  private func primaryAlias(in locale: String) -> LocaleAlias? {
    let locale = Artist.canonical(locale)
    let primary = localeAliases.filter(\.isPrimary)
    return primary.first { Artist.canonical($0.locale) == locale }
      ?? primary.first { Artist.canonical($0.locale).hasPrefix(locale + "_") }
  }

  private static func canonical(_ locale: String) -> String {
    String(locale.lowercased().map { $0 == "-" ? "_" : $0 })
  }
}
