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
}
