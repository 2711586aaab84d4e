/// Edits at random, the same for the same seed on the same rows: additions, changes, merges and deletions in every table
/// that documents are made from, and in some that they are not. They are made in a ``MasterDatabase``.
public struct EditGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// The next number, by SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 to `limit` - 1.
  public mutating func number(below limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// The SQL of so many edits, each in a transaction of its own, for psql within a transaction.
  public mutating func edits(_ count: Int) -> (names: [String], sql: String) {
    var names: [String] = []
    var scripts: [String] = []
    for _ in 0..<count {
      let kind = EditGenerator.kinds[number(below: EditGenerator.kinds.count)]
      names.append(kind.name)
      // What cannot be done with the rows that were drawn is not done.
      scripts.append(
        """
        SELECT setseed(\(Double(number(below: 1_000_000)) / 1_000_000));
        DO $edit$
        DECLARE
        \(EditGenerator.variables)
        BEGIN
        \(kind.sql);
        PERFORM editor.tidy();
        EXCEPTION WHEN integrity_constraint_violation OR raise_exception THEN NULL;
        END
        $edit$
        """)
    }
    return (names, scripts.joined(separator: ";\nCOMMIT;\nBEGIN;\n"))
  }

  /// Rows that an edit may be about. Special artists have triggers that protect them.
  private static let variables = """
    a int := editor.some('artist', 'id > 10');
    b int := editor.some('artist', 'id > 10');
    c int := editor.some('artist_credit');
    g int := editor.some('release_group');
    h int := editor.some('release_group');
    r int := editor.some('release');
    s int := editor.some('release');
    m int := editor.some('medium');
    t int := editor.some('track');
    u int := editor.some('url');
    v int := editor.some('recording');
    w int := editor.some('recording');
    y int := editor.some('series');
    l int := editor.some('label');
    k int := editor.some('tag');
    i bigint := editor.some('cover_art_archive.cover_art');
    n int := (random() * 20)::int;
    made int;
    spotify text := CASE WHEN random() < 0.5 THEN 'https' ELSE 'http' END || '://open.spotify.com/'
      || (ARRAY['artist', 'album'])[1 + (random() * 1)::int] || '/' || left(md5(random()::text), 22);
    """

  private static let kinds: [(name: String, sql: String)] = [
    ("rename artist", "UPDATE artist SET name = editor.word() WHERE id = a"),
    ("sort artist", "UPDATE artist SET sort_name = editor.word() WHERE id = a"),
    ("type artist", "UPDATE artist SET type = editor.some('artist_type') WHERE id = a"),
    ("end artist", "UPDATE artist SET ended = NOT ended WHERE id = a AND end_date_year IS NULL"),
    ("pend artist", "UPDATE artist SET edits_pending = edits_pending + 1 WHERE id = a"),
    ("birth of artist", "UPDATE artist SET begin_date_year = 1900 + n WHERE id = a"),
    (
      "add artist",
      "INSERT INTO artist (gid, name, sort_name, comment) VALUES (editor.id(), editor.word(), 'x', editor.word())"
    ),
    ("credit artists", "PERFORM editor.credit(ARRAY[a, b])"),
    ("merge artists", "PERFORM editor.merge_artists(a, b)"),
    (
      "delete artist",
      """
      a := editor.some('artist', 'id > 10 AND NOT EXISTS (SELECT FROM artist_credit_name WHERE artist = artist.id)');
      DELETE FROM artist_alias WHERE artist = a;
      DELETE FROM artist_tag WHERE artist = a;
      DELETE FROM l_artist_url WHERE entity0 = a;
      DELETE FROM artist_gid_redirect WHERE new_id = a;
      DELETE FROM artist_meta WHERE id = a;
      DELETE FROM artist WHERE id = a
      """
    ),
    (
      "add alias",
      """
      INSERT INTO artist_alias (artist, name, sort_name, type, locale)
      SELECT a, editor.word(), 'x', CASE WHEN random() < 0.7 THEN editor.some('artist_alias_type') END,
        CASE WHEN random() < 0.5 THEN 'ja' END
      """
    ),
    ("rename alias", "UPDATE artist_alias SET name = editor.word() WHERE id = editor.some('artist_alias')"),
    (
      "retype alias",
      "UPDATE artist_alias SET type = editor.some('artist_alias_type') WHERE id = editor.some('artist_alias')"
    ),
    ("delete alias", "DELETE FROM artist_alias WHERE id = editor.some('artist_alias')"),
    ("rate artist", "UPDATE artist_meta SET rating = n * 5, rating_count = n WHERE id = a"),
    ("rate album", "UPDATE release_group_meta SET rating = n * 5, rating_count = n WHERE id = g"),
    (
      "tag artist",
      """
      INSERT INTO artist_tag (artist, tag, count) VALUES (a, k, n - 2)
      ON CONFLICT (artist, tag) DO UPDATE SET count = n - 2
      """
    ),
    (
      "vote tags",
      "UPDATE artist_tag SET count = count + (random() * 4)::int - 2 WHERE artist IN (SELECT artist FROM artist_tag LIMIT 1 OFFSET n)"
    ),
    (
      "untag artist",
      "DELETE FROM artist_tag WHERE artist = a AND tag IN (SELECT tag FROM artist_tag WHERE artist = a LIMIT 1)"
    ),
    (
      "tag album",
      """
      INSERT INTO release_group_tag (release_group, tag, count) VALUES (g, k, n - 2)
      ON CONFLICT (release_group, tag) DO UPDATE SET count = n - 2
      """
    ),
    (
      "untag album",
      "DELETE FROM release_group_tag WHERE release_group IN (SELECT release_group FROM release_group_tag LIMIT 1)"
    ),
    ("new genre", "INSERT INTO genre (gid, name) SELECT editor.id(), name FROM tag WHERE id = k"),
    ("delete genre", "DELETE FROM genre WHERE id = editor.some('genre')"),
    (
      "link artist",
      "INSERT INTO l_artist_url (link, entity0, entity1) VALUES (editor.link('artist', 'url'), a, u)"
    ),
    (
      "link album",
      "INSERT INTO l_release_group_url (link, entity0, entity1) VALUES (editor.link('release_group', 'url'), g, u)"
    ),
    (
      "link at Spotify",
      """
      INSERT INTO url (gid, url) VALUES (editor.id(), spotify) RETURNING id INTO made;
      IF spotify LIKE '%/artist/%' THEN
        INSERT INTO l_artist_url (link, entity0, entity1) VALUES (editor.link('artist', 'url'), a, made);
      ELSIF n < 10 THEN
        INSERT INTO l_release_group_url (link, entity0, entity1) VALUES (editor.link('release_group', 'url'), g, made);
      ELSE
        INSERT INTO l_release_url (link, entity0, entity1) VALUES (editor.link('release', 'url'), r, made);
      END IF
      """
    ),
    (
      "link release",
      "INSERT INTO l_release_url (link, entity0, entity1) VALUES (editor.link('release', 'url'), r, u)"
    ),
    (
      "unlink",
      """
      DELETE FROM l_artist_url WHERE entity1 = u;
      DELETE FROM l_release_group_url WHERE entity1 = u;
      DELETE FROM l_release_url WHERE entity1 = u;
      DELETE FROM url WHERE id = u
      """
    ),
    ("unlink artist", "DELETE FROM l_artist_url WHERE id = editor.some('l_artist_url')"),
    ("change address", "UPDATE url SET url = 'https://example.org/' || editor.word() WHERE id = u"),
    ("change address to Spotify", "UPDATE url SET url = spotify WHERE id = u"),
    ("merge pages", "UPDATE l_artist_url SET entity1 = u WHERE id = editor.some('l_artist_url')"),
    (
      "relate otherwise",
      "UPDATE l_artist_url SET link = editor.link('artist', 'url') WHERE id = editor.some('l_artist_url')"
    ),

    (
      "add album",
      """
      INSERT INTO release_group (gid, name, artist_credit, type)
      VALUES (editor.id(), editor.word(), c, editor.some('release_group_primary_type'))
      """
    ),
    ("rename album", "UPDATE release_group SET name = editor.word() WHERE id = g"),
    ("comment on album", "UPDATE release_group SET comment = editor.word() WHERE id = g"),
    ("type album", "UPDATE release_group SET type = editor.some('release_group_primary_type') WHERE id = g"),
    ("credit album", "UPDATE release_group SET artist_credit = c WHERE id = g"),
    ("pend album", "UPDATE release_group SET edits_pending = edits_pending + 1 WHERE id = g"),
    ("merge albums", "PERFORM editor.merge_groups(g, h)"),
    ("delete album", "PERFORM editor.delete_group(g)"),
    (
      "alias album",
      "INSERT INTO release_group_alias (release_group, name, sort_name) VALUES (g, editor.word(), 'x')"
    ),
    ("delete alias of album", "DELETE FROM release_group_alias WHERE id = editor.some('release_group_alias')"),
    (
      "set secondary types",
      """
      DELETE FROM release_group_secondary_type_join WHERE release_group = g;
      INSERT INTO release_group_secondary_type_join (release_group, secondary_type)
      SELECT g, id FROM release_group_secondary_type WHERE id % 4 = n % 4
      """
    ),
    (
      "list in series",
      """
      INSERT INTO l_release_group_series (link, entity0, entity1, link_order)
      VALUES (editor.link('release_group', 'series'), g, y, n)
      """
    ),
    (
      "reorder series",
      "UPDATE l_release_group_series SET link_order = n WHERE id = editor.some('l_release_group_series')"
    ),
    ("take from series", "DELETE FROM l_release_group_series WHERE id = editor.some('l_release_group_series')"),
    (
      "add series",
      "INSERT INTO series (gid, name, type, ordering_type) VALUES (editor.id(), editor.word(), 1, 1)"
    ),
    (
      "merge series",
      """
      made := editor.some('series', 'id <> ' || y);
      IF made IS NOT NULL THEN
        DELETE FROM l_release_group_series WHERE entity1 = y;
        UPDATE series_gid_redirect SET new_id = made WHERE new_id = y;
        INSERT INTO series_gid_redirect (gid, new_id) SELECT gid, made FROM series WHERE id = y;
        DELETE FROM series WHERE id = y;
      END IF
      """
    ),

    (
      "add release",
      """
      INSERT INTO release (gid, name, artist_credit, release_group, status)
      VALUES (editor.id(), editor.word(), c, g, editor.some('release_status')) RETURNING id INTO made;
      INSERT INTO medium (release, position, format, gid, name)
      VALUES (made, 1, editor.some('medium_format'), editor.id(), '') RETURNING id INTO m;
      FOR j IN 1..n / 4 LOOP PERFORM editor.add_track(m); END LOOP
      """
    ),
    ("rename release", "UPDATE release SET name = editor.word() WHERE id = r"),
    ("comment on release", "UPDATE release SET comment = editor.word() WHERE id = r"),
    ("set status", "UPDATE release SET status = editor.some('release_status') WHERE id = r"),
    ("unset status", "UPDATE release SET status = NULL WHERE id = r"),
    ("set barcode", "UPDATE release SET barcode = n::text WHERE id = r"),
    ("credit release", "UPDATE release SET artist_credit = c WHERE id = r"),
    ("pend release", "UPDATE release SET edits_pending = edits_pending + 1 WHERE id = r"),
    ("move release", "UPDATE release SET release_group = g WHERE id = r"),
    ("merge releases", "PERFORM editor.merge_releases(r, s)"),
    ("delete release", "PERFORM editor.delete_release(r)"),
    (
      "set events",
      """
      DELETE FROM release_country WHERE release = r;
      DELETE FROM release_unknown_country WHERE release = r;
      INSERT INTO release_country (release, country, date_year, date_month)
      SELECT r, area, 1980 + n, 1 FROM (SELECT area FROM country_area ORDER BY random() LIMIT n % 3) AS drawn;
      IF n % 4 = 3 THEN INSERT INTO release_unknown_country (release, date_year) VALUES (r, 1980 + n); END IF
      """
    ),
    (
      "rename country",
      "UPDATE area SET name = editor.word() WHERE id IN (SELECT area FROM country_area ORDER BY random() LIMIT 1)"
    ),
    (
      "label release",
      "INSERT INTO release_label (release, label, catalog_number) VALUES (r, CASE WHEN n > 5 THEN l END, editor.word())"
    ),
    (
      "number release",
      "UPDATE release_label SET catalog_number = editor.word() WHERE id = editor.some('release_label')"
    ),
    ("unlabel release", "DELETE FROM release_label WHERE id = editor.some('release_label')"),
    ("rename label", "UPDATE label SET name = editor.word() WHERE id = l"),
    (
      "darken release",
      "UPDATE release_meta SET cover_art_presence = CASE WHEN n < 10 THEN 'darkened' ELSE 'present' END::cover_art_presence WHERE id = r"
    ),

    ("add medium", "INSERT INTO medium (release, position, gid, name) VALUES (r, 20 + n, editor.id(), '')"),
    ("rename medium", "UPDATE medium SET name = editor.word() WHERE id = m"),
    ("format medium", "UPDATE medium SET format = editor.some('medium_format') WHERE id = m"),
    ("place medium", "UPDATE medium SET position = 30 + n WHERE id = m"),
    ("move medium", "UPDATE medium SET release = r, position = 60 + n WHERE id = m"),
    ("delete medium", "PERFORM editor.delete_medium(m)"),
    ("add track", "PERFORM editor.add_track(m)"),
    ("rename track", "UPDATE track SET name = editor.word() WHERE id = t"),
    ("time track", "UPDATE track SET length = CASE WHEN n < 10 THEN 1000 * (n + 1) END WHERE id = t"),
    ("number track", "UPDATE track SET number = editor.word() WHERE id = t"),
    ("credit track", "UPDATE track SET artist_credit = c WHERE id = t"),
    ("hide track", "UPDATE track SET is_data_track = NOT is_data_track WHERE id = t"),
    ("record track", "UPDATE track SET recording = v WHERE id = t"),
    (
      "move track",
      """
      UPDATE track SET medium = (
        SELECT other.id FROM medium JOIN medium AS other ON other.release = medium.release
        WHERE medium.id = track.medium ORDER BY random() LIMIT 1
      ), position = 100 + n WHERE id = t
      """
    ),
    ("merge into track", "INSERT INTO track_gid_redirect (gid, new_id) VALUES (editor.id(), t)"),
    ("delete track", "DELETE FROM track_gid_redirect WHERE new_id = t; DELETE FROM track WHERE id = t"),
    ("rename recording", "UPDATE recording SET name = editor.word() WHERE id = v"),
    ("time recording", "UPDATE recording SET length = 1000 * (n + 1) WHERE id = v"),
    ("film recording", "UPDATE recording SET video = NOT video WHERE id = v"),
    ("merge recordings", "PERFORM editor.merge_recordings(v, w)"),

    (
      "add cover",
      """
      INSERT INTO cover_art_archive.cover_art (id, release, edit, ordering, mime_type)
      SELECT max(id) + 1, r, 1, 1 + n, 'image/jpeg' FROM cover_art_archive.cover_art RETURNING id INTO i;
      INSERT INTO cover_art_archive.cover_art_type (id, type_id)
      SELECT i, id FROM cover_art_archive.art_type ORDER BY random() LIMIT 2
      """
    ),
    (
      "front cover",
      "INSERT INTO cover_art_archive.cover_art_type (id, type_id) SELECT i, id FROM cover_art_archive.art_type WHERE name = 'Front'"
    ),
    (
      "no such cover",
      "DELETE FROM cover_art_archive.cover_art_type WHERE id = i AND type_id = (SELECT min(type_id) FROM cover_art_archive.cover_art_type WHERE id = i)"
    ),
    ("order covers", "UPDATE cover_art_archive.cover_art SET ordering = 1 + n WHERE id = i"),
    (
      "delete cover",
      "DELETE FROM cover_art_archive.cover_art_type WHERE id = i; DELETE FROM cover_art_archive.cover_art WHERE id = i"
    ),
    (
      "choose cover",
      """
      DELETE FROM cover_art_archive.release_group_cover_art
      WHERE release_group = (SELECT release_group FROM release WHERE id = r);
      INSERT INTO cover_art_archive.release_group_cover_art (release_group, release)
      SELECT release_group, id FROM release WHERE id = r
      """
    ),
  ]
}
