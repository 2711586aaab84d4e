public import Core
public import Metadata
internal import Postgres

extension MusicBrainzDatabase: LookupSource {
  public func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] {
    try look(for: .identifiedID, .uuid(id), by: deadline, MusicBrainzDatabase.identified)
  }

  public func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] {
    try look(for: .identifiedURL, .texts(urls), by: deadline, MusicBrainzDatabase.identified)
  }

  public func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] {
    guard !recordings.isEmpty else { return [] }
    return try look(for: .albumsByRecordings, .uuids(recordings), by: deadline) { row throws(PostgresFailure) in
      try row.uuid()
    }
  }

  public func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID] {
    guard !ids.isEmpty else { return [:] }
    let rows = try look(for: .groupsOfReleases, .uuids(ids), by: deadline) { row throws(PostgresFailure) in
      (release: try row.uuid(), group: try row.uuid())
    }
    return Dictionary(rows.map { ($0.release, $0.group) }) { first, _ in first }
  }

  public func hasSeries(_ id: MBID, by deadline: Deadline) throws(SourceError) -> Bool {
    try !look(for: .seriesIDs, .uuid(id), by: deadline) { row throws(PostgresFailure) in try row.uuid() }.isEmpty
  }

  public func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] {
    try look(for: .series, .uuid(id), by: deadline) { row throws(PostgresFailure) in
      let album = try row.uuid()
      let title = try row.text()
      let artist = try row.uuid()
      let name = try row.text()
      return SeriesEntry(album: album, title: title, artist: artist, artistName: name, date: try row.partialDate())
    }
  }

  private static func identified(_ row: inout PostgresRow) throws(PostgresFailure) -> EntityID {
    let isArtist = try row.int() == 0
    let id = try row.uuid()
    return isArtist ? .artist(id) : .album(id)
  }
}
