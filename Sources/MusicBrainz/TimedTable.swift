internal import Postgres

/// A table whose rows say when they were changed, and what such a row refers to.
struct TimedTable {
  var name: String
  var time = "last_updated"
  /// Orders rows of the same time; an integer.
  var key = "id"
  /// Expressions in the columns of `changed`, and what they are.
  var first: (expression: String, kinds: [ChangeSeeds.Kind]) = ("NULL", [])
  var id: (expression: String, kinds: [ChangeSeeds.Kind]) = ("NULL", [])
  /// A genre, or addresses of pages, one a line.
  var pages = "NULL"
  var genre = "NULL"

  /// Whether it can be read in pages by key.
  var hasPages: Bool { key == "id" }

  /// Nothing is told of release_meta.date_added: the release says the same.
  static let all: [TimedTable] = [
    TimedTable(name: "area", first: ("id", [.area])),
    TimedTable(name: "artist", first: ("id", [.seriesOfArtist]), id: ("gid", [.artistID])),
    TimedTable(name: "artist_alias", first: ("artist", [.artist])),
    redirect("artist", to: [.artist], id: [.artistID, .discographyID]),
    TimedTable(name: "artist_tag", key: "artist", first: ("artist", [.artist])),
    TimedTable(
      name: "cover_art_archive.cover_art", time: "date_uploaded", first: ("release", [.release])),
    TimedTable(name: "genre", genre: "changed.name"),
    TimedTable(name: "l_artist_url", first: ("entity0", [.artist]), pages: page("changed.entity1")),
    TimedTable(name: "l_release_group_series", first: ("entity1", [.series])),
    TimedTable(name: "l_release_group_url", first: ("entity0", [.album]), pages: page("changed.entity1")),
    TimedTable(name: "l_release_url", pages: page("changed.entity1")),
    TimedTable(name: "label", first: ("id", [.label])),
    TimedTable(name: "medium", first: ("release", [.release])),
    TimedTable(name: "recording", first: ("id", [.recording, .listingOfRecording])),
    redirect("recording", to: [.recording]),
    TimedTable(
      name: "release", first: ("release_group", [.album, .discography]),
      pages: """
        SELECT string_agg(url.url, chr(10)) FROM l_release_url JOIN url ON url.id = l_release_url.entity1
        WHERE l_release_url.entity0 = changed.id
        """),
    redirect("release", to: [.release]),
    TimedTable(name: "release_group", first: ("id", [.discography, .seriesOfGroup]), id: ("gid", [.albumID])),
    TimedTable(name: "release_group_alias", first: ("release_group", [.album])),
    redirect("release_group", to: [.album, .discography], id: [.albumID]),
    TimedTable(
      name: "release_group_secondary_type_join", time: "created", key: "release_group",
      first: ("release_group", [.album, .discography])),
    TimedTable(name: "release_group_tag", key: "release_group", first: ("release_group", [.album])),
    TimedTable(name: "release_label", first: ("release", [.release])),
    redirect("series", to: [], id: [.seriesID]),
    TimedTable(name: "track", first: ("medium", [.medium, .listingOfMedium])),
    redirect("track", to: [.track]),
    TimedTable(name: "url", first: ("id", [.url]), pages: "changed.url"),
  ]

  private static func redirect(
    _ entity: String, to kinds: [ChangeSeeds.Kind], id: [ChangeSeeds.Kind] = []
  ) -> TimedTable {
    TimedTable(
      name: "\(entity)_gid_redirect", time: "created",
      key: "('x' || right(changed.gid::text, 12) || '000')::bit(60)::int8", first: ("new_id", kinds), id: ("gid", id))
  }

  private static func page(_ key: String) -> String { "SELECT url.url FROM url WHERE url.id = \(key)" }

  /// - Parameter isPaged: whether to read it in pages, because no index leads to the latest rows.
  func statement(isPaged: Bool) -> PostgresStatement {
    let template = isPaged ? PackageResources.timed_page_sql : PackageResources.timed_rows_sql
    var sql = String(decoding: template, as: UTF8.self)
    let parts = [
      "table": name, "time": time, "key": key, "first": first.expression,
      "id": id.expression, "name": genre == "NULL" ? pages : genre,
    ]
    for (part, text) in parts { sql = sql.replacing("{\(part)}", with: text) }
    return PostgresStatement("timed_\(isPaged ? "page" : "rows")_\(name)", Array(sql.utf8))
  }
}
