import Core
import Metadata
import Testing

@testable import MusicBrainz

private let distance: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
private let myDemons: MBID = "22b54315-6e51-350b-bb34-e6e16f7688bd"

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
      #expect(try database.schemaVersion(by: deadline) == nil)
    }

    @Test func `a mirror that is still being filled is an error even for what is there`() throws {
      let copy = try CopiedDatabase(
        "half", schemas: ["musicbrainz"], then: "ALTER TABLE track DROP CONSTRAINT track_pkey")
      let error = try #require(throws: SourceError.self) {
        try TestDatabase.open(name: copy.name).albums([myDemons], by: deadline)
      }
      #expect(error.code == .empty)
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
