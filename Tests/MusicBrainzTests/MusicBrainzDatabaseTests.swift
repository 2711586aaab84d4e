import Core
import Metadata
import Testing

@testable import MusicBrainz
@testable import Postgres

private let distance: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
private let chemicalBrothers: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
private let myDemons: MBID = "22b54315-6e51-350b-bb34-e6e16f7688bd"
private let nobody: MBID = "00000000-0000-4000-8000-000000000000"

extension DatabaseTests {
  @Suite struct MusicBrainzDatabaseTests {
    let database: MusicBrainzDatabase
    let deadline = Deadline.after(milliseconds: 20_000)

    init() throws { database = try TestDatabase.open() }

    private func artist(_ id: MBID) throws -> Artist { try #require(try database.artists([id], by: deadline)[id]) }
    private func album(_ id: MBID) throws -> Album { try #require(try database.albums([id], by: deadline)[id]) }

    @Test func `an artist is told in full`() throws {
      var expected = Artist(id: chemicalBrothers, name: "The Chemical Brothers", sortName: "Chemical Brothers, The")
      expected.mergedIDs = ["aaaaaaaa-0000-4000-8000-000000000003"]
      expected.aliases = ["CHEMICAL BROTHERS", "Chemical Brother", "Chemical Brothers"]
      expected.type = "Group"
      expected.rating = Rating(count: 12, value: 87)
      expected.links = ["https://www.wikidata.org/wiki/Q1234", "https://localhost/x", "https://foo.co.uk/bar"]
      expected.genres = ["electronic", "big beat", "electronica", "house"]
      #expect(try artist(chemicalBrothers) == expected)
    }

    @Test func `an artist without a type, with characters that need care, keeps them`() throws {
      var expected = Artist(
        id: "a9000002-0000-4000-8000-000000000000", name: #"Empty <b>&"quoted"</b> / \ Ärtist ☃ 𝄞"#, sortName: "Empty")
      expected.aliases = ["alias null type", "alias type 1"]
      expected.disambiguation = "control \u{7} tab \t"
      expected.rating = Rating(count: 3, value: 73)
      let id = expected.id
      #expect(
        try database.discographies([id], albumless: [], by: deadline)[id] == Discography(artist: expected, albums: []))
    }

    @Test func `a merged id answers with the survivor`() throws {
      let merged: MBID = "aaaaaaaa-0000-4000-8000-000000000001"
      let found = try database.discographies([merged, distance], albumless: [], by: deadline)
      #expect(found.count == 2)
      #expect(found[merged]?.artist.id == distance)
      #expect(found[merged] == found[distance])
      #expect(found[merged]?.albums.count == 7)
      #expect(
        found[merged]?.artist.mergedIDs == [
          "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002",
        ])
      let mergedAlbum: MBID = "bbbbbbbb-0000-4000-8000-000000000001"
      #expect(try album(mergedAlbum) == album(myDemons))
    }

    @Test func `an id that is not there is missing from the answer, beside those that are`() throws {
      #expect(try database.artists([nobody, distance, distance], by: deadline).keys.map { $0 } == [distance])
      #expect(try database.discographies([nobody], albumless: [], by: deadline).isEmpty)
      #expect(try database.albums([nobody, myDemons], by: deadline).keys.map { $0 } == [myDemons])
      #expect(try database.albums([], by: deadline).isEmpty)
    }

    @Test func `an artist's albums are those whose credit begins with the artist`() throws {
      let albums = try #require(try database.discographies([distance], albumless: [], by: deadline)[distance]?.albums)
      #expect(
        Set(albums.map(\.title)) == [
          "My Demons", "Repercussions", "No type, no releases", "Year only", "Year and day, no month",
          "Feb 29 without year", "Two artists feat.",
        ])
      var expected = AlbumSummary(id: "b9000003-0000-4000-8000-000000000000", title: "Year only")
      expected.primaryType = "EP"
      expected.secondaryTypes = ["Remix"]
      expected.statuses = ["Promotion"]
      expected.firstReleaseDate = PartialDate(year: 1987, month: nil, day: nil)
      #expect(albums.first { $0.id == expected.id } == expected)
      let bare = try #require(albums.first { $0.title == "No type, no releases" })
      #expect(bare == AlbumSummary(id: bare.id, title: bare.title))
      let second: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
      #expect(
        try database.discographies([second], albumless: [], by: deadline)[second]?.albums.map(\.title) == ["Surrender"])
    }

