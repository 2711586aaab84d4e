import Cache
import Core
import Documents
import Foundation
import Logging
import Metadata
import MusicBrainz
import Postgres
import Testing

@testable import WebService

/// Both sources have the same to say of every entity there are rows of.
///
/// What ws/2 cannot know is left out, and only that: ids that were merged, pictures; and the order of links, of the
/// artists of an album and of the albums of an artist, which are those of the database's keys. docs/COMPATIBILITY.md
/// lists it.
@Suite(
  .serialized,
  .enabled(
    if: ProcessInfo.processInfo.environment["LINERNOTES_TEST_STACK"] != nil
      || ProcessInfo.processInfo.environment["CI"] == "true"))
struct EqualityTests {
  static let left: Set<String> = ["oldids", "oldrecordingids", "images"]
  static let unordered: Set<String> = ["links", "artists", "albums"]

  /// A PostgreSQL server of its own, with the rows that the recorded answers are of.
  final class RecordedDatabase {
    let options: PostgresOptions
    private let directory = FileManager.default.temporaryDirectory.appending(path: "ws2-\(UUID().uuidString.prefix(8))")
    private static let script = RecordedServer.folder.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "scripts/stack").path

    init() throws {
      let rows = RecordedServer.folder.appending(path: "musicbrainz").path
      try Self.run(["up", directory.path, "--services", "postgres", "--sample", rows])
      let text = try String(contentsOf: directory.appending(path: "env"), encoding: .utf8)
      func value(_ name: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
      }
      options = PostgresOptions(
        hosts: [try #require(value("DATABASE__HOST"))], ports: [Int(value("DATABASE__PORT") ?? "") ?? 5432],
        database: value("DATABASE__DATABASE") ?? "musicbrainz", user: value("DATABASE__USER"))
    }

    deinit { try? Self.run(["remove", directory.path]) }

    private static func run(_ arguments: [String]) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: script)
      process.arguments = arguments
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0, "scripts/stack \(arguments[0])")
    }
  }

  typealias Source = MetadataSource & LookupSource

  func catalog(_ source: any Source) -> Catalog {
    let tier = MemoryTier(limit: 256 << 20)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    return Catalog(
      source: source, lookup: source,
      store: DocumentStore(
        shared: nil, memory: tier, coordination: TierCoordination(shared: tier, namespace: "x"),
        policy: .init(staleSeconds: 0), namespace: "x", logger: logger), options: .init())
  }

  func json(_ body: Body?) throws -> JSONValue? {
    guard let body else { return nil }
    let text = OutputBuffer()
    try #require(body.appendPlain(to: text))
    let value: JSONValue = try #require(JSONValue(text.bytes))
    return value
  }

  func comparable(_ value: JSONValue, _ key: String = "") -> JSONValue {
    switch value {
    case .object(let members):
      var kept: [String: JSONValue] = [:]
      for (key, value) in members where !Self.left.contains(key.lowercased()) {
        kept[key] = comparable(value, key.lowercased())
      }
      return .object(kept)
    case .array(let elements):
      let all = elements.map { comparable($0) }
      guard Self.unordered.contains(key) else { return .array(all) }
      return .array(all.sorted { text($0) < text($1) })
    default: return value
    }
  }

  /// Tells entries of an unordered list apart.
  func text(_ value: JSONValue) -> String { value["id"].text ?? value["Id"].text ?? value["target"].text ?? "" }

  /// One column of the recorded rows.
  static func column(_ table: String, _ name: String) throws -> [MBID] {
    let file = RecordedServer.folder.appending(path: "musicbrainz/\(table).tsv")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: true)
    let index = try #require(lines[0].split(separator: "\t").firstIndex { $0 == name })
    return lines.dropFirst().compactMap {
      MBID($0.split(separator: "\t", omittingEmptySubsequences: false)[index])
    }
  }

  @Test func `every artist, album and series is the same from both`() throws {
    let database = try RecordedDatabase()
    let server = try RecordedServer()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let one = MusicBrainzDatabase(options: database.options, logger: logger)
    let other = Service(server.url).source
    let (first, second) = (catalog(one), catalog(other))
    let missing: MBID = "00000000-0000-4000-8000-00000000abcd"
    let artists =
      try Self.column("artist", "gid") + Self.column("artist_gid_redirect", "gid") + [missing]
    let albums = try Self.column("release_group", "gid") + Self.column("release_group_gid_redirect", "gid") + [missing]
    #expect(artists.count > 40 && albums.count > 150)
    var deadline: Deadline { .after(milliseconds: 60_000) }
    for id in artists {
      let left = try json(first.artist(id, albums: AlbumFilter(), by: deadline).body)
      let right = try json(second.artist(id, albums: AlbumFilter(), by: deadline).body)
      #expect(left.map { comparable($0) } == right.map { comparable($0) }, "artist \(id)")
    }
    // As their artists have brought them, and as they are asked for themselves.
    let third = catalog(Service(server.url).source)
    for id in albums {
      let left = try json(first.album(id, by: deadline).body)
      for catalog in [second, third] {
        let right = try json(catalog.album(id, by: deadline).body)
        #expect(left.map { comparable($0) } == right.map { comparable($0) }, "album \(id)")
      }
    }
    for id in try Self.column("series", "gid") + [missing] {
      #expect(try one.series(id, by: deadline) == other.series(id, by: deadline), "series \(id)")
    }
    let log = try server.log()
    #expect(!log.contains { $0.how.hasPrefix("inexact") })
    #expect(log.allSatisfy { $0.agent == "Linernotes/test ( test@example.org )" })

    // Everything else that one id may stand for.
    for id in try Self.column("release", "gid").prefix(20) + Self.column("release_gid_redirect", "gid")
      + Self.column("recording", "gid").prefix(20) + artists.prefix(3) + albums.prefix(3)
    {
      let left = try one.identify(id, by: deadline)
      let right = try other.identify(id, by: deadline)
      #expect(Set(left) == Set(right), "what \(id) stands for")
      #expect(left.first?.kind == right.first?.kind)
    }
    let spotify = try Self.spotify()
    #expect(!spotify.isEmpty)
    let links = try one.links(toSpotify: spotify, by: deadline).sorted { "\($0)" < "\($1)" }
    #expect(try other.links(toSpotify: spotify, by: deadline).sorted { "\($0)" < "\($1)" } == links)
    for id in spotify {
      let pages = ["artist", "album"].map { "https://open.spotify.com/\($0)/\(id)" }
      #expect(try Set(one.identify(urls: pages, by: deadline)) == Set(other.identify(urls: pages, by: deadline)))
    }
    let groups = try Self.column("release", "gid").prefix(10) + albums.prefix(10)
    #expect(
      try one.albums(ofReleasesOrGroups: Array(groups), by: deadline)
        == other.albums(ofReleasesOrGroups: Array(groups), by: deadline))
  }

  /// The ids in links to Spotify, and one that nothing is linked to.
  static func spotify() throws -> [SpotifyID] {
    let file = RecordedServer.folder.appending(path: "musicbrainz/url.tsv")
    let ids = try String(contentsOf: file, encoding: .utf8).split { $0 == "\n" || $0 == "\t" }
      .filter { $0.hasPrefix("https://open.spotify.com/") }.compactMap { $0.split(separator: "/").last }
    return Set(ids).compactMap { SpotifyID($0) } + [SpotifyID("nothingIsLinkedToThis0")].compactMap(\.self)
  }
}
