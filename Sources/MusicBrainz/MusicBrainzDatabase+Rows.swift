public import Core
public import Metadata
internal import Postgres

extension MusicBrainzDatabase: RowSource {
  public func changes(of rows: RowKeys, by deadline: Deadline) throws(SourceError) -> EntityChanges {
    guard !rows.isEmpty else { return EntityChanges() }
    // A row that is not there tells nothing about tables that are empty.
    return try ask([.rowArtists, .rowAlbums, .rowSeries], by: deadline, into: EntityChanges()) { _ in
      true
    } about: { statement in
      switch statement {
      case .rowArtists: [rows.artists, rows.urls].map(MusicBrainzDatabase.parameter)
      case .rowAlbums:
        [rows.albums, rows.releases, rows.media, rows.tracks, rows.recordings, rows.urls]
          .map(MusicBrainzDatabase.parameter) + [.uuids(Array(rows.albumIDs)), .uuids(Array(rows.releaseIDs))]
      default: [MusicBrainzDatabase.parameter(rows.series)]
      }
    } add: { changes, statement, row throws(PostgresFailure) in
      switch statement {
      case .rowArtists: changes.artists.insert(try row.uuid())
      case .rowAlbums:
        changes.albums.insert(try row.uuid())
        if let artist = try row.optionalUUID() { changes.discographies.insert(artist) }
      default: changes.series.insert(try row.uuid())
      }
    }
  }

  private static func parameter(_ ids: Set<Int64>) -> PostgresParameter { .int8s(Array(ids)) }
}
