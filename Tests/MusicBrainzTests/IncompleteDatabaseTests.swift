import Core
import Metadata
import Testing

@testable import MusicBrainz

private let distance: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
private let myDemons: MBID = "22b54315-6e51-350b-bb34-e6e16f7688bd"

private let series: MBID = "d977f7fd-96c9-4e3e-83b5-eb484a9e6581"
private let chemicalBrothers: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
private let nobody: MBID = "00000000-0000-4000-8000-000000000000"

extension DatabaseTests {
  @Suite struct IncompleteDatabaseTests {
    let deadline = Deadline.after(milliseconds: 60_000)

    @Test func `an empty database is an error, not a world without artists`() throws {
      let copy = try CopiedDatabase(
        "empty", schemas: ["musicbrainz"],
        then: "TRUNCATE artist, release_group, release, medium, track, replication_control CASCADE")
      let database = try TestDatabase.open(name: copy.name)
      let expected = SourceError(.empty, "MusicBrainz database: schema musicbrainz holds no data")
      #expect(throws: expected) { try database.artists([distance], by: deadline) }
      #expect(throws: expected) { try database.discographies([distance], albumless: [], by: deadline) }
      #expect(throws: expected) { try database.albums([myDemons], by: deadline) }
      #expect(try database.vintage(by: deadline) == nil)
      #expect(try database.replication(by: deadline).schema == nil)
    }

    @Test func `a mirror that is still being filled is an error even for what is there`() throws {
      let copy = try CopiedDatabase(
        "half", schemas: ["musicbrainz"], then: "ALTER TABLE track DROP CONSTRAINT track_pkey")
      let error = try #require(throws: SourceError.self) {
        try TestDatabase.open(name: copy.name).albums([myDemons], by: deadline)
      }
      #expect(error.code == .empty)
    }

    @Test func `nothing is told to be missing by a database in which a table is empty`() throws {
      let copy = try CopiedDatabase("tables", schemas: ["musicbrainz"])
      let database = try TestDatabase.open(name: copy.name)
      for table in [
        "artist", "artist_credit", "artist_credit_name", "release_group", "release", "medium", "track", "recording",
      ] {
        try copy.execute("CREATE TABLE kept AS TABLE \(table); DELETE FROM \(table)")
        func expectError(_ question: String, _ ask: () throws -> Void) {
          let error = #expect(throws: SourceError.self, "\(question) with an empty \(table)") { try ask() }
          #expect(error?.code == .empty, "\(question) with an empty \(table)")
        }
        expectError("ping") { try database.ping(by: deadline) }
        expectError("series") { _ = try database.series(nobody, by: deadline) }
        expectError("artist that is not there") { _ = try database.artists([nobody], by: deadline) }
        if ["artist", "artist_credit_name", "release_group", "release"].contains(table) {
          expectError("artist's albums") { _ = try database.discographies([distance], albumless: [], by: deadline) }
        }
        if ["release_group", "release", "medium", "track", "recording"].contains(table) {
          expectError("album") { _ = try database.albums([myDemons], by: deadline) }
        }
        try copy.execute("INSERT INTO \(table) SELECT * FROM kept; DROP TABLE kept")
      }
      try database.ping(by: deadline)
      #expect(try database.series(nobody, by: deadline).isEmpty)
      #expect(try database.discographies([distance], albumless: [], by: deadline)[distance]?.albums.count == 7)
      let bare: MBID = "b9000005-0000-4000-8000-000000000000"
      #expect(try database.albums([bare], by: deadline)[bare]?.releases.isEmpty == true)
    }

