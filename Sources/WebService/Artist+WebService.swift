internal import Core
internal import Metadata

extension Artist {
  /// The alias type "Artist name".
  private static let aliasType: MBID = "894afba6-2816-3c24-8072-eadb66bd04bc"

  /// Reads the answer to ``Question/artist(_:)``.
  init(ws2 node: Node) throws(Unusable) {
    self.init(id: try node.mbid("id"), name: try node.text("name"), sortName: try node.text("sort-name"))
    disambiguation = try node.note("disambiguation")
    type = try node.optionalText("type")
    hasEnded = try node.optionalNode("life-span")?.isTrue("ended") ?? false
    rating = try Reading.rating(node)
    links = try Reading.links(node)
    genres = try Reading.genres(node)
    let known = try Reading.aliases(node, type: Artist.aliasType)
    var names: [String] = []
    for alias in known {
      let name = try alias.text("name")
      names.append(name)
      guard let locale = try alias.optionalText("locale") else { continue }
      localeAliases.append(
        LocaleAlias(
          locale: locale, name: name, sortName: try alias.note("sort-name"), isPrimary: alias.isTrue("primary")))
    }
    aliases = Reading.unique(names)
    localeAliases.sort { left, right in
      if !left.locale.utf8.elementsEqual(right.locale.utf8) {
        return left.locale.utf8.lexicographicallyPrecedes(right.locale.utf8)
      }
      return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
  }
}
