import Core
import Metadata
import Testing

@testable import MusicBrainz
@testable import Postgres

private let artist: MBID = "a0000000-0000-4000-8000-000000000001"
private let guest: MBID = "a0000000-0000-4000-8000-000000000002"
private let group: MBID = "b0000000-0000-4000-8000-000000000001"

@Suite struct AlbumAssemblyTests {
  var assembly = AlbumAssembly()

  init() {
    assembly.add(group: Album(id: group, title: "Title", artistID: artist), id: 1, asked: group)
  }

  private func album() throws -> Album { try #require(try assembly.albums()[group]) }

  private func release(_ number: UInt64, _ title: String = "Title", status: String? = "Official") -> Release {
    var release = Release(id: id(number), title: title)
    release.status = status
    return release
  }

  private func id(_ number: UInt64) -> MBID { MBID(high: 0xc000_0000_0000_4000, low: 0x8000_0000_0000_0000 + number) }

  @Test func `every id that was asked for answers, also two of the same album`() throws {
    var assembly = assembly
    let merged: MBID = "bbbbbbbb-0000-4000-8000-000000000001"
    assembly.add(group: Album(id: group, title: "Title", artistID: artist), id: 1, asked: merged)
    let albums = try assembly.albums()
    #expect(albums.count == 2)
    #expect(albums[merged] == albums[group])
  }

  @Test mutating func `releases are sorted by date, then title, then id, undated ones last`() throws {
    for (number, title) in [(5, "B"), (4, "A"), (3, "B"), (2, "Z"), (1, "Y")] as [(UInt64, String)] {
      assembly.add(release: release(number, title), id: Int(number), group: 1)
    }
    assembly.add(event: PartialDate(year: 1990, month: 2, day: 1), country: nil, release: 1)
    assembly.add(event: PartialDate(year: 1990, month: 1, day: 1), country: nil, release: 2)
    #expect(try album().releases.map(\.id) == [id(2), id(1), id(4), id(3), id(5)])
  }

  @Test mutating func `a release takes its earliest event and each country once, sorted`() throws {
    assembly.add(release: release(1), id: 1, group: 1)
    assembly.add(event: PartialDate(year: 1990, month: nil, day: nil), country: "Japan", release: 1)
    assembly.add(event: PartialDate(year: 1990, month: 3, day: 4), country: "Belgium", release: 1)
    assembly.add(event: PartialDate(year: 1991, month: 1, day: 1), country: "Japan", release: 1)
    let release = try #require(try album().releases.first)
    #expect(release.date == PartialDate(year: 1990, month: 3, day: 4))
    #expect(release.countries == ["Belgium", "Japan"])
  }

  @Test mutating func `a release's merged ids come as rows of their own`() throws {
    for merged in [11, 12] as [UInt64] {
      var release = release(1)
      release.mergedIDs = [id(merged)]
      assembly.add(release: release, id: 1, group: 1)
    }
    #expect(try album().releases.map(\.mergedIDs) == [[id(11), id(12)]])
  }

  @Test mutating func `a track's merged ids come as rows of their own, every pair of them`() throws {
    assembly.add(release: release(1), id: 1, group: 1)
    assembly.add(medium: Medium(position: 1), id: 1, release: 1)
    for (track, recording) in [(1, 4), (1, 3), (2, 3), (2, 4)] as [(UInt64, UInt64)] {
      var row = Track(id: id(7), recordingID: id(8), artistID: artist, title: "T", number: "1", position: 1)
      row.mergedIDs = [id(track)]
      row.mergedRecordingIDs = [id(recording)]
      assembly.add(track: row, id: 7, medium: 1)
    }
    let tracks = try album().releases[0].media[0].tracks
    #expect(tracks.count == 1)
    #expect(tracks[0].mergedIDs == [id(1), id(2)])
    #expect(tracks[0].mergedRecordingIDs == [id(3), id(4)])
  }

  @Test mutating func `tracks come in any order and are listed by position, then by key`() throws {
    assembly.add(release: release(1), id: 1, group: 1)
    assembly.add(medium: Medium(position: 1), id: 1, release: 1)
    for (key, position, merged) in [(8, 2, 1), (7, 2, 2), (9, 1, 3), (8, 2, 4)] as [(Int, Int, UInt64)] {
      let number = UInt64(key)
      var track = Track(
        id: id(number), recordingID: id(number), artistID: artist, title: "T", number: "1", position: position)
      track.mergedIDs = [id(100 + merged)]
      assembly.add(track: track, id: key, medium: 1)
    }
    let tracks = try album().releases[0].media[0].tracks
    #expect(tracks.map(\.id) == [id(9), id(7), id(8)])
    #expect(tracks[2].mergedIDs == [id(101), id(104)])
  }

  @Test mutating func `names of releases become aliases, each once and without the title`() throws {
    for (number, title) in [(1, "Title"), (2, "Other"), (3, "Other")] as [(UInt64, String)] {
      assembly.add(release: release(number, title), id: Int(number), group: 1)
    }
    #expect(try album().aliases == ["Other"])
  }

  @Test mutating func `the album's artist is the first of its artists, and each is there once`() throws {
    for (credit, first) in [(1, artist), (2, guest), (3, guest), (4, artist)] {
      assembly.add(credit: credit, firstArtist: first, group: 1)
    }
    #expect(try album().artistIDs == [artist, guest])
    #expect(throws: AssemblyFailure.self) { try assembly.firstArtist(ofCredit: 5) }
  }

  @Test mutating func `the cover is that of the earliest official release`() throws {
    for (number, status) in [(1, "Bootleg"), (2, "Official"), (3, "Official")] as [(UInt64, String)] {
      assembly.add(release: release(number, status: status), id: Int(number), group: 1)
      assembly.add(event: PartialDate(year: 2000 - Int(number), month: 1, day: 1), country: nil, release: Int(number))
      assembly.add(image: Int64(number), isFront: true, isChosenCover: false, release: Int(number))
    }
    assembly.add(image: 10, isFront: false, isChosenCover: false, release: 1)
    #expect(try album().frontCover == CoverArt(release: id(3), image: 3))
    #expect(try album().mediumCover == CoverArt(release: id(1), image: 10))
  }

  @Test mutating func `a cover that editors chose comes before all others`() throws {
    for number in [1, 2] as [UInt64] {
      assembly.add(release: release(number, status: number == 1 ? "Official" : nil), id: Int(number), group: 1)
      assembly.add(image: Int64(number), isFront: true, isChosenCover: number == 2, release: Int(number))
    }
    #expect(try album().frontCover == CoverArt(release: id(2), image: 2))
  }
}

@Suite struct CoverTests {
  @Test func `a clean scan goes before a raw one, an official release before others, the earliest before all`() throws {
    typealias Entry = (isChosen: Bool, isRaw: Bool, status: String?)
    let cases: [(entries: [Entry], best: Int)] = [
      ([(false, true, "Official"), (false, false, nil)], 2), ([(false, true, nil), (false, true, "Official")], 2),
      ([(false, false, nil), (false, false, nil)], 1), ([(false, false, "Official"), (true, true, nil)], 2),
      ([(false, true, "Official")], 1),
    ]
    for (entries, best) in cases {
      var assembly = AlbumAssembly()
      assembly.add(group: Album(id: group, title: "T", artistID: artist), id: 1, asked: group)
      for (index, entry) in entries.enumerated() {
        let number = UInt64(index + 1)
        var release = Release(id: MBID(high: 1, low: number), title: "R")
        release.status = entry.status
        assembly.add(release: release, id: index + 1, group: 1)
        assembly.add(event: PartialDate(year: 2000 + index, month: 1, day: 1), country: nil, release: index + 1)
        assembly.add(
          image: Int64(number), isFront: true, isChosenCover: entry.isChosen, isRaw: entry.isRaw, release: index + 1)
      }
      #expect(try assembly.albums()[group]?.frontCover?.image == Int64(best), "\(entries)")
    }
  }
}

@Suite struct ArtistAssemblyTests {
  private let asked = Artist(id: artist, name: "A", sortName: "A")

