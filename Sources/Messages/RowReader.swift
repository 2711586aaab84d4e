internal import Core
internal import Metadata

/// Reads what the triggers of MusicBrainz' search index tell of a row: its table, and its primary and foreign keys.
enum RowReader {
  /// Whose row a key names.
  private enum Owner {
    case artist, album, release, medium, track, recording, url, series
  }

  private struct Table {
    /// Any of these is enough.
    var keys: [(name: String, owner: Owner)]
    /// Whose MBID the row holds, where it is an entity's own, or a former one's.
    var entity: AnnouncedEntity?

    init(_ keys: [(name: String, owner: Owner)], _ entity: AnnouncedEntity? = nil) {
      self.keys = keys
      self.entity = entity
    }
  }

  /// The tables that documents show something of. A release's own row may name its release group, which still says where
  /// it was when the release is gone.
  private static func table(_ name: String) -> Table? {
    switch name {
    case "artist": Table([("id", .artist)], .artist)
    case "artist_gid_redirect": Table([("new_id", .artist)], .artist)
    case "artist_meta": Table([("id", .artist)])
    case "artist_alias", "artist_tag": Table([("artist", .artist)])
    case "l_artist_url": Table([("entity0", .artist)])
    case "release_group": Table([("id", .album)], .album)
    case "release_group_gid_redirect": Table([("new_id", .album)], .album)
    case "release_group_meta": Table([("id", .album)])
    case "release_group_alias", "release_group_tag", "release_group_secondary_type_join":
      Table([("release_group", .album)])
    case "l_release_group_url": Table([("entity0", .album)])
    case "release": Table([("id", .release), ("release_group", .album)], .release)
    case "release_gid_redirect": Table([("new_id", .release)], .release)
    case "release_meta": Table([("id", .release)])
    case "release_label", "release_country", "release_unknown_country", "cover_art": Table([("release", .release)])
    case "medium": Table([("id", .medium), ("release", .release)])
    case "track": Table([("id", .track), ("medium", .medium)])
    case "track_gid_redirect": Table([("new_id", .track)])
    case "recording": Table([("id", .recording)])
    case "recording_gid_redirect": Table([("new_id", .recording)])
    case "url": Table([("id", .url)])
    case "series": Table([("id", .series)], .series)
    case "series_gid_redirect": Table([("new_id", .series)], .series)
    case "l_release_group_series": Table([("entity1", .series)])
    default: nil
    }
  }

  static func read(_ name: String, _ row: JSONValue) throws(PoisonedMessage) -> Announcement {
    // Most tables that are watched for the search index are of other entities.
    guard let table = table(name) else { return .nothing }
    var told = Announcement()
    for (key, owner) in table.keys {
      let value = row[key]
      if value.isNull { continue }
      guard let number = value.int, AnnouncedID.isRow(Int64(number)) else { throw PoisonedMessage("a key is none") }
      add(Int64(number), owner, to: &told.rows)
    }
    if let entity = table.entity, !row["gid"].isNull {
      guard let id = row["gid"].text.flatMap({ MBID($0) }) else { throw PoisonedMessage("an MBID is none") }
      told.add(entity.announcement(.entity(id)))
    }
    guard !told.isEmpty else { throw PoisonedMessage("it has no keys") }
    return told
  }

  private static func add(_ number: Int64, _ owner: Owner, to rows: inout RowKeys) {
    switch owner {
    case .artist: rows.artists.insert(number)
    case .album: rows.albums.insert(number)
    case .release: rows.releases.insert(number)
    case .medium: rows.media.insert(number)
    case .track: rows.tracks.insert(number)
    case .recording: rows.recordings.insert(number)
    case .url: rows.urls.insert(number)
    case .series: rows.series.insert(number)
    }
  }
}
