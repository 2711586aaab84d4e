import Core
import Metadata
import Testing

@testable import MusicBrainz
@testable import Postgres

extension DatabaseTests {
  /// Which documents show rows, for all rows of the sample that are known by other means.
  @Suite struct RowTests {
    let database: MusicBrainzDatabase
    let deadline = Deadline.after(milliseconds: 20_000)
    static let surrender: MBID = "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"
    static let chemicalBrothers: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"

    init() throws { database = try TestDatabase.open() }

    /// The keys that a query without parameters finds.
    private func keys(_ sql: String) throws -> Set<Int64> {
      let client = PostgresClient(name: "test", options: try TestDatabase.options(), logger: TestDatabase.logger)
      return try client.run(
        { _ in [PostgresQuery(PostgresStatement("row_test", Array(sql.utf8)))] }, into: Set<Int64>(), by: deadline
      ) { found, _, rows throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in found.insert(Int64(try row.int())) }
      }
    }

    private func changes(_ fill: (inout RowKeys) throws -> Void) throws -> EntityChanges {
      var rows = RowKeys()
      try fill(&rows)
      try #require(!rows.isEmpty)
      return try database.changes(of: rows, by: deadline)
    }

    private static let group = "(SELECT id FROM musicbrainz.release_group WHERE gid = '\(surrender)')"
    private static let releases = "SELECT id FROM musicbrainz.release WHERE release_group = \(group)"
    private static let media = "SELECT id FROM musicbrainz.medium WHERE release IN (\(releases))"

    @Test func `rows of an artist, and of a url that it is linked to`() throws {
      let id = "SELECT id FROM musicbrainz.artist WHERE gid = '\(Self.chemicalBrothers)'"
      var expected = EntityChanges()
      expected.artists = [Self.chemicalBrothers]
      #expect(try changes { $0.artists = try keys(id) } == expected)
      let urls = "SELECT entity1 FROM musicbrainz.l_artist_url WHERE entity0 = (\(id))"
      #expect(try changes { $0.urls = try keys(urls) }.artists == [Self.chemicalBrothers])
    }

    @Test func `rows of an album and its releases show in the artist's list, those of media and tracks do not`() throws
    {
      var expected = EntityChanges()
      expected.albums = [Self.surrender]
      #expect(try changes { $0.media = try keys(Self.media) } == expected)
      let tracks = "FROM musicbrainz.track WHERE medium IN (\(Self.media))"
      #expect(try changes { $0.tracks = try keys("SELECT id \(tracks)") } == expected)
      #expect(
        try changes { $0.recordings = try keys("SELECT recording \(tracks)") }.albums.contains(Self.surrender))
      expected.discographies = [Self.chemicalBrothers]
      #expect(try changes { $0.albums = try keys("SELECT \(Self.group)") } == expected)
      #expect(try changes { $0.releases = try keys(Self.releases) } == expected)
      #expect(try changes { $0.albumIDs = [Self.surrender] } == expected)
    }

    @Test func `all of it is one question, and what is gone is shown by nothing`() throws {
      let gone: Set<Int64> = [2_000_000_001]
      var rows = RowKeys()
      (rows.artists, rows.albums, rows.releases, rows.media) = (gone, gone, gone, gone)
      (rows.tracks, rows.recordings, rows.urls, rows.series) = (gone, gone, gone, gone)
      rows.albumIDs = ["00000000-0000-4000-8000-000000000000"]
      rows.releaseIDs = ["00000000-0000-4000-8000-000000000000"]
      #expect(try database.changes(of: rows, by: deadline).isEmpty)
      #expect(try database.changes(of: RowKeys(), by: deadline).isEmpty)
      let series = try keys("SELECT id FROM musicbrainz.series")
      try #require(!series.isEmpty)
      #expect(try changes { $0.series = series }.series.count == series.count)
    }
  }
}
