import Core
import Foundation
import Logging
import Metadata
import Postgres
import Testing

@testable import Search

private let environment = ProcessInfo.processInfo.environment
private let isWanted = environment["LINERNOTES_TEST_DATABASE_HOST"] != nil || environment["CI"] == "true"

/// The index on a real PostgreSQL server, in a database of this run's own, which the indexer creates.
@Suite(.serialized, .enabled(if: isWanted)) final class SearchIndexTests {
  /// A MusicBrainz of a few names, which can change.
  final class Names: NameSource {
    var artists: [Int: ArtistNames] = [:]
    var albums: [Int: AlbumNames] = [:]
    var changes = NameChanges(
      artists: [], albums: [], goneArtists: [], goneAlbums: [], until: ChangeTime(microseconds: 7))
    private(set) var askedSince: Int64?

    func keys(of kind: EntityID.Kind, after key: Int, limit: Int, by deadline: Deadline) throws(SourceError) -> [Int] {
      let keys = kind == .artist ? Array(artists.keys) : Array(albums.keys)
      return Array(keys.sorted().filter { $0 > key }.prefix(limit))
    }

    func artistNames(_ keys: [Int], by deadline: Deadline) throws(SourceError) -> [ArtistNames] {
      keys.compactMap { artists[$0] }
    }

    func albumNames(_ keys: [Int], by deadline: Deadline) throws(SourceError) -> [AlbumNames] {
      keys.compactMap { albums[$0] }
    }

    func nameChanges(since time: ChangeTime, by deadline: Deadline) throws(SourceError) -> NameChanges {
      askedSince = time.microseconds
      return changes
    }

    func latestChange(by deadline: Deadline) throws(SourceError) -> ChangeTime { ChangeTime(microseconds: 5) }
  }

  let names = Names()
  private let server: PostgresOptions
  private let options: PostgresOptions
  private let name = "linernotes_search_\(UInt32.random(in: 0..<UInt32.max))"

  var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
  var search: DatabaseSearch { DatabaseSearch(options: options, logger: logger) }
  var indexer: SearchIndexer {
    SearchIndexer(source: names, options: options, excluded: [SearchIndexTests.id(9)], logger: logger)
  }
  var deadline: Deadline { .after(milliseconds: 10_000) }

  static func id(_ number: UInt64) -> MBID { MBID(high: 1, low: number) }

  init() throws {
    let host = try #require(environment["LINERNOTES_TEST_DATABASE_HOST"])
    let port = Int(environment["LINERNOTES_TEST_DATABASE_PORT"] ?? "") ?? 5432
    var options = PostgresOptions(
      hosts: [host], ports: [port], database: "postgres",
      user: environment["LINERNOTES_TEST_DATABASE_USER"])
    server = options
    options.database = name
    self.options = options
    names.artists = [
      1: ArtistNames(
        key: 1, id: SearchIndexTests.id(1), name: "The Beatles", sortName: "Beatles, The", aliases: ["Fab Four"],
        references: 90_000),
      2: ArtistNames(key: 2, id: SearchIndexTests.id(2), name: "Beatles", sortName: "Beatles", references: 1),
      9: ArtistNames(key: 9, id: SearchIndexTests.id(9), name: "Various Artists", sortName: "Various Artists"),
    ]
    names.albums = [
      1: AlbumNames(
        key: 1, id: SearchIndexTests.id(101), title: "Revolver", credit: "The Beatles", artistKey: 1, type: "Album",
        releases: 60)
    ]
  }

  deinit { try? run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }

  private func run(_ script: String) throws {
    try PostgresClient(name: "test", options: server, logger: logger).run(script: script, by: deadline)
  }

  private func first(_ scope: SearchRequest.Scope, _ text: String) throws -> EntityID? {
    try search.search(SearchRequest(scope, text), by: deadline).first?.entity
  }

  @Test func `an index that was never built says so`() {
    let error = #expect(throws: SourceError.self) { try first(.artists, "beatles") }
    #expect(error?.code == .empty)
    #expect(search.isStale(by: deadline))
    #expect(throws: SourceError.self) { try indexer.refresh { _ in } }
  }

  @Test func `what was indexed is found, by everything that it is called`() throws {
    let progress = try indexer.build { _ in }
    #expect((progress.artists, progress.albums) == (3, 1))
    for text in ["beatles", "The Beatles", "fab four", "Beatles, The", "the beetles", "beatels", "beatl"] {
      #expect(try first(.artists, text) == .artist(SearchIndexTests.id(1)), "\(text)")
    }
    #expect(try first(.albums, "beatles revolver") == .album(SearchIndexTests.id(101)))
    #expect(try first(.albums, "fab four revolvr") == .album(SearchIndexTests.id(101)))
    #expect(
      try search.search(SearchRequest(.everything, "beatles revolver"), by: deadline).map(\.entity).prefix(2)
        == [.artist(SearchIndexTests.id(1)), .album(SearchIndexTests.id(101))])
    #expect(try first(.artists, "various artists") == nil)
    #expect(!search.isStale(by: deadline))
  }

  @Test func `what has changed is found after a refresh, and what is gone is not`() throws {
    _ = try indexer.build { _ in }
    names.artists[1]?.name = "The Quarrymen"
    names.artists[1]?.aliases = []
    names.artists[1]?.sortName = "Quarrymen, The"
    names.artists[3] = ArtistNames(key: 3, id: SearchIndexTests.id(3), name: "Wings", sortName: "Wings")
    names.changes.artists = [1, 3]
    names.changes.goneArtists = [SearchIndexTests.id(2)]
    names.changes.goneAlbums = [SearchIndexTests.id(101)]
    _ = try indexer.refresh { _ in }
    #expect(names.askedSince == 5)
    #expect(try first(.artists, "quarrymen") == .artist(SearchIndexTests.id(1)))
    #expect(try first(.artists, "wings") == .artist(SearchIndexTests.id(3)))
    #expect(try first(.artists, "beatles") == nil)
    #expect(try first(.albums, "revolver") == nil)
    _ = try indexer.refresh { _ in }
    #expect(names.askedSince == 7)
  }

  @Test func `a search goes on while a new index takes the place of the old`() throws {
    _ = try indexer.build { _ in }
    let search = search
    #expect(try !search.search(SearchRequest(.artists, "beatles"), by: deadline).isEmpty)
    names.artists[1]?.name = "The Beatles (again)"
    _ = try indexer.build { _ in }
    #expect(try !search.search(SearchRequest(.artists, "the beatles again"), by: deadline).isEmpty)
  }

  @Test func `an index that holds no names says so, and never that nothing is called so`() throws {
    _ = try indexer.build { _ in }
    let search = search
    #expect(try search.search(SearchRequest(.everything, "nobody is called so"), by: deadline).isEmpty)
    #expect(try search.check(by: deadline) == "index, fresh")
    var database = options
    database.serverSettings = ["search_path": "linernotes_search"]
    let client = PostgresClient(name: "test", options: database, logger: logger)
    try client.run(script: "DELETE FROM album_name; DELETE FROM artist_name", by: deadline)
    for scope in [SearchRequest.Scope.artists, .albums, .everything] {
      let error = #expect(throws: SourceError.self) { try first(scope, "nobody is called so") }
      #expect(error?.code == .empty)
    }
    let state = #expect(throws: SourceError.self) { try search.check(by: deadline) }
    #expect(state?.reason.contains("linernotes search-index") == true)
    #expect(self.search.isStale(by: deadline))
  }

  @Test func `an index of an empty database is built, and is no answer`() throws {
    names.artists = [:]
    names.albums = [:]
    _ = try indexer.build { _ in }
    for scope in [SearchRequest.Scope.artists, .albums, .everything] {
      let error = #expect(throws: SourceError.self) { try first(scope, "beatles") }
      #expect(error?.code == .empty)
    }
  }

  // MARK: - What lists add

  private func addAlbum(_ key: Int, _ title: String, by artist: Int, _ credit: String) {
    names.albums[key] = AlbumNames(
      key: key, id: SearchIndexTests.id(UInt64(100 + key)), title: title, credit: credit, artistKey: artist,
      type: "Album", releases: 2)
  }

  private func addArtist(_ key: Int, _ name: String, references: Int = 1) {
    names.artists[key] = ArtistNames(
      key: key, id: SearchIndexTests.id(UInt64(key)), name: name, sortName: name, references: references)
  }

  private func hits(_ text: String, _ artist: String? = nil, _ scope: SearchRequest.Scope = .albums) throws
    -> [SearchHit]
  {
    try search.search(SearchRequest(scope, text, artist: artist), by: deadline)
  }

  @Test func `a title is found with a qualifier behind it, with a lower score than the title itself`() throws {
    addArtist(11, "Ada Quince")
    addAlbum(11, "Clear Water", by: 11, "Ada Quince")
    addArtist(12, "Ben Holm")
    _ = try indexer.build { _ in }
    let album = EntityID.album(SearchIndexTests.id(111))
    let exact = try #require(try hits("clear water", "ada quince").first)
    #expect(exact.entity == album)
    for qualifier in [
      "(deluxe)", "(remastered)", "- deluxe edition", "[box]", "(cd1)", "2012", "(original motion picture soundtrack)",
      "live",
    ] {
      let found = try hits("clear water \(qualifier)", "ada quince")
      #expect(found.first?.entity == album, "\(qualifier)")
      #expect(found.first.map { $0.score < exact.score } == true, "\(qualifier)")
    }
    #expect(try hits("ada quince clear water deluxe", nil, .everything).first?.entity == album)
    for nothing in ["xqzzt vbrkl (deluxe)", "xqzzt - 2011 remaster", "(deluxe)", "xqzzt 2012"] {
      #expect(try hits(nothing, "ada quince").isEmpty, "\(nothing)")
      #expect(try hits(nothing).isEmpty, "\(nothing)")
    }
  }

  @Test func `an album that is called so comes before one that is called so without the qualifier`() throws {
    addArtist(11, "Ada Quince", references: 500)
    for (key, title) in [(11, "Clear Water"), (12, "Clear Water Remixes"), (13, "Live"), (14, "Clear Water Live")] {
      addAlbum(key, title, by: 11, "Ada Quince")
    }
    names.albums[11]?.releases = 60
    _ = try indexer.build { _ in }
    for (text, id) in [
      ("Clear Water (Remixes)", 112), ("Clear Water [Live]", 114), ("Live", 113), ("Clear Water (Deluxe)", 111),
      ("Clear Water (Remixes) [Explicit]", 112), ("Live (2012)", 113),
    ] as [(String, UInt64)] {
      let found = try hits(text, "Ada Quince")
      #expect(found.first?.entity == .album(SearchIndexTests.id(id)), "\(text): \(found)")
      #expect(try hits("Ada Quince \(text)").first?.entity == .album(SearchIndexTests.id(id)), "\(text)")
    }
  }

  @Test(arguments: [0, 3, 400, 90_000])
  func `an album is found with a second artist beside the first, however well known that is`(references: Int) throws {
    addArtist(21, "Cora Lindqvist", references: references)
    addArtist(22, "Ben Holm", references: 50)
    addAlbum(21, "Slow Harbour", by: 21, "Cora Lindqvist")
    _ = try indexer.build { _ in }
    let album = EntityID.album(SearchIndexTests.id(121))
    for second in [
      " feat. ben holm", " & ben holm", "; ben holm", ", ben holm", " x nobody at all", " (with ben holm)",
    ] {
      #expect(try hits("slow harbour", "cora lindqvist\(second)").first?.entity == album, "\(second)")
      #expect(try hits("slow harbour (deluxe)", "cora lindqvist\(second)").first?.entity == album, "\(second)")
      #expect(try hits("cora lindqvist\(second) - slow harbour", nil, .everything).contains { $0.entity == album })
    }
    #expect(try hits("xqzzt", "cora lindqvist feat. ben holm").isEmpty)
    // A mistake in a name of two that only together are an artist, and in the first of two.
    addArtist(23, "Holm & Lindgren")
    addArtist(24, "Holm")
    addAlbum(23, "Far Shore", by: 23, "Holm & Lindgren")
    _ = try indexer.build { _ in }
    #expect(try hits("far shore", "holm & lindgrem").first?.entity == .album(SearchIndexTests.id(123)))
    #expect(try hits("slow harbour", "cora lindqwist feat. nobody").first?.entity == album)
  }

  @Test func `an album of Various Artists is found among thousands with a space or a letter wrong`() throws {
    for key in 1_000..<4_600 { addAlbum(key, "Filler Compilation \(key)", by: 9, "Various Artists") }
    addAlbum(5_000, "Kuschelrock 12", by: 9, "Various Artists")
    _ = try indexer.build { _ in }
    let album = EntityID.album(SearchIndexTests.id(5_100))
    for text in ["kuschel rock 12", "Kuschelrok 12", "uschelrock 12", "Kuschelrock 12 (2 CD)"] {
      #expect(try hits(text, "various artists").first?.entity == album, "\(text)")
    }
    #expect(try hits("various artists - kuschel rock 12").first?.entity == album)
    #expect(try hits("various artists", nil, .artists).isEmpty)
    #expect(try hits("xqzzt vbrkl", "various artists").isEmpty)
  }

  @Test func `a name of signs beside words is found by the signs`() throws {
    addArtist(31, "††† (Crosses)")
    addArtist(32, "Ed (+)")
    _ = try indexer.build { _ in }
    #expect(try first(.artists, "†††") == .artist(SearchIndexTests.id(31)))
    #expect(try first(.artists, "††† (Crosses)") == .artist(SearchIndexTests.id(31)))
    #expect(try first(.artists, "+") == .artist(SearchIndexTests.id(32)))
  }

  @Test func `a section of a file finds what the index finds`() throws {
    for artist in NameSectionTests.artists where artist.key != 9 { names.artists[artist.key] = artist }
    for album in NameSectionTests.albums { names.albums[album.key] = album }
    for key in 200..<1_200 {
      addArtist(
        key, "\(["Blue", "Green", "Old", "The New"][key % 4]) \(["Sea", "Band", "Sparrow"][key % 3]) \(key / 9)",
        references: key)
      addAlbum(key, "\(["Live", "Songs of", "Best of"][key % 3]) \(key / 7)", by: 200 + key % 90, "Somebody")
    }
    _ = try indexer.build { _ in }
    let written = try SectionInMemory.bytes(
      Array(names.artists.values), Array(names.albums.values), excluded: [SearchIndexTests.id(9)])
    let section = MappedSearch(try SectionInMemory(written.bytes).section())
    for text in [
      "beatles", "beatels", "fab four", "blue sea", "blue sea 40", "green sparow 77", "old band", "the new sea 55",
      "live", "live 33", "songs of 12", "songs of", "best", "revolver (deluxe)", "clear water - ada quince",
      "blue sea 22 live 33", "sigur ros", "xqzzt vbrkl", "new band 10 songs 28", "sparrow blue",
    ] {
      for scope in [SearchRequest.Scope.artists, .albums, .everything] {
        let request = SearchRequest(scope, text, limit: 20)
        #expect(
          try section.search(request, by: deadline) == search.search(request, by: deadline), "\(text) \(scope)")
      }
      let request = SearchRequest(.albums, text, artist: "the beatles", limit: 20)
      #expect(try section.search(request, by: deadline) == search.search(request, by: deadline), "\(text)")
    }
  }

  // MARK: - Refreshing

  @Test func `of a thousand of one name the best known are found after a refresh`() throws {
    for key in 1_000..<2_000 {
      addArtist(key, "Band \(key)", references: key < 1_050 ? 50_000 : 1)
      addAlbum(key, "Live", by: key, "Band \(key)")
    }
    _ = try indexer.build { _ in }
    let best = Set((1_000..<1_050).map { EntityID.album(SearchIndexTests.id(UInt64(100 + $0))) })
    #expect(Set(try search.search(SearchRequest(.albums, "Live", limit: 50), by: deadline).map(\.entity)) == best)
    names.changes.artists = Array(1_000..<1_050)
    names.changes.albums = Array(1_000..<1_050)
    _ = try indexer.refresh { _ in }
    #expect(Set(try search.search(SearchRequest(.albums, "Live", limit: 50), by: deadline).map(\.entity)) == best)
  }

  @Test func `names of any length are indexed`() throws {
    let marks = String(repeating: "\u{301}", count: 3_000)
    let long = [
      String(repeating: "x", count: 20_000), String(repeating: "長い名前", count: 5_000),
      String(repeating: "wörd ", count: 5_000), String(repeating: "†", count: 9_000), "a" + marks,
      String(repeating: "A.", count: 9_000), String(repeating: "\u{fdfa}", count: 5_000),
      String((0..<3_000).map { _ in Character(Unicode.Scalar(UInt32.random(in: 0x20000..<0x2a000)) ?? "x") }),
      "(" + String(repeating: "‡", count: 9_000) + ") word",
    ]
    for (index, name) in long.enumerated() {
      addArtist(100 + index, name)
      names.artists[100 + index]?.aliases = long
      addAlbum(100 + index, name, by: 100 + index, name)
    }
    _ = try indexer.build { _ in }
    names.changes.artists = Array(100..<109)
    names.changes.albums = Array(100..<109)
    _ = try indexer.refresh { _ in }
    #expect(try first(.artists, long[1]) != nil)
  }

  // MARK: - The schema

  private func inDatabase(_ script: String) throws {
    try PostgresClient(name: "test", options: options, logger: logger).run(script: script, by: deadline)
  }

  @Test func `a schema that is somebody else's is left alone`() throws {
    try run("CREATE DATABASE \(name)")
    try inDatabase("CREATE SCHEMA search; CREATE TABLE search.theirs (a int); CREATE SCHEMA search_new")
    _ = try indexer.build { _ in }
    _ = try indexer.build { _ in }
    try inDatabase("SELECT * FROM search.theirs; DROP SCHEMA search_new")
    try inDatabase("DROP SCHEMA linernotes_search CASCADE; CREATE SCHEMA linernotes_search")
    let error = #expect(throws: SourceError.self) { try indexer.build { _ in } }
    #expect(error?.reason.contains("linernotes_search") == true, "\(String(describing: error))")
    try inDatabase("DROP SCHEMA linernotes_search")
  }

  @Test func `the index of an earlier version is taken over`() throws {
    _ = try indexer.build { _ in }
    try inDatabase(
      """
      DROP TABLE linernotes_search.changed_artist_name, linernotes_search.changed_album_name;
      UPDATE linernotes_search.state SET format = 1;
      COMMENT ON SCHEMA linernotes_search IS NULL;
      ALTER SCHEMA linernotes_search RENAME TO search
      """)
    #expect(throws: SourceError.self) { try first(.artists, "beatles") }
    names.artists[1]?.name = "The Quarrymen"
    names.changes.artists = [1]
    _ = try indexer.refresh { _ in }
    #expect(try first(.artists, "quarrymen") == .artist(SearchIndexTests.id(1)))
    #expect(try first(.albums, "revolver") == .album(SearchIndexTests.id(101)))
    #expect(throws: PostgresFailure.self) { try inDatabase("SELECT FROM search.state") }
  }

  @Test func `two do not build at the same time`() throws {
    let other = indexer
    var refusal: SourceError?
    _ = try indexer.build { progress in
      guard refusal == nil, progress.step == "reading albums" else { return }
      do throws(SourceError) { _ = try other.build { _ in } } catch { refusal = error }
    }
    #expect(refusal?.reason.contains("another search-index") == true)
    _ = try other.build { _ in }
    _ = try indexer.refresh { _ in }
  }

  // MARK: - Matching

  /// Knows the albums of the index, and who has been asked.
  final class Database: LinkSource, Matcher {
    private(set) var asked = 0
    func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] { [] }
    func albums(ofReleasesOrGroups ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: AlbumMatch] {
      Dictionary(
        uniqueKeysWithValues: ids.map {
          (
            $0,
            AlbumMatch(
              id: $0, title: "t", artistID: $0, artist: "a", date: PartialDate(year: 1966, month: nil, day: nil))
          )
        })
    }
    func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
      asked += 1
      return names.map { _ in nil }
    }
    func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
      asked += 1
      return names.map { _ in nil }
    }
  }

  @Test func `a chart's names are matched by the index, and by the database where there is none`() throws {
    let database = Database()
    var matcher = IndexMatcher(options: options, links: database, fallback: database, logger: logger)
    let albums = [
      AlbumName(title: "nothing", artist: "The Beatles"), AlbumName(title: "REVOLVER (Deluxe)", artist: "the beatles"),
      AlbumName(title: "Revolver", artist: "Beatles feat. Somebody"), AlbumName(title: "Revolver", artist: "Nobody"),
      AlbumName(title: "", artist: ""),
    ]
    #expect(try matcher.albums(albums, by: deadline).allSatisfy { $0 == nil })
    #expect(database.asked == 1)
    _ = try indexer.build { _ in }
    // The first has just learnt that there is no such database, and leaves it alone for a moment.
    matcher = IndexMatcher(options: options, links: database, fallback: database, logger: logger)
    let revolver = SearchIndexTests.id(101)
    #expect(try matcher.albums(albums, by: deadline).map { $0?.id } == [nil, revolver, revolver, nil, nil])
    #expect(
      try matcher.artists(["fab four", "Beatles", "nobody", "Various Artists"], by: deadline).map { $0?.name }
        == ["The Beatles", "The Beatles", nil, nil])
    #expect(database.asked == 1)
  }
}