    @Test func `a release without a status counts as a status of no name`() throws {
      let various: MBID = "89ad4ac3-39f7-470e-963a-56509c546377"
      let albums = try #require(try database.discographies([various], albumless: [], by: deadline)[various]?.albums)
      let compilation = try #require(albums.first { $0.title == "VA compilation" })
      #expect(compilation.statuses == ["", "Bootleg", "Official"])
      #expect(compilation.secondaryTypes == ["Compilation", "Live"])
    }

    @Test func `29 February without a year is no date, and fails nothing`() throws {
      let album = try album("b9000005-0000-4000-8000-000000000000")
      #expect(album.title == "Feb 29 without year")
      #expect(album.firstReleaseDate == PartialDate(year: nil, month: 2, day: 29))
      #expect(album.firstReleaseDate.calendarDate == nil)
      #expect(album.releases.isEmpty)
    }

    @Test func `a date without a month keeps what it has`() throws {
      let album = try album("b9000004-0000-4000-8000-000000000000")
      #expect(album.releases.map(\.date) == [PartialDate(year: 2001, month: nil, day: 15)])
    }

    @Test func `a credit with a guest names the first artist`() throws {
      let album = try album("b9000006-0000-4000-8000-000000000000")
      #expect(album.artistID == distance)
      #expect(album.artistIDs == [distance])
      #expect(album.releases[0].media[0].tracks.map(\.artistID) == [distance])
    }

