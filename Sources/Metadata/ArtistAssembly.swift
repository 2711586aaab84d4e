public import Core

/// Puts artists and their albums together from rows. The integers are keys of the database.
public struct ArtistAssembly {
  private var idOfAsked: [MBID: Int] = [:]
  private var artistOfID: [Int: Artist] = [:]
  private var albumsOfArtist: [Int: RowList<Int, AlbumSummary>] = [:]
  private var nameOfStatus: [Int: String] = [:]
  /// Few combinations occur, and each is made once.
  private var statusesOfKeys: [[Int]: [String]] = [:]

  public init() {}

  public mutating func add(artist: Artist, id: Int, asked: MBID) {
    idOfAsked[asked] = id
    artistOfID[id] = artist
  }

  public mutating func add(status: String, id: Int) { nameOfStatus[id] = status }

  /// Adds an album, or one more merged id or secondary type of an album that is there.
  public mutating func add(album: AlbumSummary, id: Int, artist: Int) {
    albumsOfArtist[artist, default: RowList(merge: ArtistAssembly.merge)].add(album, id)
  }

  private static func merge(_ album: inout AlbumSummary, _ row: AlbumSummary) {
    album.mergedIDs.insertInOrder(row.mergedIDs)
    album.secondaryTypes.append(contentsOf: row.secondaryTypes.filter { !album.secondaryTypes.contains($0) })
    album.secondaryTypes.sort()
  }

  /// The names of statuses, each once and sorted. Key 0 is that of releases without one.
  public mutating func statuses(_ keys: [Int]) throws(AssemblyFailure) -> [String] {
    if let known = statusesOfKeys[keys] { return known }
    var names: Set<String> = []
    for key in keys {
      guard let name = key == 0 ? "" : nameOfStatus[key] else {
        throw AssemblyFailure("a release has a status that is not there")
      }
      names.insert(name)
    }
    let sorted = names.sorted()
    statusesOfKeys[keys] = sorted
    return sorted
  }

  /// Whether everybody who was asked for was found, with an album, and a release of one: then neither the tables of
  /// albums nor that of releases are empty.
  public func isWhole(asked: Int, albumless: Set<MBID>) -> Bool {
    idOfAsked.count == asked
      && idOfAsked.values.allSatisfy { id in
        guard let artist = artistOfID[id], !albumless.contains(artist.id) else { return true }
        return albumsOfArtist[id]?.contains { !$0.statuses.isEmpty } ?? false
      }
  }

  public var artists: [MBID: Artist] { idOfAsked.compactMapValues { artistOfID[$0] } }

  /// Each with its albums in the order of their keys.
  public var discographies: [MBID: Discography] {
    let albumsOfArtist = albumsOfArtist.mapValues(\.inOrder)
    return idOfAsked.compactMapValues { id in
      artistOfID[id].map { Discography(artist: $0, albums: albumsOfArtist[id] ?? []) }
    }
  }
}
