internal import Core
internal import Metadata

/// What changed rows refer to, on the way to the documents that show them. The integers are keys of the database.
struct ChangeSeeds {
  enum Kind: String {
    /// Concerns whatever is stored, or nobody can tell what.
    case everything
    case artist, discographyOfArtist, seriesOfArtist
    case album, discography, seriesOfGroup
    case release, discographyOfRelease
    /// Releases that may be listed otherwise.
    case listing
    case medium, listingOfMedium, discographyOfMedium, track
    case recording, listingOfRecording, discographyOfRecording
    /// Recordings whose length tracks without one have.
    case lengthOfRecording
    case series, area, label, tag, url
    /// By id.
    case artistID, discographyID, albumID, seriesID
    /// By name.
    case genre, spotifyArtist, spotifyAlbum
  }

  private var keys: [Kind: Set<Int64>] = [:]
  private(set) var genres: Set<String> = []
  /// What is known already.
  var changes = EntityChanges()
  var isEverything = false

  func keys(_ kind: Kind) -> [Int64] { keys[kind].map { $0.sorted() } ?? [] }

  var hasKeys: Bool { !keys.isEmpty || !genres.isEmpty }

  mutating func add(_ kind: Kind, _ key: Int64) { keys[kind, default: []].insert(key) }

  /// Adds one row of an answer. One that leads nowhere leads everywhere: a reference was not understood.
  mutating func add(_ kind: Kind, key: Int64?, id: MBID?, name: String?) {
    switch (kind, key, id, name) {
    case (.artistID, _, let id?, _): changes.artists.insert(id)
    case (.discographyID, _, let id?, _): changes.discographies.insert(id)
    case (.albumID, _, let id?, _): changes.albums.insert(id)
    case (.seriesID, _, let id?, _): changes.series.insert(id)
    case (.genre, _, _, let name?): genres.insert(name)
    case (.spotifyArtist, _, _, let name?): changes.spotifyArtists.insert(name)
    case (.spotifyAlbum, _, _, let name?): changes.spotifyAlbums.insert(name)
    case (_, let key?, _, _) where kind != .everything: add(kind, key)
    default: isEverything = true
    }
  }
}
