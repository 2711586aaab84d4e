import Cache
import Core
import Dataset
import Foundation
import Logging
import Metadata
import Search
import TestMusicBrainz
import Testing

@testable import Documents
@testable import Dumps
@testable import MusicBrainz
@testable import Postgres

private let environment = ProcessInfo.processInfo.environment

/// A database, written as an export is, becomes the same documents as asked directly.
@Suite(.enabled(if: environment["LINERNOTES_TEST_DATABASE_HOST"] != nil || environment["CI"] == "true"))
struct DumpEqualityTests {
  let server: PostgresServer
  let sample: String
  /// Of one question, on a machine that is busy.
  var deadline: Deadline { .after(milliseconds: 300_000, awaited: false) }

  init() throws {
    server = PostgresServer(
      host: try #require(
        environment["LINERNOTES_TEST_DATABASE_HOST"], "LINERNOTES_TEST_DATABASE_HOST must name a server"),
      port: Int(environment["LINERNOTES_TEST_DATABASE_PORT"] ?? "") ?? 5432,
      user: environment["LINERNOTES_TEST_DATABASE_USER"] ?? "postgres")
    sample = environment["LINERNOTES_TEST_DATABASE_NAME"] ?? "musicbrainz"
  }

  private func database(_ name: String? = nil) -> MusicBrainzDatabase {
    MusicBrainzDatabase(
      options: PostgresOptions(
        hosts: [server.host], ports: [server.port], database: name ?? sample, user: server.user),
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
    let (foundText, expectedText) = (try text(found), try text(expected))
    // Of tens of thousands, only those that differ are worth an expectation.
    guard
      found.references != expected.references || found.parts.map(\.label) != expected.parts.map(\.label)
        || found.cut?.note != expected.cut?.note || foundText != expectedText
    else { return }
    #expect(found.references == expected.references, "\(key.kind.name) \(key.id)")
    #expect(found.parts.map(\.label) == expected.parts.map(\.label), "\(key.kind.name) \(key.id)")
    #expect(found.cut?.note == expected.cut?.note, "\(key.kind.name) \(key.id)")
    #expect(foundText == expectedText, "\(key.kind.name) \(key.id)")
  }

  private func connection(_ name: String) -> String {
    "host=\(server.host) port=\(server.port) dbname=\(name) user=\(server.user)"
  }

  private func build(
    _ name: String? = nil, in folder: Folder, _ options: Catalog.Options
  ) throws -> (DumpBuild.Summary, DatasetFile) {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../scripts/dumps")
    try run([script.standardizedFileURL.path, connection(name ?? sample), folder.path, "20260724-001234"])
    let summary = try DumpBuild(
      folder: folder.path + "/20260724-001234", .init(catalog: options, threads: 2), report: { _ in true }
    ).run(to: folder.path + "/out.dataset", program: "test", settings: [])
    let file = try DatasetFile(path: folder.path + "/out.dataset")
    try file.verify()
    return (summary, file)
  }

  /// The only column of what a question finds.
  private func texts(_ sql: String, in name: String? = nil) throws -> [String] {
    let bytes = try run([
      "psql", "-X", "-q", "-At", "-d", connection(name ?? sample), "-c", "SET search_path = musicbrainz", "-c", sql,
    ])
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { String($0) }
  }

  /// Where rows come from.
  enum Rows: CaseIterable {
    /// Those of `sample/`.
    case sample
    /// Those that the recorded answers of MusicBrainz' web service are of.
    case recorded
    /// Those of `scripts/generate`.
    case generated
  }

  private func withDatabase(_ rows: Rows, _ body: (String) throws -> Void) throws {
    switch rows {
    case .sample: try body(sample)
    case .recorded:
      let name = "linernotes_recorded_\(getpid())"
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../WebServiceTests/Recorded/musicbrainz").standardizedFileURL
      try server.create(name, from: try server.schema())
      defer { server.drop(name) }
      try server.load(folder.path, into: name)
      try body(name)
    case .generated:
      let database = try GeneratedDatabase("dumps", on: server)
      if environment["LINERNOTES_ALL_DUMPS"] == nil { try server.run(Self.fewerTracks, in: database.name) }
      try withExtendedLifetime(database) { try body(database.name) }
    }
  }

  /// A fifth of the tracks takes a minute less. What was merged into the others leads nowhere then.
  private static let fewerTracks = """
    DELETE FROM track WHERE medium % 5 <> 0;
    DELETE FROM recording WHERE NOT EXISTS (SELECT FROM track WHERE track.recording = recording.id);
    ANALYZE track, recording;
    """

  /// Rows of merged ids that lead nowhere, of all that are shown anywhere.
  private static let dangling = """
    SELECT sum(count)
    FROM (
      SELECT count(*) FROM track_gid_redirect WHERE NOT EXISTS (SELECT FROM track WHERE id = new_id)
      UNION ALL
      SELECT count(*) FROM recording_gid_redirect WHERE NOT EXISTS (SELECT FROM recording WHERE id = new_id)
      UNION ALL
      SELECT count(*) FROM release_gid_redirect WHERE NOT EXISTS (SELECT FROM release WHERE id = new_id)
    ) AS counts
    """

  @Test(arguments: Rows.allCases) func `every document of the file equals the database's`(rows: Rows) throws {
    try withDatabase(rows) { name in
      let folder = try Folder()
      let options = Catalog.Options()
      let (summary, file) = try build(name, in: folder, options)
      let database = database(name)
      #expect(file.info.vintage == (try database.vintage(by: deadline)))
      try compareArtists(file, database, options)
      try compareAlbums(file, database, options)
      try compareSeries(file, name)
      #expect(summary.skippedRows == Int(try texts(Self.dangling, in: name)[0]))
      #expect(summary.artists == file.count(of: .artist) && summary.artists > 10)
      #expect(summary.albums == file.count(of: .album) && summary.albums > 10)
      #expect(summary.series == file.count(of: .series) && summary.series > 0)
    }
  }

  private static func batches(_ ids: [MBID], of count: Int) -> [[MBID]] {
    stride(from: 0, to: ids.count, by: count).map { Array(ids[$0..<min(ids.count, $0 + count)]) }
  }

  private func compareArtists(
    _ file: DatasetFile, _ database: MusicBrainzDatabase, _ options: Catalog.Options
  ) throws {
    let ids = try ids(.artist, database)
    #expect(file.count(of: .artist) == ids.count && file.count(of: .artistAlbums) == ids.count)
    let documents = CutDocuments(options)
    var merged = 0
    for batch in Self.batches(ids, of: 500) {
      let found = try database.discographies(batch, albumless: options.albumlessArtists, by: deadline)
      for id in batch {
        let discography = try #require(found[id])
        try expectEqual(file, CacheKey(.artist, id), documents.artist(discography.artist, said: file.info.created))
        try expectEqual(
          file, CacheKey(.artistAlbums, id), documents.albums(discography.albums, said: file.info.created))
        merged += discography.artist.mergedIDs.count
        for old in discography.artist.mergedIDs where file.get([CacheKey(.artist, old)])[0]?.state != .moved(to: id) {
          Issue.record("\(old) does not lead to artist \(id)")
        }
      }
    }
    #expect(file.mergedCount(of: .artist) == merged)
  }

  private func compareAlbums(
    _ file: DatasetFile, _ database: MusicBrainzDatabase, _ options: Catalog.Options
  ) throws {
    let ids = try ids(.album, database)
    #expect(file.count(of: .album) == ids.count)
    let documents = CutDocuments(options)
    var merged = 0
    for batch in Self.batches(ids, of: 250) {
      let found = try database.albums(batch, by: deadline)
      for id in batch {
        let album = try #require(found[id])
        try expectEqual(file, CacheKey(.album, id), documents.album(album, said: file.info.created))
        merged += album.mergedIDs.count
        for old in album.mergedIDs where file.get([CacheKey(.album, old)])[0]?.state != .moved(to: id) {
          Issue.record("\(old) does not lead to album \(id)")
        }
      }
    }
    #expect(file.mergedCount(of: .album) == merged)
  }

  private func compareSeries(_ file: DatasetFile, _ name: String) throws {
    let database = database(name)
    for index in 0..<file.count(of: .series) {
      let (id, found) = try #require(file.document(at: index, of: .series))
      let entries = try database.series(id, by: deadline)
      let expected = String(decoding: SeriesDocument.list(of: entries), as: UTF8.self)
      if try text(try #require(found)) != expected { Issue.record("series \(id) differs") }
    }
    // Asking for each would take a minute.
    let lines = try texts(
      "SELECT redirect.gid || ' ' || series.gid FROM series_gid_redirect AS redirect JOIN series ON id = new_id",
      in: name)
    let merged = try (0..<file.mergedCount(of: .series)).map { index in
      let (id, survivor) = try #require(file.merged(at: index, of: .series))
      return "\(id) \(survivor)"
    }
    #expect(Set(lines) == Set(merged) && lines.count == merged.count)
  }

  @Test func `tables have the columns of MusicBrainz' schema`() throws {
    let lines = try texts(
      """
      SELECT relname || ' ' || string_agg(
          CASE atttypid::regtype::text
            WHEN 'integer' THEN 'i' WHEN 'smallint' THEN 'i' WHEN 'bigint' THEN 'l' WHEN 'uuid' THEN 'u'
            WHEN 'boolean' THEN 'b' WHEN 'timestamp with time zone' THEN 'd' WHEN 'text' THEN 'x'
            WHEN 'character varying' THEN 'x' ELSE 'p'
          END, '' ORDER BY attnum)
      FROM (
        SELECT oid, CASE relnamespace::regnamespace::text WHEN 'musicbrainz' THEN '' ELSE 'cover_art_archive.' END || relname
          AS relname
        FROM pg_class
        WHERE relnamespace IN ('musicbrainz'::regnamespace, 'cover_art_archive'::regnamespace) AND relkind IN ('r', 'p')
      ) AS relation
      JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
      GROUP BY relname
      """)
    var forms: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: " ")
      forms[String(parts[0])] = String(parts[1])
    }
    for name in DumpTableName.allCases {
      #expect(String(name.table.form.map(\.rawValue)) == forms[name.rawValue], "\(name.rawValue)")
    }
  }

  private func sorted(_ names: [String]) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  @Test func `the names of the file are those of the database, byte for byte`() throws {
    let (folder, database) = (try Folder(), database())
    let options = Catalog.Options()
    let (summary, file) = try build(in: folder, options)
    var expected: [UInt8] = []
    let writer = NameSectionWriter(scratch: folder.path, memory: 8 << 20, excluded: options.albumlessArtists) {
      expected += $0
    }
    // The database tells aliases in no order.
    for var artist in try database.artistNames(
      database.keys(of: .artist, after: 0, limit: 1_000, by: deadline), by: deadline)
    {
      (artist.aliases, artist.credits) = (sorted(artist.aliases), sorted(artist.credits))
      try writer.add(artist)
    }
    for var album in try database.albumNames(
      database.keys(of: .album, after: 0, limit: 1_000, by: deadline), by: deadline)
    {
      album.aliases = sorted(album.aliases)
      try writer.add(album)
    }
    let written = try writer.finish()
    #expect(written.artists == summary.artists && written.albums == summary.albums)
    let names = try #require(file.names)
    // Not the bytes themselves: thousands of numbers would be printed.
    let place = zip(names, expected).enumerated().first { $1.0 != $1.1 }?.offset
    #expect(names.count == expected.count && place == nil)
  }

  // MARK: - What leads to them

  /// Cannot be asked.
  final class Nobody: LookupSource, LinkSource {
    private func away<Answer>() throws(SourceError) -> Answer { throw SourceError(.unavailable, "away") }

    func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] { try away() }
    func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] { try away() }
    func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] { try away() }
    func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID] { try away() }
    func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] { try away() }
    func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] { try away() }
    func albums(
      ofReleasesOrGroups ids: [MBID], by deadline: Deadline
    ) throws(SourceError) -> [MBID: AlbumMatch] { try away() }
  }

  /// What the file says, as precise as its documents: a date has a first day.
  private func plain(_ matches: [MBID: AlbumMatch]) -> [MBID: AlbumMatch] {
    matches.mapValues { match in
      var match = match
      let day = match.date.calendarDate
      match.date = PartialDate(year: day?.year, month: day?.month, day: day?.day)
      return match
    }
  }

  @Test func `releases and pages lead where the database says`() throws {
    let (folder, database) = (try Folder(), database())
    let (_, file) = try build(in: folder, Catalog.Options())
    let lookup = TableLookup(file, file.get, else: Nobody())
    let releases = try texts("SELECT gid FROM release UNION ALL SELECT gid FROM release_gid_redirect")
      .compactMap { MBID($0) }
    #expect(releases.count > 25)
    for id in releases {
      let expected = try database.identify(id, by: deadline)
      #expect(try lookup.identify(id, by: deadline) == expected, "\(id)")
      #expect(expected.count == 1)
    }
    let nobody: MBID = "00000000-0000-4000-8000-000000000000"
    #expect(throws: SourceError.self) { try lookup.identify(nobody, by: deadline) }
    #expect(lookup.knownAlbums(ofReleases: [nobody]) == [:])
    #expect(
      try lookup.albums(ofReleases: releases, by: deadline) == database.albums(ofReleases: releases, by: deadline))
    let ids =
      releases + (try ids(.album, database))
      + (try texts("SELECT gid FROM release_group_gid_redirect"))
      .compactMap { MBID($0) }
    #expect(
      plain(try lookup.albums(ofReleasesOrGroups: ids, by: deadline))
        == plain(try database.albums(ofReleasesOrGroups: ids, by: deadline)))

    let urls = try texts("SELECT url FROM url")
    var linked = 0
    for url in urls {
      let expected = try database.identify(urls: [url], by: deadline)
      guard !expected.isEmpty else {
        #expect(file.targets(ofPage: url) == [], "\(url)")
        continue
      }
      linked += 1
      let found = try lookup.identify(urls: [url], by: deadline)
      #expect(Set(found) == Set(expected) && found.count == Set(expected).count, "\(url)")
      let artists: [EntityID] = found.filter { $0.kind == .artist }
      #expect(Array(found.prefix(artists.count)) == artists, "artists come first")
    }
    #expect(linked > 10)
    #expect(Set(try lookup.identify(urls: urls, by: deadline)) == Set(try database.identify(urls: urls, by: deadline)))

    let spotify = urls.filter { $0.contains("open.spotify.com/") }
      .compactMap { $0.split(separator: "/").last.flatMap { SpotifyID($0) } }
    let links = try database.links(toSpotify: spotify, by: deadline)
    #expect(links.count >= 3)
    for id in spotify {
      for kind in EntityID.Kind.allCases {
        let found = lookup.knownLinks(toSpotify: [id]).first { $0.kind == kind }
        let expected = links.first { $0.id == id && $0.kind == kind }
        #expect(found == expected, "\(id)")
      }
    }
  }

  /// An album as its document lists it.
  private struct Listed {
    var date: String
    /// Each recording with the ids that were merged into it.
    var releases: [MBID: [[MBID]]] = [:]
  }

  private func listed(_ file: DatasetFile) throws -> [MBID: Listed] {
    var albums: [MBID: Listed] = [:]
    for index in 0..<file.count(of: .album) {
      let (id, document) = try #require(file.document(at: index, of: .album))
      let texts = try #require(document).parts.map { try text(Document(parts: [$0], expires: .now)) }
      let head = try #require(JSONValue(Array((texts[0] + "[]}").utf8)))
      var album = Listed(date: head["releasedate"].text ?? "~")
      for release in try #require(JSONValue(Array(texts[1].utf8))).elements {
        let id = try #require(release["Id"].text.flatMap { MBID($0) })
        album.releases[id] = release["Tracks"].elements.map { track in
          ([track["RecordingId"]] + track["OldRecordingIds"].elements).compactMap { $0.text.flatMap { MBID($0) } }
        }
      }
      albums[id] = album
    }
    return albums
  }

  @Test func `recordings lead to the albums that list them, as the database says`() throws {
    let (folder, database) = (try Folder(), database())
    let (_, file) = try build(in: folder, Catalog.Options())
    let lookup = TableLookup(file, file.get, else: Nobody())
    let albums = try listed(file)
    var listing: [MBID: Set<MBID>] = [:]
    for (id, album) in albums {
      for recording in album.releases.values.joined().joined() { listing[recording, default: []].insert(id) }
    }
    let recordings = try texts("SELECT gid FROM recording UNION ALL SELECT gid FROM recording_gid_redirect")
      .compactMap { MBID($0) }
    #expect(recordings.count > 100 && listing.count > 50)
    for id in recordings {
      let expected = try database.identify(id, by: deadline).filter { $0.kind == .album }.map(\.id)
        .filter { listing[id]?.contains($0) == true }
      guard !expected.isEmpty else {
        // A video, or one that is on nothing.
        #expect(throws: SourceError.self) { try lookup.identify(id, by: deadline) }
        continue
      }
      let found = try lookup.identify(id, by: deadline).map(\.id)
      #expect(found.inOrder == expected.inOrder, "\(id)")
      let days = found.map { albums[$0]?.date ?? "" }
      #expect(days == days.sorted(), "\(id)")
    }
  }

  @Test func `albums that hold recordings come in the order of the database`() throws {
    let (folder, database) = (try Folder(), database())
    let (_, file) = try build(in: folder, Catalog.Options())
    let lookup = TableLookup(file, file.get, else: Nobody())
    let albums = try listed(file)
    let lines = try texts(
      """
      SELECT release.gid || ' ' || sum(track_count)
      FROM release JOIN medium ON medium.release = release.id
      GROUP BY release.gid
      """)
    var tracks: [MBID: Int] = [:]
    for line in lines {
      let parts = line.split(separator: " ")
      tracks[try #require(MBID(parts[0]))] = Int(parts[1])
    }
    for (id, count) in tracks { #expect(file.release(id)?.tracks == count, "\(id)") }
    // Alike ones are in the order of keys there, and of ids here.
    func score(_ album: MBID, _ asked: [MBID]) -> String {
      let scores = albums[album]?.releases.compactMap { id, recordings -> (Int, Double)? in
        let matched = Set(recordings.filter { $0.contains(where: asked.contains) }).count
        let count = tracks[id] ?? 0
        return matched > 0 ? (abs(count - asked.count), -Double(matched) / Double(max(1, count))) : nil
      }
      return "\(scores?.min { $0 < $1 } ?? (0, 0))"
    }
    var compared = 0
    for album in albums.values {
      let listed = Array(Set(album.releases.values.joined().joined())).inOrder
      let releases = album.releases.values.map { Array(Set($0.joined())).inOrder }
      for asked in [listed, Array(listed.prefix(3)), Array(listed.prefix(1))] + releases where !asked.isEmpty {
        let expected = try database.albums(holding: asked, by: deadline)
        let found = try lookup.albums(holding: asked, by: deadline)
        #expect(found.map { score($0, asked) } == expected.map { score($0, asked) }, "\(asked)")
        if expected.count < 5 { #expect(found.inOrder == expected.inOrder, "\(asked)") }
        compared += 1
      }
    }
    #expect(compared > 40)
  }
}