  @Test func `an album's secondary types and merged ids come as rows, every pair of them, in any order`() throws {
    var assembly = ArtistAssembly()
    assembly.add(artist: asked, id: 1, asked: artist)
    for (merged, type) in [(guest, "Remix"), (guest, "Live"), (nil, nil), (artist, "Remix"), (artist, "Live")] {
      var album = AlbumSummary(id: merged == nil ? artist : group, title: "T")
      album.mergedIDs = [merged].compactMap(\.self)
      album.secondaryTypes = [type].compactMap(\.self)
      assembly.add(album: album, id: merged == nil ? 8 : 9, artist: 1)
    }
    let albums = try #require(assembly.discographies[artist]?.albums)
    #expect(albums.map(\.id) == [artist, group])
    #expect(albums[1].secondaryTypes == ["Live", "Remix"])
    #expect(albums[1].mergedIDs == [artist, guest])
  }

  @Test func `statuses are named, each once, sorted, and one that is not there is an error`() throws {
    var assembly = ArtistAssembly()
    assembly.add(status: "Promotion", id: 2)
    assembly.add(status: "Official", id: 1)
    for _ in 0..<2 { #expect(try assembly.statuses([2, 0, 1, 2]) == ["", "Official", "Promotion"]) }
    #expect(try assembly.statuses([]) == [])
    #expect(throws: AssemblyFailure.self) { try assembly.statuses([2, 7]) }
  }
}
