internal import Core
internal import Metadata
internal import Postgres

/// Puts artists and their albums together from rows.
struct ArtistAssembly {
  private var idOfAsked: [MBID: Int] = [:]
  private var artistOfID: [Int: Artist] = [:]
  private var entries: [AlbumEntry] = []
  private var statuses: [Int: [String]] = [:]

  /// A release group in the list of an artist. Both are keys of the database.
  struct AlbumEntry: Equatable {
    var artist: Int
    var id: Int
    var album: AlbumSummary
  }

  mutating func add(artist: Artist, id: Int, asked: MBID) {
    idOfAsked[asked] = id
    artistOfID[id] = artist
  }

  /// Adds an album, or one more merged id or secondary type of the album that was added last.
  mutating func add(album entry: AlbumEntry) {
    // In place: a copy of the last entry would be made, and its strings retained, for every row.
    let index = entries.count - 1
    guard index >= 0, entries[index].id == entry.id, entries[index].artist == entry.artist else {
      entries.append(entry)
      return
    }
    for id in entry.album.mergedIDs where !entries[index].album.mergedIDs.contains(id) {
      entries[index].album.mergedIDs.append(id)
    }
    for type in entry.album.secondaryTypes where !entries[index].album.secondaryTypes.contains(type) {
      entries[index].album.secondaryTypes.append(type)
    }
  }

  mutating func add(status: String, ofAlbum id: Int) { statuses[id, default: []].append(status) }

  var artists: [MBID: Artist] { idOfAsked.compactMapValues { artistOfID[$0] } }

  func discographies() -> [MBID: Discography] {
    var albumsOfArtist: [Int: [AlbumSummary]] = [:]
    for entry in entries {
      var album = entry.album
      album.secondaryTypes.sort()
      album.statuses = (statuses[entry.id] ?? []).sorted()
      albumsOfArtist[entry.artist, default: []].append(album)
    }
    return idOfAsked.compactMapValues { id in
      artistOfID[id].map { Discography(artist: $0, albums: albumsOfArtist[id] ?? []) }
    }
  }
}

extension ArtistAssembly {
  mutating func add(_ row: inout PostgresRow, of statement: Statement) throws(PostgresFailure) {
    switch statement {
    case .artists: try addArtist(&row)
    case .artistAlbums: try addAlbum(&row)
    case .artistAlbumStatuses:
      let album = try row.int()
      add(status: row.optionalText() ?? "", ofAlbum: album)
    default: break
    }
  }

  private mutating func addArtist(_ row: inout PostgresRow) throws(PostgresFailure) {
    let asked = try row.uuid()
    let id = try row.int()
    var artist = Artist(id: try row.uuid(), name: try row.text(), sortName: try row.text())
    artist.disambiguation = try row.text()
    artist.type = row.optionalText()
    artist.hasEnded = try row.bool()
    artist.rating = try row.rating()
    artist.mergedIDs = try row.uuids()
    artist.aliases = try row.texts()
    artist.links = try row.texts()
    artist.genres = try row.texts()
    add(artist: artist, id: id, asked: asked)
  }

  private mutating func addAlbum(_ row: inout PostgresRow) throws(PostgresFailure) {
    let artist = try row.int()
    let id = try row.int()
    var album = AlbumSummary(id: try row.uuid(), title: try row.text())
    album.primaryType = row.optionalText()
    album.firstReleaseDate = try row.partialDate()
    album.rating = try row.rating()
    if let merged = try row.optionalUUID() { album.mergedIDs = [merged] }
    if let type = row.optionalText() { album.secondaryTypes = [type] }
    add(album: AlbumEntry(artist: artist, id: id, album: album))
  }
}

extension PostgresRow {
  /// Reads the three columns of a date.
  mutating func partialDate() throws(PostgresFailure) -> PartialDate {
    PartialDate(year: try optionalInt(), month: try optionalInt(), day: try optionalInt())
  }

  /// Reads the columns for how many rated, and how.
  mutating func rating() throws(PostgresFailure) -> Rating {
    Rating(count: try optionalInt() ?? 0, value: try optionalInt())
  }
}
