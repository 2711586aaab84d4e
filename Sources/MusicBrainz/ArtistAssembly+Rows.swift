internal import Core
internal import Metadata
internal import Postgres

/// Artists with their albums, and whether anybody's list may lack some.
struct DiscographyRows {
  var assembly = ArtistAssembly()
  var uncredited = UncreditedAlbums()

  mutating func add(_ row: inout PostgresRow, of statement: Statement) throws(PostgresFailure) {
    switch statement {
    case .uncreditedNewest: uncredited = try UncreditedAlbums(&row)
    default: try assembly.add(&row, of: statement)
    }
  }
}

extension ArtistAssembly {
  mutating func add(_ row: inout PostgresRow, of statement: Statement) throws(PostgresFailure) {
    switch statement {
    case .artists: try addArtist(&row)
    case .artistAlbums: try addAlbum(&row)
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
    let keys = try row.ints()
    album.statuses = try assembling { () throws(AssemblyFailure) in try statuses(keys) }
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

/// Takes rows that do not fit together for an answer that cannot be understood.
func assembling<Answer>(_ work: () throws(AssemblyFailure) -> Answer) throws(PostgresFailure) -> Answer {
  do throws(AssemblyFailure) {
    return try work()
  } catch {
    throw PostgresFailure(.misunderstood, error.description)
  }
}
