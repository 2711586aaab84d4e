internal import Core
internal import Metadata

extension Album {
  /// The alias type "Release group name".
  private static let aliasType: MBID = "156e24ca-8746-3cfc-99ae-0a867c765c67"

  /// Reads the answer to ``Question/releaseGroup(_:)``; the releases are added later.
  init(ws2 node: Node) throws(Unusable) {
    self.init(
      id: try node.mbid("id"), title: try node.text("title"), artistID: try Reading.firstArtist(node).id)
    artistIDs = [artistID]
    disambiguation = try node.note("disambiguation")
    primaryType = try node.optionalText("primary-type")
    secondaryTypes = try node.texts("secondary-types").sorted()
    firstReleaseDate = try node.date("first-release-date")
    rating = try Reading.rating(node)
    links = try Reading.links(node)
    genres = try Reading.genres(node)
    var names: [String] = []
    for alias in try Reading.aliases(node, type: Album.aliasType) { names.append(try alias.text("name")) }
    aliases = Reading.unique(names)
  }

  mutating func add(_ pressings: [Pressing]) {
    let ordered = pressings.sorted { $0.release.isListed(before: $1.release) }
    list(ordered.map(\.release))
    var known = Set(artistIDs)
    for artist in ordered.lazy.flatMap(\.artists) where known.insert(artist).inserted { artistIDs.append(artist) }
  }
}

extension [Pressing] {
  /// The different statuses, sorted; an empty one for releases without.
  var statuses: [String] { Set(lazy.filter(\.counts).map { $0.release.status ?? "" }).sorted() }
}
