import Core
import Metadata
import Testing

@testable import MusicBrainz

extension DatabaseTests {
  /// What MusicBrainz means by its rows, on rows that are made for it.
  @Suite struct ContentTests {
    let deadline = Deadline.after(milliseconds: 60_000)

    /// Rows of one artist and its albums; keys and ids follow from small numbers.
    struct Rows {
      private(set) var sql = """
        INSERT INTO artist (id, gid, name, sort_name) VALUES (7000000, $$\(ContentTests.artist)$$, $$Band$$, $$Band$$);
        INSERT INTO artist_credit (id, gid, name, artist_count)
          VALUES (7000000, $$\(ContentTests.id(1, 0))$$, $$Band$$, 1);
        INSERT INTO artist_credit_name (artist_credit, position, artist, name) VALUES (7000000, 0, 7000000, $$Band$$);

        """

      mutating func run(_ statement: String) { sql += statement + ";\n" }

      mutating func album(_ number: Int) {
        run(
          """
          INSERT INTO release_group (id, gid, name, artist_credit, type)
            VALUES (\(7_000_000 + number), $$\(ContentTests.album(number))$$, $$Album \(number)$$, 7000000, 1)
          """)
      }

      /// - Parameter tracks: the lengths of each track and of its recording, and whether it is a video or data.
      mutating func release(
        _ number: Int, of album: Int, status: Int? = 1, year: Int = 2000,
        tracks: [(length: Int?, recording: Int?, video: Bool, data: Bool)]? = [(1_000, 1_000, false, false)]
      ) {
        let key = 7_000_000 + number
        run(
          """
          INSERT INTO release (id, gid, name, artist_credit, release_group, status)
            VALUES (\(key), $$\(ContentTests.release(number))$$, $$Release$$, 7000000, \(7_000_000 + album), \(sql(status)))
          """)
        run("INSERT INTO release_unknown_country (release, date_year) VALUES (\(key), \(year))")
        guard let tracks else { return }
        run(
          """
          INSERT INTO medium (id, gid, release, position, track_count)
            VALUES (\(key), $$\(ContentTests.id(4, number))$$, \(key), 1, \(tracks.count))
          """)
        for (index, track) in tracks.enumerated() {
          let row = number * 100 + index
          run(
            """
            INSERT INTO recording (id, gid, name, artist_credit, length, video) VALUES (\(7_000_000 + row),
              $$\(ContentTests.id(5, row))$$, $$Track$$, 7000000, \(sql(track.recording)), \(track.video))
            """)
          run(
            """
            INSERT INTO track (id, gid, recording, medium, position, number, name, artist_credit, length, is_data_track)
              VALUES (\(7_000_000 + row), $$\(ContentTests.id(6, row))$$, \(7_000_000 + row), \(key), \(index + 1),
                $$1$$, $$Track$$, 7000000, \(sql(track.length)), \(track.data))
            """)
        }
      }

      /// - Parameter types: 1 Front, 4 Medium, 14 Raw/Unedited.
      mutating func image(_ number: Int, of release: Int, types: [Int] = [1], ordering: Int = 1) {
        run(
          """
          INSERT INTO cover_art_archive.cover_art (id, release, edit, ordering, mime_type)
            VALUES (\(number), \(7_000_000 + release), 1, \(ordering), $$image/jpeg$$)
          """)
        for type in types {
          run("INSERT INTO cover_art_archive.cover_art_type (id, type_id) VALUES (\(number), \(type))")
        }
      }

      private func sql(_ value: Int?) -> String { value.map(String.init) ?? "NULL" }
    }

    static let artist = id(0, 0)
    static func album(_ number: Int) -> MBID { id(2, number) }
    static func release(_ number: Int) -> MBID { id(3, number) }
    static func id(_ kind: UInt64, _ number: Int) -> MBID {
      MBID(high: 0x7000_0000_0000_4000 + kind, low: 0x8000_0000_0000_0000 + UInt64(number))
    }