    @Test func `videos and data tracks are left out, but their artists are named`() throws {
      let album = try album("b9000002-0000-4000-8000-000000000000")
      #expect(
        album.artistIDs == [
          "89ad4ac3-39f7-470e-963a-56509c546377", "1946a82a-f927-40c2-8235-38d64f50d043",
          "a16d1433-ba89-4f72-a47b-a370add0bb55", "472bc127-8861-45e8-bc9e-31e8dd32de7a",
        ])
      let official = try #require(album.releases.first)
      #expect(official.media[0].tracks.map(\.title) == ["VA one", "VA two"])
      #expect(official.media[0].tracks.map(\.number) == ["A1", "A2"])
      #expect(official.media[0].tracks.map(\.length) == [123_456, nil])
    }

    @Test func `a medium without a format and a release without a status are kept`() throws {
      let album = try album("b9000002-0000-4000-8000-000000000000")
      #expect(album.releases.map(\.status) == ["Official", "Bootleg", nil])
      #expect(album.releases[0].media.map(\.format) == ["CD", nil])
      #expect(album.releases[0].media.map(\.name) == ["Disc one", "No format"])
      #expect(album.releases[0].media.map(\.position) == [1, 2])
    }

    @Test func `a compilation is told in full`() throws {
      let album = try album("b9000002-0000-4000-8000-000000000000")
      #expect(album.title == "VA compilation")
      #expect(album.disambiguation == "comp")
      #expect(album.aliases == ["VA alias", "VA null", "VA compilation (other title)", "VA null status"])
      #expect(album.secondaryTypes == ["Compilation", "Live"])
      #expect(album.firstReleaseDate == PartialDate(year: 1999, month: 2, day: nil))
      #expect(album.rating == Rating(count: 2, value: 50))
      #expect(album.releases[0].countries == ["United Kingdom", "United States"])
      #expect(
        album.frontCover == CoverArt(release: "c9000001-0000-4000-8000-000000000000", image: 90_000_002))
      #expect(
        album.mediumCover == CoverArt(release: "c9000002-0000-4000-8000-000000000000", image: 90_000_003))
    }

    @Test func `merged releases, tracks and recordings are named`() throws {
      let release = try #require(try album(myDemons).releases.first)
      #expect(release.mergedIDs == ["cccccccc-0000-4000-8000-000000000001"])
      #expect(release.labels == ["Planet Mu"])
      #expect(release.date == PartialDate(year: 2007, month: 1, day: 29))
      #expect(release.media.map(\.tracks.count) == [12])
      var expected = Track(
        id: "52b0195e-673e-31d2-b9a7-be49edef1ea8", recordingID: "c4ef59be-bfa1-4601-81f8-9a65e3d8c1c9",
        artistID: distance, title: "Night Vision", number: "1", position: 1)
      expected.mergedIDs = ["dddddddd-0000-4000-8000-000000000001"]
      expected.mergedRecordingIDs = ["eeeeeeee-0000-4000-8000-000000000001"]
      expected.length = 369_000
      #expect(release.media[0].tracks[0] == expected)
      #expect(release.media[0].tracks.map(\.position) == Array(1...12))
    }

    @Test func `an album's genres and links are found`() throws {
      #expect(try album(myDemons).genres == ["dubstep", "electronic", "grime"])
      #expect(
        try album("22ca85ec-ee39-3895-aef9-dee5d5c2f4d6").links
          == ["https://open.spotify.com/album/rgLinkedOnly0000000001"])
    }

    @Test func `the data's age, the schema's version and the server's health are told`() throws {
      #expect(try database.vintage(by: deadline) == "2026-07-24T10:00:00+00:00")
      #expect(try database.replication(by: deadline).schema == 31)
      try database.ping(by: deadline)
    }

    @Test func `a database without the schema is an error that says so`() throws {
      let error = try #require(throws: SourceError.self) {
        try TestDatabase.open(name: "postgres").artists([distance], by: deadline)
      }
      #expect(error == SourceError(.failed, "MusicBrainz database: tables or their schema are missing (42P01)"))
    }

    @Test func `a connection answers again after an error`() throws {
      let options = try TestDatabase.options()
      let connection = try PostgresConnection(
        try PostgresLibrary(), options.parameters(for: options.attempts[0]), by: deadline)
      let broken = PostgresQuery(PostgresStatement("broken", Array("SELECT 1 / $1::bigint".utf8)), .int8(0))
      let echo = PostgresQuery(
        PostgresStatement("echo", Array("SELECT $1::text, $2::text[]".utf8)), .text(""), .texts(["a", "é"]))
      let error = try #require(throws: PostgresFailure.self) {
        try connection.run([echo, broken, echo], by: deadline) { _, _ throws(PostgresFailure) in }
      }
      #expect(error.sqlState == "22012")
      var answers: [[String]] = []
      try connection.run([echo, echo], by: deadline) { _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in answers.append([try row.text()] + (try row.texts())) }
      }
      #expect(answers == [["", "a", "é"], ["", "a", "é"]])
    }

    @Test func `all statements of a question see one snapshot`() throws {
      let options = try TestDatabase.options()
      let connection = try PostgresConnection(
        try PostgresLibrary(), options.parameters(for: options.attempts[0]), by: deadline)
      let snapshot = PostgresQuery(
        PostgresStatement("snapshot", Array("SELECT txid_current_snapshot()::text, now()::text".utf8)))
      let pause = PostgresQuery(PostgresStatement("pause", Array("SELECT pg_sleep(0.01)::text".utf8)))
      var seen: [[String]] = []
      try connection.run([snapshot, pause, snapshot], by: deadline) { index, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in
          if index != 1 { seen.append([try row.text(), try row.text()]) }
        }
      }
      #expect(seen.count == 2)
      #expect(seen[0] == seen[1])
    }
  }
}
