import Core
import Metadata
import Testing

@testable import MusicBrainz

extension DatabaseTests {
  @Suite struct MatchingTests {
    let database: MusicBrainzDatabase
    let deadline = Deadline.after(milliseconds: 20_000)

    init() throws { database = try TestDatabase.open() }

    func link(_ id: String) throws -> [SpotifyLink] {
      try database.links(toSpotify: [try #require(SpotifyID(id))], by: deadline)
    }

    @Test func `an artist, a release group and a release's group are found by their Spotify links, all at once`() throws
    {
      let artist = try #require(SpotifyID("5k979N1TnPncUyqlXlaRSv"))
      let group = try #require(SpotifyID("rgLinkedOnly0000000001"))
      let release = try #require(SpotifyID("0fTuqjXMcqWJ6lOh8Jxijg"))
      let unknown = try #require(SpotifyID("4aawyAB9vmqN3uQ7FjRGTy"))
      let links = try database.links(toSpotify: [artist, group, release, unknown, artist], by: deadline)
      #expect(Set(links.map(\.id)) == [artist, group, release])
      #expect(links.count == 3)
      #expect(links.first { $0.id == artist }?.kind == .artist)
      #expect(links.first { $0.id == group }?.kind == .album)
      #expect(links.first { $0.id == release }?.kind == .album)
      let targets = links.map(\.target)
      let artists = try database.artists([links.first { $0.id == artist }?.target].compactMap(\.self), by: deadline)
      #expect(artists.values.first?.links.contains("https://open.spotify.com/artist/\(artist)") == true)
      let albums = try database.albums(targets.filter { !artists.keys.contains($0) }, by: deadline)
      #expect(albums.count == 2)
      #expect(try link("4aawyAB9vmqN3uQ7FjRGTy") == [])
      #expect(try database.links(toSpotify: [], by: deadline) == [])
    }

    @Test func `a link that is stored with http is one`() throws {
      let copy = try CopiedDatabase(
        "links", schemas: ["musicbrainz"],
        then: "UPDATE url SET url = overlay(url PLACING $$http$$ FROM 1 FOR 5) WHERE starts_with(url, $$https$$)")
      let database = try TestDatabase.open(name: copy.name)
      let artist = try #require(SpotifyID("5k979N1TnPncUyqlXlaRSv"))
      let release = try #require(SpotifyID("0fTuqjXMcqWJ6lOh8Jxijg"))
      let links = try database.links(toSpotify: [artist, release], by: .after(milliseconds: 20_000))
      #expect(Set(links.map(\.id)) == [artist, release])
    }

    @Test func `albums are matched by title and artist, whatever their case, in the order asked`() throws {
      let names = [
        AlbumName(title: "no such album", artist: "The Chemical Brothers"),
        AlbumName(title: "SURRENDER", artist: "the chemical brothers"),
        AlbumName(title: "Surrender", artist: "Somebody Else"),
      ]
      let matches = try database.albums(names, by: deadline)
      #expect(matches.map { $0 == nil } == [true, false, true])
      let surrender = try #require(matches[1])
      #expect(surrender.title == "Surrender")
      #expect(surrender.artist == "The Chemical Brothers")
      #expect(surrender.artistID == "1946a82a-f927-40c2-8235-38d64f50d043")
      let album = try #require(try database.albums([surrender.id], by: deadline)[surrender.id])
      #expect(surrender.date == album.firstReleaseDate)
      #expect(try database.albums([AlbumName](), by: deadline).isEmpty)
    }

    @Test func `artists are matched by name, whatever its case`() throws {
      let matches = try database.artists(["nobody at all", "THE CHEMICAL BROTHERS", ""], by: deadline)
      #expect(matches.map { $0?.id } == [nil, "1946a82a-f927-40c2-8235-38d64f50d043", nil])
      #expect(matches[1]?.name == "The Chemical Brothers")
    }

    @Test func `releases lead to their groups, and groups to themselves`() throws {
      let surrender = try #require(
        try database.albums([AlbumName(title: "Surrender", artist: "The Chemical Brothers")], by: deadline)[0])
      let album = try #require(try database.albums([surrender.id], by: deadline)[surrender.id])
      let release = try #require(album.releases.first?.id)
      let nobody: MBID = "00000000-0000-4000-8000-000000000000"
      let found = try database.albums(ofReleasesOrGroups: [release, surrender.id, nobody], by: deadline)
      #expect(found == [release: surrender, surrender.id: surrender])
    }
  }
}
