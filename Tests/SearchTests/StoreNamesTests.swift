import Core
import Foundation
import Logging
import Metadata
import SQLite
import SQLiteStore
import Testing

@testable import Search

/// Names in a file of their own, which a test writes and removes.
@Suite final class StoreNamesTests {
  private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("names-\(UUID().uuidString)")
  private let file: StoreFile
  private let names: StoreNames

  init() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    file = StoreFile(
      .init(path: directory.appendingPathComponent("store").path),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    names = StoreNames(file)
  }

  deinit {
    file.close()
    try? FileManager.default.removeItem(at: directory)
  }

  var deadline: Deadline { .after(milliseconds: 10_000) }
  var search: StoreSearch { StoreSearch(names) }

  private func keepAll() throws {
    try names.keep(
      NameSectionTests.artists.filter { $0.key != 9 },
      NameSectionTests.albums.filter { $0.artistKey != 9 }.map { album in
        StoredAlbumNames(
          album, artist: NameSectionTests.id(album.artistKey),
          artistWeight: NameSectionTests.artists.first { $0.key == album.artistKey }?.references ?? 0)
      })
  }

  @Test func `without names there is no answer`() throws {
    let error = #expect(throws: SourceError.self) { try search.search(SearchRequest(.artists, "a"), by: deadline) }
    #expect(error?.code == .empty)
    #expect(search.generation(by: deadline) == nil)
  }

  @Test func `what was kept is found as in a section`() throws {
    try keepAll()
    for text in [
      "beatles", "The Beatles", "fab four", "Beatles, The", "the beetles", "beatels", "beatl", "teh beatles",
    ] {
      let hits = try search.search(SearchRequest(.artists, text), by: deadline)
      #expect(hits.first?.entity == .artist(NameSectionTests.id(1)), "\(text) \(hits)")
    }
    for (text, artist, album) in [
      ("revolver", nil, 1), ("beatles revolver", nil, 1), ("fab four revolvr", nil, 1), ("sigur ros ()", nil, 3),
      ("ac dc back in blakc", nil, 5), ("nobody back black", nil, 5), ("Clear Water (Deluxe)", nil, 7),
      ("revolver (remastered)", "the beatles feat. somebody", 1), ("clear water", "ada quincy", 7),
    ] as [(String, String?, Int)] {
      let hits = try search.search(SearchRequest(.albums, text, artist: artist), by: deadline)
      #expect(hits.first?.entity == .album(NameSectionTests.id(100_000 + album)), "\(text) \(hits)")
    }
    #expect(try search.search(SearchRequest(.everything, "xqzzt vbrkl"), by: deadline).isEmpty)
  }

  @Test func `another name takes the place of the old one, and the same is not written again`() throws {
    try keepAll()
    let before = try #require(search.generation(by: deadline))
    try keepAll()
    #expect(search.generation(by: deadline) == before)
    try names.keep([NameSectionTests.artist(11, "Zwo Hundert")], [])
    #expect(search.generation(by: deadline) != before)
    #expect(try search.search(SearchRequest(.artists, "ada quince"), by: deadline).isEmpty)
    let hits = try search.search(SearchRequest(.artists, "zwo hundert"), by: deadline)
    #expect(hits.map(\.entity) == [.artist(NameSectionTests.id(11))])
  }

  @Test func `names go with the document`() throws {
    try keepAll()
    try file.write { connection throws(SQLiteFailure) in
      try connection.execute(
        """
        INSERT INTO document (kind, id, expires, updated, fingerprint) \
        VALUES ('artist', x'0000000000000001000000000000000b', 0, 0, 0);
        DELETE FROM document
        """)
    }
    #expect(try search.search(SearchRequest(.artists, "ada quince"), by: deadline).isEmpty)
    #expect(try !search.search(SearchRequest(.artists, "ac/dc"), by: deadline).isEmpty)
  }
}
