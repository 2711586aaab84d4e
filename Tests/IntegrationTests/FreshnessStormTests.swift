import Core
import Foundation
import TestMusicBrainz
import Testing

/// An instance of its own whose MusicBrainz database is a mirror that gets packets.
private final class MirroredInstance {
  let stack: Stack
  let master: MasterDatabase
  let mirror: MirrorDatabase
  let started = Date()

  init() throws {
    let executable = try #require(ProcessInfo.processInfo.environment["LINERNOTES_EXECUTABLE"])
    stack = Stack(directory: "/tmp/linernotes-storm-\(getpid())")
    let nobody = "http://127.0.0.1:9"
    let providers = [
      "WIKIPEDIA__BASE_URL", "WIKIDATA_BASE_URL", "COMMONS_BASE_URL", "COVER_ART_ARCHIVE_API_URL",
      "APPLE_CHARTS_BASE_URL", "BILLBOARD_BASE_URL",
    ]
    try stack.run(
      "up",
      ["--binary", executable, "--workers", "3", "--set", "NGINX_CACHE_SECONDS=1", "--set", "INVALIDATE_APIKEY=key"]
        + providers.flatMap { ["--set", "\($0)=\(nobody)"] })
    let server = PostgresServer(
      host: try stack.value("DATABASE__HOST"), port: Int(try stack.value("DATABASE__PORT")) ?? 5432,
      user: try stack.value("DATABASE__USER"))
    let name = try stack.value("DATABASE__DATABASE")
    master = try MasterDatabase("storm_master", on: server, rows: name)
    mirror = try MirrorDatabase(name, of: master)
    try mirror.install("create-indices", ["indexes=off"])
  }

  deinit { try? stack.run("remove") }

  var environment: [String: String] {
    ProcessInfo.processInfo.environment.merging(stack.environment) { $1 }
  }

  var executable: String { "\(stack.directory)/bin/linernotes" }

  /// Starts a command, whose output goes to a file of the instance.
  func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = environment
    let log = "\(stack.directory)/log/\(arguments.joined(separator: "-").replacingOccurrences(of: "/", with: "_")).log"
    if !FileManager.default.fileExists(atPath: log) {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    try file.seekToEnd()
    process.standardOutput = file
    process.standardError = file
    try process.run()
    return process
  }

  @discardableResult func run(_ arguments: String...) throws -> String {
    let result = try Command.run(executable, arguments, environment: environment)
    try #require(result.status == 0, "\(arguments): \(result.error.suffix(500))")
    return String(decoding: result.output, as: UTF8.self)
  }

  /// What a process without any cache answers.
  func uncached(_ path: String) throws -> (status: Int, body: String) {
    var environment = environment
    environment["USE_CACHE"] = "false"
    environment["GATEWAY_INTERFACE"] = "CGI/1.1"
    environment["REQUEST_METHOD"] = "GET"
    environment["REQUEST_URI"] = path
    environment["SERVER_PROTOCOL"] = "HTTP/1.1"
    environment["REMOTE_ADDR"] = "127.0.0.1"
    let result = try Command.run(executable, [], environment: environment)
    let text = String(decoding: result.output, as: UTF8.self)
    let end = try #require(text.range(of: "\r\n\r\n"), "\(path): \(text.prefix(300)) \(result.error.suffix(300))")
    let status = text.hasPrefix("Status: ") ? Int(text.dropFirst(8).prefix(3)) ?? 0 : 200
    return (status, String(text[end.upperBound...]))
  }

  func served(_ path: String) throws -> (status: Int, body: String) {
    let result = try Command.run(
      "/usr/bin/curl",
      ["--noproxy", "*", "-sS", "-m", "20", "-w", "\n%{http_code}", try stack.value("URL") + path])
    let lines = String(decoding: result.output, as: UTF8.self)
    let end = try #require(lines.lastIndex(of: "\n"), "\(path): \(result.error)")
    return (Int(lines[lines.index(after: end)...]) ?? 0, String(lines[..<end]))
  }

  /// What is asked of the store's database.
  @discardableResult func store(_ sql: String) throws -> String {
    try mirror.server.run(sql, in: try stack.value("CACHE__POSTGRES_DATABASE"))
  }