    private func copy(_ purpose: String, _ rows: Rows) throws -> (CopiedDatabase, MusicBrainzDatabase) {
      let copy = try CopiedDatabase(purpose, schemas: ["musicbrainz", "cover_art_archive"], then: rows.sql)
      return (copy, try TestDatabase.open(name: copy.name))
    }

    @Test func `covers are those that editors chose, never darkened, clean before raw, official before others`()
      throws
    {
      var rows = Rows()
      for album in 1...6 { rows.album(album) }
      // 1: the earliest is darkened. 2: all are. 3: what the editors chose is darkened, too.
      for (release, album) in [(1, 1), (2, 1), (3, 2), (4, 3), (5, 3)] {
        rows.release(release, of: album, year: 1999 + release)
        rows.image(100 + release, of: release)
      }
      for release in [1, 3, 4] {
        rows.run(
          """
          INSERT INTO release_meta (id, cover_art_presence) VALUES (\(7_000_000 + release), $$darkened$$)
            ON CONFLICT (id) DO UPDATE SET cover_art_presence = excluded.cover_art_presence
          """)
      }
      rows.run("INSERT INTO cover_art_archive.release_group_cover_art VALUES (7000003, 7000004)")
      // 4: the earliest has a raw scan only. 5: one release has both, the raw one first.
      rows.release(6, of: 4, year: 1990)
      rows.image(106, of: 6, types: [1, 14])
      rows.release(7, of: 4, status: 3, year: 2010)
      rows.image(107, of: 7)
      rows.release(8, of: 5)
      rows.image(108, of: 8, types: [14, 1], ordering: 1)
      rows.image(109, of: 8, types: [1, 2], ordering: 2)
      // 6: the editors chose a raw scan of a later release.
      rows.release(9, of: 6, year: 1990)
      rows.image(110, of: 9)
      rows.release(10, of: 6, year: 2000)
      rows.image(111, of: 10, types: [1, 14])
      rows.run("INSERT INTO cover_art_archive.release_group_cover_art VALUES (7000006, 7000010)")
      let (copy, database) = try copy("covers", rows)
      let albums = try database.albums((1...6).map(Self.album), by: deadline)
      let covers = (1...6).map { albums[Self.album($0)]?.frontCover?.image }
      #expect(covers == [102, nil, 105, 107, 109, 111])
      withExtendedLifetime(copy) {}
    }

    @Test func `a track without a length has that of its recording`() throws {
      var rows = Rows()
      rows.album(1)
      rows.release(
        1, of: 1,
        tracks: [(nil, 187_000, false, false), (5_000, 6_000, false, false), (nil, nil, false, false)])
      let (copy, database) = try copy("lengths", rows)
      let album = try #require(try database.albums([Self.album(1)], by: deadline)[Self.album(1)])
      #expect(album.releases[0].media[0].tracks.map(\.length) == [187_000, 5_000, nil])
      withExtendedLifetime(copy) {}
    }

    @Test func `releases of videos and data alone count in no status, those whose tracks are not known do`() throws {
      var rows = Rows()
      for album in 1...4 { rows.album(album) }
      rows.release(1, of: 1, status: 1, tracks: [(1, 1, true, false), (1, 1, false, true)])
      rows.release(2, of: 1, status: 3, tracks: [(1, 1, true, false), (1, 1, false, false)])
      rows.release(3, of: 2, status: 1, tracks: [(1, 1, true, false)])
      rows.release(4, of: 3, status: 2, tracks: nil)
      rows.release(5, of: 4, status: 4, tracks: [])
      let (copy, database) = try copy("statuses", rows)
      let found = try database.discographies([Self.artist], albumless: [], by: deadline)[Self.artist]
      #expect(found?.albums.map(\.statuses) == [["Bootleg"], [], ["Promotion"], ["Pseudo-Release"]])
      let albums = try database.albums((1...4).map(Self.album), by: deadline)
      let known = (1...4).map { albums[Self.album($0)]?.releases.map(\.hasKnownTracks) }
      #expect(known == [[true, true], [true], [false], [false]])
      withExtendedLifetime(copy) {}
    }

