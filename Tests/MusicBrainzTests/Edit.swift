import Core
import Metadata

/// An edit of the small world in Tests/TestMusicBrainz/SQL/world.sql, and what is to be told of it.
struct Edit: CustomStringConvertible {
  var description: String
  var sql: String
  /// What is told where changes are recorded.
  var told: EntityChanges
  /// What the times in the rows tell.
  var timed: EntityChanges
  /// Whether it concerns whatever is stored.
  var isEverything = false

  init(
    _ description: String, _ sql: String, _ told: EntityChanges, timed: EntityChanges? = nil, isEverything: Bool = false
  ) {
    self.description = description
    self.sql = sql
    self.told = told
    self.timed = timed ?? told
    self.isEverything = isEverything
  }
}

extension EntityChanges {
  static let nothing = EntityChanges()

  /// By the keys of the world.
  static func of(
    artists: [Int] = [], discographies: [Int] = [], albums: [Int] = [], series: [Int] = [],
    spotifyArtists: [String] = [], spotifyAlbums: [String] = []
  ) -> EntityChanges {
    func ids(_ keys: [Int]) -> Set<MBID> { Set(keys.map { MBID(high: 0xf000_0000_0000_4000, low: world($0)) }) }
    // The key is written in decimal digits.
    func world(_ key: Int) -> UInt64 { 0x8000_0000_0000_0000 | (UInt64("\(key)", radix: 16) ?? 0) }
    var changes = EntityChanges()
    changes.artists = ids(artists)
    changes.discographies = ids(discographies)
    changes.albums = ids(albums)
    changes.series = ids(series)
    changes.spotifyArtists = Set(spotifyArtists)
    changes.spotifyAlbums = Set(spotifyAlbums)
    return changes
  }

  static func - (left: EntityChanges, right: EntityChanges) -> EntityChanges {
    var rest = EntityChanges()
    rest.artists = left.artists.subtracting(right.artists)
    rest.discographies = left.discographies.subtracting(right.discographies)
    rest.albums = left.albums.subtracting(right.albums)
    rest.series = left.series.subtracting(right.series)
    rest.spotifyArtists = left.spotifyArtists.subtracting(right.spotifyArtists)
    rest.spotifyAlbums = left.spotifyAlbums.subtracting(right.spotifyAlbums)
    return rest
  }

  var count: Int {
    artists.count + discographies.count + albums.count + series.count + spotifyArtists.count + spotifyAlbums.count
  }
}

extension EntityChanges {
  /// For failed expectations.
  var text: String {
    var parts: [String] = []
    for (name, ids) in [
      ("artists", artists), ("discographies", discographies), ("albums", albums), ("series", series),
    ] where !ids.isEmpty { parts.append("\(name) \(ids.map(\.description).sorted())") }
    if !spotifyArtists.isEmpty { parts.append("Spotify artists \(spotifyArtists.sorted())") }
    if !spotifyAlbums.isEmpty { parts.append("Spotify albums \(spotifyAlbums.sorted())") }
    return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
  }
}