  /// From now on it is noted whenever a document is revoked or made anew.
  func noteWhatIsMade() throws {
    try store(
      """
      CREATE TABLE cache.noted (kind text, id uuid, is_made boolean, at timestamptz DEFAULT clock_timestamp());
      CREATE FUNCTION cache.note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO cache.noted (kind, id, is_made) VALUES (new.kind, new.id, new.expires > 0);
        RETURN NULL;
      END $$;
      CREATE TRIGGER note AFTER UPDATE ON cache.document FOR EACH ROW
      WHEN (
        old.value IS NOT NULL AND new.value IS NOT NULL
        AND (new.expires = 0 AND new.revision > old.revision OR new.expires > 0 AND new.expires <> old.expires)
      )
      EXECUTE FUNCTION cache.note()
      """)
  }

  /// The paths of all artists and albums under the ids that they have now.
  func unmerged() throws -> Set<String> {
    let answer = try mirror.run("SELECT '/artist/' || gid FROM artist UNION SELECT '/album/' || gid FROM release_group")
    return Set(answer.split(separator: "\n").map(String.init))
  }

  /// The paths of all artists, albums and series that the mirror has now.
  func paths() throws -> Set<String> {
    let answer = try mirror.run(
      """
      SELECT '/artist/' || gid FROM artist UNION SELECT '/artist/' || gid FROM artist_gid_redirect
      UNION SELECT '/album/' || gid FROM release_group UNION SELECT '/album/' || gid FROM release_group_gid_redirect
      UNION SELECT '/series/' || gid FROM series
      """)
    return Set(answer.split(separator: "\n").map(String.init))
  }
}

