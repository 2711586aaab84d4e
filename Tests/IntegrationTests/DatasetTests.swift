import Cache
import Core
import Dataset
import Documents
import Foundation
import Metadata
import Testing

/// A file exported from the content stack, and what is answered from it where there is nothing else.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) final class DatasetTests {
  let directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)")
  let stack = Stack.content

  init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: directory) }

  var path: String { directory.appending(path: "sample.dataset").path }

  /// All that the stack has, but nobody's servers.
  var settings: [String: String] {
    let environment = stack.environment.filter { name, _ in
      name.hasPrefix("DATABASE__") || name.hasPrefix("CACHE__") || name.hasSuffix("BASE_URL")
        || name == "MEMCACHED_SERVERS"
    }
    return environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
  }

  /// Nothing that could answer but the file.
  var alone: [String: String] {
    settings.filter { !$0.key.hasPrefix("CACHE__") }
      .merging([
        "DATABASE__HOST": "/nonexistent", "MEMCACHED_SERVERS": "", "DATASET": path,
        // Not in the home directory of whoever tests.
        "CACHE__POSTGRES_URL": "sqlite:///:memory:",
      ]) { $1 }
  }

  func linernotes(_ arguments: String..., environment: [String: String]) throws -> Command.Result {
    try Command.run(try stack.value("POOL_BINARY"), arguments, environment: environment)
  }

  func export(_ arguments: String...) throws -> String {
    let result = try Command.run(
      try stack.value("POOL_BINARY"), ["export", path] + arguments, environment: settings)
    try #require(result.status == 0, "\(result.error)")
    return String(decoding: result.output, as: UTF8.self)
  }

  func cgi(_ path: String, _ environment: [String: String]) throws -> (head: String, body: Data) {
    let parts = path.split(separator: "?", maxSplits: 1)
    let request = [
      "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/x", "PATH_INFO": String(parts[0]),
      "REQUEST_URI": "/x\(path)", "QUERY_STRING": parts.count > 1 ? String(parts[1]) : "", "REMOTE_ADDR": "127.0.0.1",
    ]
    let result = try linernotes(environment: environment.merging(request) { $1 })
    try #require(result.status == 0, "\(result.error)")
    let end = try #require(result.output.firstRange(of: Data("\r\n\r\n".utf8)))
    return (
      String(decoding: result.output[..<end.lowerBound], as: UTF8.self), Data(result.output[end.upperBound...])
    )
  }

  static let filters = [
    "?primTypes=Album", "?secTypes=Studio", "?releaseStatuses=Official%7CBootleg", "?primTypes=EP&secTypes=Live",
  ]

  @Test func `every artist and album is answered from the file as by the stack, byte for byte`() throws {
    let text = try export("--all")
    #expect(text.contains("16 artists"))
    let paths = ExpectationTests.paths
    let filtered = ExpectationTests.paths("artist", "artist").flatMap { path in DatasetTests.filters.map { path + $0 } }
    for path in paths + filtered {
      let answer = try cgi(path, alone)
      #expect(answer.head.hasPrefix("Status: 200"), "\(path)")
      #expect(answer.body == (try stack.get(path).body), "\(path)")
    }
    let id = "lidarr:\(HTTPTests.artist.split(separator: "/").last ?? "")"
    #expect(try cgi("/search?type=all&query=\(id)", alone).body == (try stack.get("/search?type=all&query=\(id)").body))
    let missing = try cgi("/artist/00000000-0000-4000-8000-000000000000", alone)
    #expect(missing.head.hasPrefix("Status: 503"), "nobody has said that it does not exist")
  }

  static let committed = ExpectationTests.sample.appending(path: "sample.dataset")

  /// What a file holds, but not when and by which version it was written, and when that was said.
  struct Contents: Equatable {
    var info: DatasetInfo
    var documents: [CacheKey: UInt64] = [:]
    var merged: [CacheKey: MBID] = [:]
    var names: [UInt8]

    init(_ path: String) throws {
      let file = try DatasetFile(path: path)
      try file.verify()
      info = file.info
      info.created = UnixTime(seconds: 0)
      info.program = ""
      names = Array(try #require(file.names))
      for kind in [CacheKey.Kind.artist, .artistAlbums, .album, .sourceArtist, .sourceAlbums, .sourceAlbum] {
        for index in 0..<file.count(of: kind) {
          let (id, document) = try #require(file.document(at: index, of: kind))
          documents[CacheKey(kind, id)] = try #require(document).fingerprint
        }
        for index in 0..<file.mergedCount(of: kind) {
          let (id, survivor) = try #require(file.merged(at: index, of: kind))
          merged[CacheKey(kind, id)] = survivor
        }
      }
    }
  }

  /// After a change that is meant to show: `REGENERATE=1 make test`.
  @Test func `the committed file is what the sample rows are exported to`() throws {
    _ = try export("--all")
    if ProcessInfo.processInfo.environment["REGENERATE"] != nil {
      try Data(contentsOf: URL(filePath: path)).write(to: DatasetTests.committed)
    }
    let (fresh, committed) = (try Contents(path), try Contents(DatasetTests.committed.path))
    #expect(fresh.documents.count == 98)
    #expect(committed.info == fresh.info)
    #expect(committed.documents == fresh.documents)
    #expect(committed.merged == fresh.merged)
    #expect(committed.names == fresh.names)
  }

  @Test func `a file that is built from dumps leads to artists and albums as the database does`() throws {
    let names = ["host": "HOST", "port": "PORT", "dbname": "DATABASE", "user": "USER"]
    let connection = names.compactMap { name, setting in settings["DATABASE__\(setting)"].map { "\(name)=\($0)" } }
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/dumps")
    let dumps = try Command.run(script.standardizedFileURL.path, [connection.joined(separator: " "), directory.path])
    try #require(dumps.status == 0, "\(dumps.error)")
    let export = directory.appending(path: "20260724-001234").path
    let build = try linernotes("dataset", "build", export, "--out", path, environment: settings)
    try #require(build.status == 0, "\(build.error)")
    let fileAlone = alone.merging([
      "MUSICBRAINZ__SOURCE": "webservice", "MUSICBRAINZ__BASE_URL": "http://127.0.0.1:9/ws/2",
    ]) { $1 }
    // Releases, one of them merged; a recording; pages.
    let questions = [
      "album&query=cccccccc-0000-4000-8000-000000000001", "album&query=lidarr:757a1723-3769-4298-89cd-48d31177852a",
      "album&query=lidarr:0982e813-a279-482c-8057-285d07372fb9",
      "artist&query=https://open.spotify.com/artist/5k979N1TnPncUyqlXlaRSv",
      "album&query=https://open.spotify.com/album/0fTuqjXMcqWJ6lOh8Jxijg",
    ]
    for question in questions {
      let url = "/search?type=\(question)"
      let (answer, expected) = (try cgi(url, fileAlone), try stack.get(url))
      #expect(answer.head.hasPrefix("Status: 200"), "\(url)")
      #expect(answer.body == expected.body && expected.body.count > 100, "\(url)")
    }
    for (page, target) in [
      ("artist/5k979N1TnPncUyqlXlaRSv", "artist/472bc127-8861-45e8-bc9e-31e8dd32de7a"),
      ("album/rgLinkedOnly0000000001", "album/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"),
    ] { #expect(try cgi("/spotify/\(page)", fileAlone).head.contains("/\(target)"), "\(page)") }
    for unknown in ["/search?type=all&query=lidarr:00000000-0000-4000-8000-000000000000", "/spotify/album/nobody"] {
      #expect(try cgi(unknown, fileAlone).head.hasPrefix("Status: 503"), "nobody has said that it does not exist")
    }
  }

  @Test func `a file of a few artists, or of a store, is searched by their names`() throws {
    let list = directory.appending(path: "ids").path
    try "1946a82a-f927-40c2-8235-38d64f50d043\n".write(toFile: list, atomically: true, encoding: .utf8)
    _ = try export("--ids", list)
    let url = "/search?type=all&query=chemical%20brothers%20surrender"
    let found = try cgi(url, alone)
    #expect(String(decoding: found.body, as: UTF8.self).contains(#""title":"Surrender""#))
    // Nobody has said that nothing else is called so.
    #expect(try cgi("/search?type=all&query=distance", alone).head.hasPrefix("Status: 503"))
  }

  @Test func `what was once asked for is found by its name while MusicBrainz is away`() throws {
    let here = settings.filter { !$0.key.hasPrefix("CACHE__") }.merging([
      "MEMCACHED_SERVERS": "", "STATE_DIRECTORY": directory.appending(path: "state").path,
    ]) { $1 }
    let away = here.merging(["DATABASE__HOST": "/nonexistent"]) { $1 }
    #expect(try cgi("/artist/1946a82a-f927-40c2-8235-38d64f50d043", here).head.hasPrefix("Status: 200"))
    #expect(try cgi("/album/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6", here).head.hasPrefix("Status: 200"))
    for query in ["chemical%20brothers", "surrender", "chemical%20brothers%20surender"] {
      let answer = try cgi("/search?type=all&query=\(query)", away)
      #expect(answer.head.hasPrefix("Status: 200"))
      #expect(String(decoding: answer.body, as: UTF8.self).contains(#""score""#), "\(query)")
    }
    #expect(try cgi("/search?type=all&query=distance", away).head.hasPrefix("Status: 503"))
  }

  @Test func `check and health tell what is in it, and a damaged document`() throws {
    _ = try export("--all", "--without-sources")
    let health = try cgi("/health", alone)
    let text = String(decoding: health.body, as: UTF8.self)
    #expect(text.contains(#""dataset":{"status":"up","detail":"sample.dataset"#), "\(text.suffix(300))")
    let check = try linernotes("dataset", "check", path, environment: alone)
    #expect(check.status == 0)
    #expect(String(decoding: check.output, as: UTF8.self).contains("every checksum is right"))
    var bytes = try Data(contentsOf: URL(filePath: path))
    for place in stride(from: 8_192 + 50, to: 200_000, by: 400) where place < bytes.count { bytes[place] ^= 1 }
    try bytes.write(to: URL(filePath: path))
    let damaged = try linernotes("dataset", "check", path, environment: alone)
    #expect(damaged.status != 0 && damaged.error.contains("is damaged"))
    let refused = try linernotes("import", path, environment: settings)
    #expect(refused.status != 0 && refused.error.contains("is damaged"))
    // What is damaged is asked of MusicBrainz, which is not here.
    let answers = try ExpectationTests.paths.map { try cgi($0, alone) }
    #expect(answers.contains { $0.head.hasPrefix("Status: 503") })
    for (path, answer) in zip(ExpectationTests.paths, answers) where answer.head.hasPrefix("Status: 200") {
      #expect(answer.body == (try stack.get(path).body), "\(path)")
    }
  }

  @Test func `other settings than those it was made under are named`() throws {
    _ = try export("--all", "--without-sources")
    let serve = try linernotes(
      "serve", "--dataset", path, "--socket", directory.appending(path: "socket").path,
      environment: alone.merging(["MEDIUM_FORMAT_DEFAULT": "CD", "ALIAS_LOCALES": "ja"]) { $1 })
    #expect(serve.status != 0)
    #expect(serve.error.contains("MEDIUM_FORMAT_DEFAULT is “CD”, the file's “Unknown”"))
    #expect(serve.error.contains("ALIAS_LOCALES is “ja”, the file's empty"))
    let missing = try linernotes("serve", "--dataset", path + "x", environment: alone)
    #expect(missing.status != 0 && missing.error.contains("No such file"))
  }

  @Test func `only what was asked for is exported, and bad lists are refused`() throws {
    let list = directory.appending(path: "ids").path
    try "472bc127-8861-45e8-bc9e-31e8dd32de7a\n# nobody\n\n00000000-0000-4000-8000-000000000000\n"
      .write(toFile: list, atomically: true, encoding: .utf8)
    let text = try export("--ids", list)
    #expect(text.contains("1 of the ids do not exist"))
    try "472bc127\n".write(toFile: list, atomically: true, encoding: .utf8)
    let result = try linernotes("export", path, "--ids", list, environment: settings)
    #expect(result.status != 0 && result.error.contains("ids, line 1: not an MBID"))
  }

  @Test func `a store moves to another by export and import, and answers there without MusicBrainz`() throws {
    _ = try export("--all")
    let host = try stack.value("DATABASE__HOST")
    let name = "moved_\(UUID().uuidString.prefix(8).lowercased())"
    let other = alone.filter { $0.key != "DATASET" && $0.key != "CACHE__POSTGRES_URL" }.merging([
      "CACHE__POSTGRES_HOST": host, "CACHE__POSTGRES_DATABASE": name,
      "CACHE__POSTGRES_USER": try stack.value("DATABASE__USER"),
    ]) { $1 }
    defer {
      _ = try? Command.run(
        "/usr/bin/env",
        [
          "psql", "-h", host, "-U", stack.value("DATABASE__USER"), "-d", "postgres", "-c",
          "DROP DATABASE IF EXISTS \(name) WITH (FORCE)",
        ])
    }
    let first = try linernotes("import", path, environment: other)
    try #require(first.status == 0, "\(first.error)")
    for path in ExpectationTests.paths {
      let answer = try cgi(path, other)
      #expect(answer.head.hasPrefix("Status: 200"), "\(path) \(answer.head)")
      #expect(answer.body == (try stack.get(path).body), "\(path)")
    }
    // What is there already stays, and the way back leads to the same documents.
    let second = try linernotes("import", path, environment: other)
    #expect(String(decoding: second.output, as: UTF8.self).contains("0 artists, 0 lists of albums, 0 albums imported"))
    let back = directory.appending(path: "back.dataset").path
    let export = try linernotes("export", back, environment: other)
    try #require(export.status == 0, "\(export.error)")
    for path in ExpectationTests.paths {
      #expect(try cgi(path, alone.merging(["DATASET": back]) { $1 }).body == (try stack.get(path).body), "\(path)")
    }
  }
}
