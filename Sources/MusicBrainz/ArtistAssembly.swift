internal import Core
internal import Metadata
internal import Postgres

/// Puts artists and their albums together from rows. The integers are keys of the database.
struct ArtistAssembly {
  private var idOfAsked: [MBID: Int] = [:]
  private var artistOfID: [Int: Artist] = [:]
  private var albumsOfArtist: [Int: RowList<Int, AlbumSummary>] = [:]
  /// Whose lists are not to be believed.
  private(set) var uncredited = UncreditedAlbums()
  private var nameOfStatus: [Int: String] = [:]
  /// Few combinations occur, and each is made once.
  private var statusesOfKeys: [[Int]: [String]] = [:]

  mutating func add(artist: Artist, id: Int, asked: MBID) {
    idOfAsked[asked] = id
    artistOfID[id] = artist
  }

  mutating func add(status: String, id: Int) { nameOfStatus[id] = status }

  /// Adds an album, or one more merged id or secondary type of an album that is there.
  mutating func add(album: AlbumSummary, id: Int, artist: Int) {
    albumsOfArtist[artist, default: RowList(merge: ArtistAssembly.merge)].add(album, id)
  }

  private static func merge(_ album: inout AlbumSummary, _ row: AlbumSummary) {
    album.mergedIDs.insertInOrder(row.mergedIDs)
    album.secondaryTypes.append(contentsOf: row.secondaryTypes.filter { !album.secondaryTypes.contains($0) })
    album.secondaryTypes.sort()
  }

  /// The names of statuses, each once and sorted. Key 0 is that of releases without one.
  mutating func statuses(_ keys: [Int]) throws(PostgresFailure) -> [String] {
    if let known = statusesOfKeys[keys] { return known }
    var names: Set<String> = []
    for key in keys {
      guard let name = key == 0 ? "" : nameOfStatus[key] else {
        throw PostgresFailure(.misunderstood, "a release has a status that is not there")
      }
      names.insert(name)
    }
    let sorted = names.sorted()
    statusesOfKeys[keys] = sorted
    return sorted
  }

  /// Whether everybody who was asked for was found, with an album, and a release of one: then neither the tables of
  /// albums nor that of releases are empty.
  func isWhole(asked: Int, albumless: Set<MBID>) -> Bool {
    idOfAsked.count == asked
      && idOfAsked.values.allSatisfy { id in
        guard let artist = artistOfID[id], !albumless.contains(artist.id) else { return true }
        return albumsOfArtist[id]?.contains { !$0.statuses.isEmpty } ?? false
      }
  }

  var artists: [MBID: Artist] { idOfAsked.compactMapValues { artistOfID[$0] } }

  /// Each with its albums in the order of their keys.
  var discographies: [MBID: Discography] {
    let albumsOfArtist = albumsOfArtist.mapValues(\.inOrder)
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
    case .uncreditedNewest: uncredited = try UncreditedAlbums(&row)
    case .releaseStatuses:
      let id = try row.int()
      add(status: try row.text(), id: id)
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
    artist.localeAliases = ArtistAssembly.localeAliases(try row.texts())
    add(artist: artist, id: id, asked: asked)
  }

  /// Reads aliases for locales, four texts each.
  private static func localeAliases(_ texts: [String]) -> [LocaleAlias] {
    stride(from: 0, to: texts.count - 3, by: 4).map { index in
      LocaleAlias(
        locale: texts[index], name: texts[index + 1], sortName: texts[index + 2], isPrimary: texts[index + 3] == "1")
    }
  }

  private mutating func addAlbum(_ row: inout PostgresRow) throws(PostgresFailure) {
    let artist = try row.int()
    let id = try row.int()
    var album = AlbumSummary(id: try row.uuid(), title: try row.text())
    album.primaryType = try row.optionalName(of: "type")
    album.firstReleaseDate = try row.partialDate()
    album.rating = try row.rating()
    album.statuses = try statuses(try row.ints())
    if let merged = try row.optionalUUID() { album.mergedIDs = [merged] }
    if let type = try row.optionalName(of: "secondary type") { album.secondaryTypes = [type] }
    add(album: album, id: id, artist: artist)
  }
}

extension PostgresRow {
  /// Reads the three columns of a date.
  mutating func partialDate() throws(PostgresFailure) -> PartialDate {
    PartialDate(year: try optionalInt(), month: try optionalInt(), day: try optionalInt())
  }

  /// Reads the name of what a row refers to. Null: it refers to nothing; empty: what it refers to is not there.
  mutating func optionalName(of what: String) throws(PostgresFailure) -> String? {
    let name = optionalText()
    if name == "" { throw PostgresFailure(.misunderstood, "a row has a \(what) that is not there") }
    return name
  }

  /// Reads the columns for how many rated, and how.
  mutating func rating() throws(PostgresFailure) -> Rating {
    Rating(count: try optionalInt() ?? 0, value: try optionalInt())
  }
}