/// Everything at once: edits that come in packets, two crawlers, a listener, somebody who invalidates every second, clients,
/// and one who kills any of them. Afterwards everything that is served is what MusicBrainz says.
///
/// `LINERNOTES_CHANGES_SEED` sets another seed, `LINERNOTES_STORM_ROUNDS` how many packets.
@Suite(.serialized, .enabled(if: !Stack.isMissingAndMayBe)) struct FreshnessStormTests {
  @Test func `after a storm of edits and kills, everything served is what MusicBrainz says`() throws {
    let environment = ProcessInfo.processInfo.environment
    let seed = UInt64(environment["LINERNOTES_CHANGES_SEED"] ?? "") ?? 7
    let rounds = Int(environment["LINERNOTES_STORM_ROUNDS"] ?? "") ?? 12
    let instance = try MirroredInstance()
    var generator = EditGenerator(seed: seed)
    var paths = try instance.paths()

    // Everything is stored before, and where changes begin is known.
    try instance.run("invalidate")
    try instance.run("initialize", "artists")
    try instance.run("initialize", "albums")
    try instance.run("crawl", "--once")
    var before: [String: String] = [:]
    // What a merged id answers is its survivor's, and so is what is told of it.
    for path in try instance.unmerged() { before[path] = try instance.served(path).body }
    let since = Int(Date().timeIntervalSince1970) - 1
    try instance.noteWhatIsMade()

    let crew: [[String]] = [["crawl"], ["crawl"], ["listen"], ["invalidate"]]
    var running = try crew.map { try instance.start($0) }
    for round in 1...rounds {
      let edits = generator.edits(1 + generator.number(below: 12))
      let packet = try instance.master.packet(after: edits.sql)
      try instance.mirror.replicate(packet, by: MirrorDatabase.Tool.allCases[generator.number(below: 2)])
      paths.formUnion(try instance.paths())
      for _ in 0..<20 {
        let path = paths.sorted()[generator.number(below: paths.count)]
        let status = try instance.served(path).status
        #expect([200, 301, 404, 503].contains(status), "seed \(seed), round \(round): \(path) is \(status)")
      }
      // Whoever has ended by itself, or was killed, is started again.
      for (index, process) in running.enumerated() where !process.isRunning {
        running[index] = try instance.start(crew[index])
      }
      switch generator.number(below: 6) {
      case 0: kill(running[generator.number(below: 3)].processIdentifier, SIGKILL)
      case 1: kill(try #require(instance.stack.workers().first), SIGKILL)
      case 2:
        try instance.stack.run("kill", "memcached")
        try instance.stack.run("start", "memcached")
      default: break
      }
    }
    for process in running where process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }

    // The dust settles.
    try instance.run("invalidate")
    try instance.run("crawl", "--once")
    usleep(2_100_000)
    try expectFresh(instance, paths, "seed \(seed), from memcached")
    try instance.stack.run("restart", "memcached")
    usleep(2_100_000)
    try expectFresh(instance, paths, "seed \(seed), from the durable cache")

    // What is asked for again had been told of before, but for what a killed process leaves to another. Survivors of
    // merges are left out: whoever asks by the merged id is told of them, too. An artist and its albums are asked for
    // together.
    let survivors = try instance.mirror.run(
      """
      SELECT gid FROM artist WHERE id IN (SELECT new_id FROM artist_gid_redirect)
      UNION SELECT gid FROM release_group WHERE id IN (SELECT new_id FROM release_group_gid_redirect)
      """)
    let counts = try instance.store(
      """
      WITH entity AS (
        SELECT
          greatest(
            count(*) FILTER (WHERE is_made AND kind <> 'mb-artist-albums'),
            count(*) FILTER (WHERE is_made AND kind = 'mb-artist-albums')
          ) AS made,
          count(*) FILTER (WHERE NOT is_made) AS told
        FROM cache.noted
        WHERE kind LIKE 'mb-%' AND id <> ALL ('{\(survivors.split(whereSeparator: \.isNewline).joined(separator: ","))}')
        GROUP BY replace(kind, '-albums', ''), id
      )
      SELECT sum(made), sum(greatest(made - told, 0)) FROM entity
      """
    ).split(whereSeparator: { $0 == "|" || $0.isNewline }).compactMap { Int($0) }
    try #require(counts.count == 2 && counts[0] > 0)
    print("seed \(seed): \(counts[0]) asked for again, \(counts[1]) of them without having been told of")
    #expect(counts[1] * 10 <= counts[0], "seed \(seed): \(counts)")

    // What a client had before and is not the same any more is named.
    for (route, kind) in [("/recent/artist", "/artist/"), ("/recent/album", "/album/")] {
      let list = try instance.served("\(route)?since=\(since)")
      #expect(list.body.contains(#""limited":false"#))
      for (path, body) in before where path.hasPrefix(kind) {
        guard own(try instance.served(path).body) != own(body) else { continue }
        let id = path.dropFirst(kind.count)
        #expect(list.body.contains(id), "seed \(seed): \(path) has changed and \(route) does not name it")
      }
    }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["LINERNOTES_FIGURES"] != nil))
  func `how long it takes from a packet to a fresh answer`() throws {
    let instance = try MirroredInstance()
    try instance.run("invalidate")
    try instance.run("initialize", "albums")
    try instance.run("crawl", "--once")
    let albums = try instance.unmerged().filter { $0.hasPrefix("/album/") }.sorted()
    for path in albums { _ = try instance.served(path) }
    let listener = try instance.start(["listen"])
    defer { listener.terminate() }
    usleep(3_000_000)
    var seconds: [Double] = []
    for round in 0..<60 {
      let path = albums[round % albums.count]
      let title = "Round \(round)"
      let packet = try instance.master.packet(
        after: "UPDATE release_group SET name = '\(title)', last_updated = now() WHERE gid = '\(path.dropFirst(7))'")
      try instance.mirror.replicate(packet, by: .musicbrainz)
      let start = Date()
      while !(try instance.served(path).body.contains(title)) {
        try #require(Date().timeIntervalSince(start) < 60, "\(path) is stale after a minute")
        usleep(20_000)
      }
      seconds.append(Date().timeIntervalSince(start))
    }
    seconds.sort()
    print("from a packet to a fresh answer, seconds: p50 \(seconds[30]), p99 \(seconds[59])")
  }

  /// An answer without the artists that an album shows: of them their own routes tell.
  private func own(_ body: String) -> NSDictionary? {
    var object = (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any]
    object?["artists"] = nil
    return object as NSDictionary?
  }

  private func expectFresh(_ instance: MirroredInstance, _ paths: Set<String>, _ where: String) throws {
    for path in paths.sorted() {
      let expected = try instance.uncached(path)
      let served = try instance.served(path)
      #expect(served.status == expected.status && served.body == expected.body, "\(`where`): \(path) is stale")
    }
  }
}