    @Test func `releases name their albums, also merged ones, and nothing else does`() throws {
      var rows = Rows()
      rows.album(1)
      rows.release(1, of: 1)
      let merged = Self.id(9, 1)
      rows.run("INSERT INTO release_gid_redirect (gid, new_id) VALUES ($$\(merged)$$, 7000001)")
      let (copy, database) = try copy("releases", rows)
      let asked = [Self.release(1), merged, Self.album(1), Self.artist, Self.id(5, 100), Self.id(8, 8)]
      #expect(
        try database.albums(ofReleases: asked, by: deadline)
          == [Self.release(1): Self.album(1), merged: Self.album(1)])
      withExtendedLifetime(copy) {}
    }

    @Test func `aliases for locales are told with their sort names, and legal names are none`() throws {
      var rows = Rows()
      rows.run(
        """
        INSERT INTO artist_alias (id, artist, name, sort_name, locale, primary_for_locale, type)
        SELECT 7000000 + row_number() OVER (), 7000000, alias.name, sort, locale, is_primary, kind.id
        FROM (VALUES
          ($$バンド$$, $$ばんど$$, $$ja$$, true, $$Artist name$$), ($$The Band$$, $$Band, The$$, $$en_GB$$, true, NULL),
          ($$The$$, $$The$$, $$en_GB$$, false, NULL), ($$Die Band$$, $$Band, Die$$, $$de$$, true, $$Legal name$$),
          ($$No locale$$, $$x$$, NULL, false, NULL)
        ) AS alias (name, sort, locale, is_primary, type)
        LEFT JOIN artist_alias_type AS kind ON kind.name = alias.type
        """)
      let (copy, database) = try copy("locales", rows)
      let artist = try #require(try database.artists([Self.artist], by: deadline)[Self.artist])
      #expect(
        artist.localeAliases == [
          LocaleAlias(locale: "en_GB", name: "The", sortName: "The", isPrimary: false),
          LocaleAlias(locale: "en_GB", name: "The Band", sortName: "Band, The", isPrimary: true),
          LocaleAlias(locale: "ja", name: "バンド", sortName: "ばんど", isPrimary: true),
        ])
      #expect(artist.aliases == ["No locale", "The", "The Band", "バンド"])
      withExtendedLifetime(copy) {}
    }

    @Test func `a series lists its own albums in its order, with their artists' names`() throws {
      var rows = Rows()
      let series = Self.id(7, 1)
      rows.run(
        """
        INSERT INTO series (id, gid, name, type, ordering_type) VALUES (7000001, $$\(series)$$, $$S$$, 1, 1),
          (7000002, $$\(Self.id(7, 2))$$, $$Other$$, 1, 1)
        """)
      // By link_order, then by number; another kind of relationship is not being part of it.
      let parts = [(1, 2, "1"), (2, 1, "10"), (3, 1, "9"), (4, 1, "9b"), (5, 0, "7")]
      for (number, order, text) in parts {
        rows.album(number)
        let comparison = number == 5 ? "<>" : "="
        rows.run(
          """
          INSERT INTO link (id, link_type) SELECT \(7_000_000 + number), id FROM link_type
            WHERE gid \(comparison) $$01018437-91d8-36b9-bf89-3f885d53b5bd$$ LIMIT 1;
          INSERT INTO link_attribute_text_value (link, attribute_type, text_value)
            VALUES (\(7_000_000 + number), 788, $$\(text)$$);
          INSERT INTO l_release_group_series (id, link, entity0, entity1, link_order)
            VALUES (\(7_000_000 + number), \(7_000_000 + number), \(7_000_000 + number), 7000001, \(order))
          """)
      }
      let (copy, database) = try copy("series", rows)
      let entries = try database.series(series, by: deadline)
      #expect(entries.map(\.album) == [3, 4, 2, 1].map(Self.album))
      #expect(entries.allSatisfy { $0.artistName == "Band" && $0.artist == Self.artist })
      withExtendedLifetime(copy) {}
    }
  }
}
