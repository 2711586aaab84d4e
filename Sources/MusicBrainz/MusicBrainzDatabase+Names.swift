public import Core
public import Metadata
internal import Postgres

extension MusicBrainzDatabase: NameSource {
  public func keys(
    of kind: EntityID.Kind, after key: Int, limit: Int, by deadline: Deadline
  ) throws(SourceError) -> [Int] {
    let statement = kind == .artist ? Statement.artistKeys : .albumKeys
    return try rows(
      of: statement, .int8(Int64(key)), .int8(Int64(limit)), by: deadline
    ) { row throws(PostgresFailure) in try row.int() }
  }

  /// Up to `limit` artists or albums behind an id, in the order of their ids; none at the end.
  public func ids(
    of kind: EntityID.Kind, after id: MBID?, limit: Int, by deadline: Deadline
  ) throws(SourceError) -> [MBID] {
    try rows(
      of: kind == .artist ? .artistIDs : .albumIDs, .uuid(id ?? MBID(high: 0, low: 0)), .int8(Int64(limit)),
      by: deadline
    ) { row throws(PostgresFailure) in try row.uuid() }
  }

  public func artistNames(_ keys: [Int], by deadline: Deadline) throws(SourceError) -> [ArtistNames] {
    try rows(of: .artistNames, .int8s(keys.map(Int64.init)), by: deadline) { row throws(PostgresFailure) in
      let key = try row.int()
      var names = ArtistNames(key: key, id: try row.uuid(), name: try row.text(), sortName: try row.text())
      names.aliases = try row.texts()
      names.credits = try row.texts()
      names.references = try row.int()
      names.ratings = try row.int()
      return names
    }
  }

  public func albumNames(_ keys: [Int], by deadline: Deadline) throws(SourceError) -> [AlbumNames] {
    try rows(of: .albumNames, .int8s(keys.map(Int64.init)), by: deadline) { row throws(PostgresFailure) in
      let key = try row.int()
      let id = try row.uuid()
      let title = try row.text()
      let aliases = try row.texts()
      let credit = try row.text()
      var names = AlbumNames(key: key, id: id, title: title, credit: credit, artistKey: try row.int())
      names.aliases = aliases
      names.type = row.optionalText()
      names.isSecondary = try row.bool()
      names.releases = try row.int()
      names.ratings = try row.int()
      return names
    }
  }

  public func latestChange(by deadline: Deadline) throws(SourceError) -> ChangeTime {
    let times = try rows(of: .latestChange, by: deadline) { row throws(PostgresFailure) in try row.int() }
    return ChangeTime(microseconds: Int64(times.first ?? 0))
  }

  public func nameChanges(since time: ChangeTime, by deadline: Deadline) throws(SourceError) -> NameChanges {
    // Before what has changed, so that what changes in between is found again next time.
    let until = try latestChange(by: deadline)
    var changes = NameChanges(artists: [], albums: [], goneArtists: [], goneAlbums: [], until: until)
    let found = try rows(of: .changedNames, .int8(time.microseconds), by: deadline) { row throws(PostgresFailure) in
      (kind: try row.int(), key: try row.optionalInt(), id: try row.optionalUUID())
    }
    for change in found {
      switch (change.kind, change.key, change.id) {
      case (0, let key?, _): changes.artists.append(key)
      case (1, let key?, _): changes.albums.append(key)
      case (2, _, let id?): changes.goneArtists.append(id)
      case (3, _, let id?): changes.goneAlbums.append(id)
      default: break
      }
    }
    return changes
  }
}

extension MusicBrainzDatabase {
  /// What `read` makes of the rows of one statement.
  func rows<Element>(
    of statement: Statement, _ parameters: PostgresParameter..., by deadline: Deadline,
    _ read: (inout PostgresRow) throws(PostgresFailure) -> Element
  ) throws(SourceError) -> [Element] {
    var query = PostgresQuery(statement.prepared)
    query.parameters = parameters
    do throws(PostgresFailure) {
      return try client.run({ _ in [query] }, into: [], by: deadline) {
        (answer: inout [Element], _, rows) throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in answer.append(try read(&row)) }
      }
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }
}