    @Test func `nothing is looked up in vain in an empty database`() throws {
      let copy = try CopiedDatabase("lookup", schemas: ["musicbrainz"], then: "TRUNCATE artist, release_group CASCADE")
      let database = try TestDatabase.open(name: copy.name)
      let expected = SourceError(.empty, "MusicBrainz database: schema musicbrainz holds no data")
      let spotify = try #require(SpotifyID("rgLinkedOnly0000000001"))
      #expect(throws: expected) { try database.identify(distance, by: deadline) }
      #expect(throws: expected) { try database.identify(urls: ["https://localhost/x"], by: deadline) }
      #expect(throws: expected) { try database.albums(holding: [nobody], by: deadline) }
      #expect(throws: expected) { try database.series(series, by: deadline) }
      #expect(throws: expected) { try database.links(toSpotify: [spotify], by: deadline) }
      #expect(throws: expected) { try database.albums(ofReleasesOrGroups: [myDemons], by: deadline) }
      #expect(throws: expected) { try database.artists(["Distance"], by: deadline) }
      #expect(throws: expected) {
        try database.albums([AlbumName(title: "My Demons", artist: "Distance")], by: deadline)
      }
    }

    @Test func `what refers to a row that is not there is an error, not a shorter list`() throws {
      let copy = try CopiedDatabase("orphans", schemas: ["musicbrainz"])
      let database = try TestDatabase.open(name: copy.name)
      #expect(try database.uncreditedAlbums(by: deadline) == 0)
      #expect(try !database.series(series, by: deadline).isEmpty)

      try copy.execute("DELETE FROM release_status WHERE name = $$Official$$")
      #expect(throws: SourceError.self) { try database.discographies([distance], albumless: [], by: deadline) }
      #expect(throws: SourceError.self) { try database.albums([myDemons], by: deadline) }
      try copy.execute("INSERT INTO release_status (id, name, gid) VALUES (1, $$Official$$, gen_random_uuid())")
      #expect(try database.albums([myDemons], by: deadline).count == 1)

      try copy.execute("CREATE TABLE kept AS TABLE release_group_primary_type; DELETE FROM release_group_primary_type")
      #expect(throws: SourceError.self) { try database.discographies([distance], albumless: [], by: deadline) }
      #expect(throws: SourceError.self) { try database.albums([myDemons], by: deadline) }
      try copy.execute("INSERT INTO release_group_primary_type SELECT * FROM kept; DROP TABLE kept")

      let compilation: MBID = "b9000002-0000-4000-8000-000000000000"
      try copy.execute("DELETE FROM release_group_secondary_type")
      #expect(throws: SourceError.self) { try database.discographies([distance], albumless: [], by: deadline) }
      #expect(throws: SourceError.self) { try database.albums([compilation], by: deadline) }

      try copy.execute(
        "DELETE FROM recording WHERE gid = (SELECT $$c4ef59be-bfa1-4601-81f8-9a65e3d8c1c9$$::uuid)")
      #expect(throws: SourceError.self) { try database.albums([myDemons], by: deadline) }

      try copy.execute(
        """
        DELETE FROM artist_credit_name WHERE artist_credit IN (
          SELECT artist_credit FROM release_group
          JOIN release_group_series AS listed ON listed.release_group = release_group.id
          JOIN series ON series.id = listed.series
          WHERE series.gid = $$\(series)$$
          LIMIT 1
        )
        """)
      #expect(throws: SourceError.self) { try database.series(series, by: deadline) }
      #expect(try database.uncreditedAlbums(by: deadline) > 0)
    }

    @Test(
      arguments: [
        "DELETE FROM artist_credit_name WHERE artist_credit = (SELECT artist_credit FROM asked)",
        "UPDATE release_group SET artist_credit = 999999999 WHERE id = (SELECT id FROM asked)",
        """
        UPDATE artist_credit_name SET artist = 999999999
        WHERE artist_credit = (SELECT artist_credit FROM asked) AND position = 0
        """,
      ])
    func `an album whose credit is not there is not dropped from its artist's list in silence`(_ loss: String) throws {
      let copy = try CopiedDatabase("credits", schemas: ["musicbrainz"])
      final class Clock { var now = Deadline.monotonicNanoseconds() }
      let clock = Clock()
      let database = MusicBrainzDatabase(
        options: try TestDatabase.options(name: copy.name), logger: TestDatabase.logger, now: { clock.now })
      #expect(try database.discographies([distance], albumless: [], by: deadline)[distance]?.albums.count == 7)
      try copy.execute("CREATE TABLE asked AS SELECT id, artist_credit FROM release_group WHERE gid = $$\(myDemons)$$")
      try copy.execute(loss)
      clock.now += 10_000_000_000
      for _ in 0..<2 {
        let error = #expect(throws: SourceError.self) {
          try database.discographies([distance], albumless: [], by: deadline)
        }
        #expect(error?.code == .empty)
      }
      // Whose list lacks it can be told by the credit, where that is there.
      let others = Result { try database.discographies([chemicalBrothers], albumless: [], by: deadline) }
      if loss.contains("UPDATE release_group") {
        #expect(throws: SourceError.self) { try others.get() }
        #expect(throws: SourceError.self) { try database.ping(by: deadline) }
      } else {
        #expect(try others.get().count == 1)
        #expect(throws: Never.self) { try database.ping(by: deadline) }
      }
      #expect(try database.artists([distance], by: deadline).count == 1)
    }

    @Test func `how long ago the last change was replicated is told, if there was any`() throws {
      let copy = try CopiedDatabase("replicated", schemas: ["musicbrainz"])
      try copy.execute("UPDATE replication_control SET last_replication_date = now() - make_interval(days => 90)")
      let database = try TestDatabase.open(name: copy.name)
      let age = try #require(try database.replication(by: deadline).age)
      #expect((7_776_000...7_776_600).contains(age))
      try copy.execute("UPDATE replication_control SET last_replication_date = NULL")
      #expect(try database.replication(by: deadline).age == nil)
      try copy.execute("DELETE FROM replication_control")
      #expect(try database.replication(by: deadline).age == nil)
    }

    @Test func `a mirror without the Cover Art Archive has no images, and everything else`() throws {
      let copy = try CopiedDatabase("mirror", schemas: ["musicbrainz"])
      let id: MBID = "b9000002-0000-4000-8000-000000000000"
      let album = try #require(try TestDatabase.open(name: copy.name).albums([id], by: deadline)[id])
      var expected = try #require(try TestDatabase.open().albums([id], by: deadline)[id])
      expected.frontCover = nil
      expected.mediumCover = nil
      #expect(album == expected)
    }

    @Test func `the cover that editors chose is taken, and its time of replication has microseconds`() throws {
      let copy = try CopiedDatabase(
        "chosen", schemas: ["musicbrainz", "cover_art_archive"],
        then: """
          INSERT INTO cover_art_archive.release_group_cover_art
            SELECT release_group, id FROM release WHERE id = 9000002;
          UPDATE replication_control SET last_replication_date = $$2026-07-22 16:01:34.829552+02$$
          """)
      let database = try TestDatabase.open(name: copy.name)
      let id: MBID = "b9000002-0000-4000-8000-000000000000"
      let album = try #require(try database.albums([id], by: deadline)[id])
      #expect(
        album.frontCover == CoverArt(release: "c9000002-0000-4000-8000-000000000000", image: 90_000_003))
      #expect(try database.vintage(by: deadline) == "2026-07-22T14:01:34.829552+00:00")
    }
  }
}
