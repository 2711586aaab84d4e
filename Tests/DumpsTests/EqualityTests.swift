import Cache
import Core
import Dataset
import Foundation
import Logging
import Metadata
import Testing

@testable import Documents
@testable import Dumps
@testable import MusicBrainz
@testable import Postgres

private let environment = ProcessInfo.processInfo.environment

/// The database with the sample rows, written as an export is, becomes the same documents as asked directly.
@Suite(.enabled(if: environment["LINERNOTES_TEST_DATABASE_HOST"] != nil || environment["CI"] == "true"))
struct DumpEqualityTests {
  let host: String
  let port: String
  let name: String
  let user: String?
  let deadline = Deadline.after(milliseconds: 60_000, awaited: false)

  init() throws {
    host = try #require(
      environment["LINERNOTES_TEST_DATABASE_HOST"], "LINERNOTES_TEST_DATABASE_HOST must name a server")
    port = environment["LINERNOTES_TEST_DATABASE_PORT"] ?? "5432"
    name = environment["LINERNOTES_TEST_DATABASE_NAME"] ?? "musicbrainz"
    user = environment["LINERNOTES_TEST_DATABASE_USER"]
  }

  private func database() -> MusicBrainzDatabase {
    MusicBrainzDatabase(
      options: PostgresOptions(hosts: [host], ports: [Int(port) ?? 5432], database: name, user: user),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func ids(_ kind: EntityID.Kind, _ database: MusicBrainzDatabase) throws -> [MBID] {
    var ids: [MBID] = []
    while true {
      let page = try database.ids(of: kind, after: ids.last, limit: 500, by: deadline)
      guard !page.isEmpty else { return ids }
      ids += page
    }
  }

  private func text(_ document: Document) throws -> String {
    let output = OutputBuffer()
    try #require(Body(document.parts.map(\.fragment)).appendPlain(to: output))
    return String(decoding: output.bytes, as: UTF8.self)
  }

  private func expectEqual(_ file: DatasetFile, _ key: CacheKey, _ expected: Document) throws {
    let found = try #require(file.get([key])[0], "\(key.kind.name) \(key.id) is not in the file")
    #expect(found.references == expected.references)
    #expect(found.parts.map(\.label) == expected.parts.map(\.label))
    #expect(found.cut?.note == expected.cut?.note)
    #expect(try text(found) == text(expected), "\(key.kind.name) \(key.id)")
  }

  @Test func `every document of the file equals the database's`() throws {
    let folder = try Folder()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../scripts/dumps")
    let connection = "host=\(host) port=\(port) dbname=\(name)" + (user.map { " user=\($0)" } ?? "")
    try run([script.standardizedFileURL.path, connection, folder.path, "20260724-001234"])
    let options = Catalog.Options()
    let summary = try DumpBuild(
      folder: folder.path + "/20260724-001234", .init(catalog: options, threads: 2), report: { _ in true }
    ).run(to: folder.path + "/out.dataset", program: "test", settings: [])
    let file = try DatasetFile(path: folder.path + "/out.dataset")
    try file.verify()

    let database = database()
    let documents = CutDocuments(options)
    let artists = try ids(.artist, database)
    let albums = try ids(.album, database)
    #expect(summary.artists == artists.count && summary.albums == albums.count)
    #expect(file.count(of: .artist) == artists.count && file.count(of: .album) == albums.count)
    #expect(artists.count > 10 && albums.count > 10)
    #expect(file.info.vintage == (try database.vintage(by: deadline)))
    for id in artists {
      let found = try database.discographies([id], albumless: options.albumlessArtists, by: deadline)
      let discography = try #require(found[id])
      try expectEqual(file, CacheKey(.artist, id), documents.artist(discography.artist, said: file.info.created))
      try expectEqual(file, CacheKey(.artistAlbums, id), documents.albums(discography.albums, said: file.info.created))
      for merged in discography.artist.mergedIDs {
        #expect(file.get([CacheKey(.artist, merged)])[0]?.state == .moved(to: id))
      }
    }
    for id in albums {
      let album = try #require(try database.albums([id], by: deadline)[id])
      try expectEqual(file, CacheKey(.album, id), documents.album(album, said: file.info.created))
      for merged in album.mergedIDs { #expect(file.get([CacheKey(.album, merged)])[0]?.state == .moved(to: id)) }
    }
    #expect(summary.series > 0)
    for index in 0..<file.count(of: .series) {
      let (id, found) = try #require(file.document(at: index, of: .series))
      let entries = try database.series(id, by: deadline)
      #expect(try text(try #require(found)) == String(decoding: SeriesDocument.list(of: entries), as: UTF8.self))
    }
  }
}
