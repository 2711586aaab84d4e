internal import Core
internal import Metadata

/// How ws/2 writes what MusicBrainz's entities have in common.
enum Reading {
  /// The stored 0 to 100 comes divided by 20, not rounded.
  static func rating(_ node: Node) throws(Unusable) -> Rating {
    guard let rating = try node.optionalNode("rating") else { return .none }
    let count = try rating.optionalCount("votes-count") ?? 0
    guard let value = rating.decimal("value"), (0...5).contains(value) else { return Rating(count: count, value: nil) }
    return Rating(count: count, value: Int((value * 20).rounded()))
  }

  /// The most used first.
  static func genres(_ node: Node) throws(Unusable) -> [String] {
    var genres: [(count: Int, name: [UInt8], text: String)] = []
    for genre in try node.nodes("genres") {
      let name = try genre.text("name")
      genres.append((try genre.count("count"), Array(name.utf8), name))
    }
    genres.sort { left, right in
      left.count != right.count ? left.count > right.count : left.name.lexicographicallyPrecedes(right.name)
    }
    return genres.map(\.text)
  }

  /// The pages that an entity has relationships with, each once. ws/2 does not tell in which order they were entered;
  /// sorted, they are the same every time.
  static func links(_ node: Node) throws(Unusable) -> [String] {
    var links: [String] = []
    for relation in try node.nodes("relations") where try relation.text("target-type") == "url" {
      links.append(try relation.node("url").text("resource"))
    }
    return unique(links)
  }

  /// Each once, in the order of their bytes. Swift would take two texts for equal that MusicBrainz tells apart.
  static func unique(_ texts: [String]) -> [String] {
    var sorted = texts.map { (bytes: Array($0.utf8), text: $0) }
    sorted.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    return sorted.indices.filter { $0 == 0 || sorted[$0].bytes != sorted[$0 - 1].bytes }.map { sorted[$0].text }
  }

  /// The aliases of no type, or of this one.
  ///
  /// - Parameter type: by its id, which has been the same in every copy of MusicBrainz.
  static func aliases(_ node: Node, type: MBID) throws(Unusable) -> [Node] {
    var aliases: [Node] = []
    for alias in try node.nodes("aliases") {
      guard try alias.optionalText("type-id").map({ MBID($0) == type }) ?? true else { continue }
      aliases.append(alias)
    }
    return aliases
  }

  /// The artists that a credit names, in its order.
  static func credit(_ node: Node) throws(Unusable) -> [CreditedArtist] {
    var artists: [CreditedArtist] = []
    for entry in try node.nodes("artist-credit") {
      let artist = try entry.node("artist")
      artists.append(CreditedArtist(id: try artist.mbid("id"), name: try artist.text("name")))
    }
    return artists
  }

  static func firstArtist(_ node: Node) throws(Unusable) -> CreditedArtist {
    guard let first = try credit(node).first else { throw Unusable("something is credited to nobody") }
    return first
  }
}

struct CreditedArtist {
  let id: MBID
  /// Its own name, not the one that is printed.
  let name: String
}
