import Core
import Metadata
import Testing

@testable import Search

/// A section as bytes in memory.
final class SectionInMemory {
  let bytes: [UInt8]
  private let memory: UnsafeMutableRawBufferPointer

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    memory = .allocate(byteCount: max(bytes.count, 1), alignment: 1)
    memory.copyBytes(from: bytes)
  }

  deinit { memory.deallocate() }

  func section() throws -> NameSection {
    try NameSection(UnsafeRawBufferPointer(rebasing: memory[..<bytes.count]), owner: self)
  }

  static func bytes(
    _ artists: [ArtistNames], _ albums: [AlbumNames], excluded: Set<MBID> = [], memory: Int = 8 << 20
  ) throws -> (bytes: [UInt8], summary: NameSectionWriter.Summary) {
    var bytes: [UInt8] = []
    let writer = NameSectionWriter(scratch: "/tmp", memory: memory, excluded: excluded) { bytes += $0 }
    for artist in artists { try writer.add(artist) }
    for album in albums { try writer.add(album) }
    let summary = try writer.finish()
    return (bytes, summary)
  }
}

@Suite struct NameSectionTests {
  @Test func `a file that was cut off is not read`() throws {
    let (bytes, _) = try SectionInMemory.bytes(NameSectionTests.artists, NameSectionTests.albums)
    let search = MappedSearch(try SectionInMemory(bytes).section()) { false }
    let error = #expect(throws: SourceError.self) {
      try search.search(SearchRequest(.artists, "beatles"), by: .after(milliseconds: 1_000))
    }
    #expect(error?.code == .unavailable)
  }

  static func id(_ number: Int) -> MBID { MBID(high: 1, low: UInt64(number)) }

  static func artist(
    _ key: Int, _ name: String, aliases: [String] = [], references: Int = 1
  ) -> ArtistNames {
    ArtistNames(key: key, id: id(key), name: name, sortName: name, aliases: aliases, references: references)
  }

  static func album(_ key: Int, _ title: String, by artist: Int, _ credit: String, releases: Int = 1) -> AlbumNames {
    AlbumNames(
      key: key, id: id(100_000 + key), title: title, credit: credit, artistKey: artist, type: "Album",
      releases: releases)
  }

  static let artists = [
    artist(1, "The Beatles", aliases: ["Fab Four"], references: 90_000), artist(2, "Beatles"),
    artist(3, "Sigur Rós", references: 900), artist(4, "††† (Crosses)"), artist(5, "宇多田ヒカル", references: 80),
    artist(6, "Simon & Garfunkel", references: 700), artist(9, "Various Artists", references: 400_000),
    artist(10, "AC/DC", references: 9_000), artist(11, "Ada Quince"),
  ]
  static let albums = [
    album(1, "Revolver", by: 1, "The Beatles", releases: 60), album(2, "Help!", by: 1, "The Beatles", releases: 30),
    album(3, "()", by: 3, "Sigur Rós"), album(4, "Kuschelrock 12", by: 9, "Various Artists"),
    album(5, "Back in Black", by: 10, "AC/DC feat. Nobody", releases: 9),
    album(6, "Bookends", by: 6, "Simon & Garfunkel"),
    album(7, "Clear Water", by: 11, "Ada Quince"), album(8, "Lost", by: 77, "Who Is Not There"),
  ]

  static func search(
    _ artists: [ArtistNames] = artists, _ albums: [AlbumNames] = albums, memory: Int = 8 << 20
  ) throws -> MappedSearch {
    let bytes = try SectionInMemory.bytes(artists, albums, excluded: [id(9)], memory: memory).bytes
    return MappedSearch(try SectionInMemory(bytes).section())
  }

  var deadline: Deadline { .after(milliseconds: 10_000) }

  @Test(arguments: [
    "beatles", "The Beatles", "fab four", "Beatles, The", "the beetles", "beatels", "beatl", "teh beatles", "beatles x",
  ])
  func `an artist is found by all that it may be called`(text: String) throws {
    let hits = try NameSectionTests.search().search(SearchRequest(.artists, text), by: deadline)
    #expect(hits.first?.entity == .artist(NameSectionTests.id(1)), "\(hits)")
  }

  @Test(arguments: [
    ("revolver", 1), ("beatles revolver", 1), ("revolver the beatles", 1), ("fab four revolvr", 1), ("help", 2),
    ("sigur ros ()", 3), ("Back in Black", 5), ("ac dc back in blakc", 5), ("Clear Water (Deluxe)", 7),
    ("ada quince - clear water [explicit]", 7), ("bookends simon and garfunkle", 6), ("kuschelrock 12", 4),
    ("lost", 8), ("nobody back black", 5),
  ])
  func `an album is found with its artist and without`(text: String, album: Int) throws {
    let hits = try NameSectionTests.search().search(SearchRequest(.albums, text), by: deadline)
    #expect(hits.first?.entity == .album(NameSectionTests.id(100_000 + album)), "\(hits)")
  }

  @Test(arguments: [
    ("revolver", "beatles", 1), ("revolver (remastered)", "the beatles feat. somebody", 1),
    ("kuschel rock 12", "various artists", 4), ("Kuschelrok 12", "Various Artists", 4),
    ("uschelrock 12", "various artists", 4), ("Kuschelrock 12 (2 CD)", "various artists", 4),
    ("clear water", "ada quincy", 7),
  ])
  func `an album is found by its title and its artist`(text: String, artist: String, album: Int) throws {
    let hits = try NameSectionTests.search().search(SearchRequest(.albums, text, artist: artist), by: deadline)
    #expect(hits.first?.entity == .album(NameSectionTests.id(100_000 + album)), "\(hits)")
  }

  @Test(arguments: [("†††", 4), ("宇多田ヒカル", 5), ("宇多田ひかる", 5), ("acdc", 10), ("sigur ros", 3), ("simon garfunkel", 6)])
  func `names of any script are found`(text: String, artist: Int) throws {
    let hits = try NameSectionTests.search().search(SearchRequest(.artists, text), by: deadline)
    #expect(hits.first?.entity == .artist(NameSectionTests.id(artist)), "\(hits)")
  }

  @Test func `nobody is no artist, and nothing is found by noise`() throws {
    let search = try NameSectionTests.search()
    for text in ["various artists", "xqzzt vbrkl", "xqzzt (deluxe)", "!!", ""] {
      #expect(try search.search(SearchRequest(.artists, text), by: deadline).isEmpty, "\(text)")
    }
    for text in ["xqzzt - 2011 remaster", "(deluxe)", "xqzzt"] {
      #expect(try search.search(SearchRequest(.everything, text), by: deadline).isEmpty, "\(text)")
    }
  }

  @Test func `a section without names is no answer`() throws {
    let search = try NameSectionTests.search([], [])
    let error = #expect(throws: SourceError.self) { try search.search(SearchRequest(.artists, "a"), by: deadline) }
    #expect(error?.code == .empty)
  }

  @Test func `what is sorted in runs is the same as what is sorted at once`() throws {
    let artists = (1..<3_000).map {
      NameSectionTests.artist($0, "Band \($0 % 700) of \($0)", references: $0 % 50)
    }
    let albums = (1..<6_000).map {
      NameSectionTests.album(
        $0, "Title \($0 % 900)", by: $0 % 3_100, $0 % 3 == 0 ? "Somebody" : "Band", releases: $0 % 9)
    }
    let whole = try SectionInMemory.bytes(artists, albums, memory: 64 << 20)
    let runs = try SectionInMemory.bytes(artists.reversed(), albums.reversed(), memory: 1)
    #expect(whole.bytes == runs.bytes)
    #expect(whole.summary.artists == 2_999)
    #expect(whole.summary.albums == 5_999)
    #expect(whole.summary.bytes == whole.bytes.count)
  }

  @Test func `of a thousand of one name the best known are found`() throws {
    var artists: [ArtistNames] = []
    var albums: [AlbumNames] = []
    for key in 1_000..<3_000 {
      artists.append(NameSectionTests.artist(key, "Band \(key)", references: key < 1_050 ? 50_000 : 1))
      albums.append(NameSectionTests.album(key, "Live", by: key, "Band \(key)"))
    }
    let search = try NameSectionTests.search(artists, albums)
    let best = Set((1_000..<1_050).map { NameSectionTests.id($0) })
    let live = try search.search(SearchRequest(.albums, "Live", limit: 50), by: deadline)
    #expect(Set(live.map { $0.entity.id.low - 100_000 }) == Set(best.map(\.low)))
    for text in ["band", "band 2"] {
      let found = try search.search(SearchRequest(.artists, text, limit: 10), by: deadline)
      #expect(Set(found.map(\.entity.id)).isSubset(of: best) == (text == "band"), "\(text) \(found)")
    }
  }

  @Test func `bytes that are no section, another version's or not all there are refused`() throws {
    let bytes = try SectionInMemory.bytes(NameSectionTests.artists, NameSectionTests.albums).bytes
    var another = bytes
    another[bytes.count - 12] = 9
    for wrong in [[], Array(bytes.dropLast()), Array(bytes.dropFirst()), Array(bytes.prefix(16)), another] {
      #expect(throws: SourceError.self) { try SectionInMemory(wrong).section() }
    }
  }

  @Test func `names of any length are found`() throws {
    let long = [
      String(repeating: "x", count: 20_000), String(repeating: "長い名前", count: 5_000),
      String(repeating: "wörd ", count: 5_000), String(repeating: "†", count: 9_000),
      "a" + String(repeating: "\u{301}", count: 3_000), String(repeating: "A.", count: 9_000),
      String(repeating: "\u{fdfa}", count: 5_000), "(" + String(repeating: "‡", count: 9_000) + ") word",
    ]
    let artists = long.enumerated().map {
      ArtistNames(key: $0 + 1, id: NameSectionTests.id($0 + 1), name: $1, sortName: $1, aliases: long)
    }
    let search = try NameSectionTests.search(artists, [])
    // Of the last nobody could type so much as is left of it.
    for text in long.dropLast() {
      #expect(try !search.search(SearchRequest(.artists, text), by: deadline).isEmpty, "\(text.prefix(20))")
    }
  }

  /// Knows every album, and nothing of it.
  final class Links: LinkSource {
    func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] { [] }
    func albums(ofReleasesOrGroups ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: AlbumMatch] {
      Dictionary(
        uniqueKeysWithValues: ids.map {
          ($0, AlbumMatch(id: $0, title: "", artistID: $0, artist: "", date: .unknown))
        })
    }
  }

  @Test func `names of charts are matched`() throws {
    let bytes = try SectionInMemory.bytes(
      NameSectionTests.artists, NameSectionTests.albums, excluded: [NameSectionTests.id(9)]
    ).bytes
    let matcher = SectionMatcher(try SectionInMemory(bytes).section(), links: Links())
    let artists = try matcher.artists(
      ["BEATLES", "Fab Four", "AC/DC feat. Somebody", "Various Artists", "Nobody"], by: deadline)
    #expect(
      artists == [
        ArtistMatch(id: NameSectionTests.id(1), name: "The Beatles"),
        ArtistMatch(id: NameSectionTests.id(1), name: "The Beatles"),
        ArtistMatch(id: NameSectionTests.id(10), name: "AC/DC"), nil, nil,
      ])
    let albums = try matcher.albums(
      [
        AlbumName(title: "Revolver (Super Deluxe)", artist: "The Beatles"),
        AlbumName(title: "Help", artist: "Fab Four"),
        AlbumName(title: "Kuschelrock 12", artist: "Various Artists"), AlbumName(title: "Help", artist: "AC/DC"),
      ], by: deadline)
    #expect(albums.map { $0?.id.low } == [100_001, 100_002, 100_004, nil])
  }
}
