import Foundation
import Testing

/// A real pool of six on a SQLite store, with neither PostgreSQL nor memcached: who waits for what has to be built, who
/// does not, and that it is built all the same.
@Suite(
  .serialized,
  .enabled(
    if: ProcessInfo.processInfo.environment["LINERNOTES_TEST_STACK"] != nil
      || ProcessInfo.processInfo.environment["CI"] == "true"))
final class QueueTests {
  let server: RecordedServer
  let directory = FileManager.default.temporaryDirectory.appending(path: "queue-\(UUID().uuidString.prefix(8))").path
  private var url = ""

  init() throws {
    server = try RecordedServer(["--latency", "0.1"])
  }

  deinit { _ = try? Self.run(RateTests.script, ["remove", directory]) }

  var binary: String {
    "\(ProcessInfo.processInfo.environment["LINERNOTES_TEST_STACK"] ?? "no LINERNOTES_TEST_STACK")/bin/linernotes"
  }

  var settings: [String: String] {
    [
      "MUSICBRAINZ__SOURCE": "webservice", "MUSICBRAINZ__BASE_URL": "\(server.url)/ws/2",
      "MUSICBRAINZ__INTERVAL": "0.05", "LOG_LEVEL": "critical", "NGINX_CACHE_SECONDS": "0",
      "CACHE__POSTGRES_URL": "sqlite:///\(directory)/store.db", "COVER_ART_ARCHIVE_API_URL": "http://127.0.0.1:9",
      "WIKIPEDIA__BASE_URL": "http://127.0.0.1:9", "WIKIDATA_BASE_URL": "http://127.0.0.1:9",
      "COMMONS_BASE_URL": "http://127.0.0.1:9",
    ]
  }

  func start(_ more: [String: String] = [:]) throws {
    let sets = settings.merging(more) { $1 }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
    try #require(
      try Self.run(
        RateTests.script,
        ["up", directory, "--binary", binary, "--workers", "6", "--services", "pool,nginx"] + sets) == 0)
    url = try value("URL")
  }

  func value(_ name: String) throws -> String {
    let text = try String(contentsOfFile: "\(directory)/env", encoding: .utf8)
    return try #require(
      text.split(separator: "\n").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) })
  }

  struct Answer {
    var status: Int
    var seconds: Double
    var retryAfter: Int?
    var body: String
  }

  /// A request that is under way.
  final class Running {
    private let process = Process()
    private let output = Pipe()

    init(_ url: String) throws {
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [
        "curl", "--noproxy", "*", "-sS", "-m", "100", "-w", "\n%{http_code} %{time_total} %header{retry-after}", url,
      ]
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
    }

    func answer() throws -> Answer {
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let words = try #require(lines.last).split(separator: " ")
      return Answer(
        status: Int(words[0]) ?? 0, seconds: Double(words[1]) ?? 0, retryAfter: words.count > 2 ? Int(words[2]) : nil,
        body: lines.dropLast().joined(separator: "\n"))
    }
  }

  func get(_ path: String) throws -> Answer { try Running(url + path).answer() }

  func health() throws -> (waiting: Int, done: Int) {
    let object = try JSONSerialization.jsonObject(with: Data(try get("/health").body.utf8)) as? [String: Any]
    let components = try #require(object?["components"] as? [String: [String: Any]])
    let queue = try #require(components["queue"])
    return (try #require(queue["waiting"] as? Int), try #require(queue["done"] as? Int))
  }

  /// Polls until it is true, for up to two minutes.
  func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<1_200 {
      if try condition() { return true }
      usleep(100_000)
    }
    return false
  }

  @Test func `a third of the pool waits, all others are told their place, and everything is built`() throws {
    try start()
    let artists = try Self.recordedArtists()
    try #require(artists.count >= 6)
    let stored = try #require(artists.last)
    #expect(try get("/artist/\(stored)").status == 200)
    // Two wait, and are not yet done; the others come meanwhile.
    try server.fail(".*=busy:60")
    let waiting = try artists.prefix(2).map { try Running("\(url)/artist/\($0)") }
    #expect(eventually { ((try? server.log().count) ?? 0) > 0 })
    usleep(500_000)
    var places: [Int] = []
    for artist in artists.dropFirst(2).prefix(4) {
      let answer = try get("/artist/\(artist)")
      #expect(answer.status == 503)
      #expect(answer.seconds < 1, "\(answer.seconds) s")
      #expect((answer.retryAfter ?? 0) > 0)
      let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
      #expect(object?["error"] as? String == "Waiting to be built")
      places.append((object?["queue"] as? [String: Int])?["place"] ?? 0)
    }
    // Behind the albums of the artist that is there nobody has to wait.
    #expect(places == [1, 2, 3, 4])
    let times = try (0..<20).map { _ in
      let answer = try get("/artist/\(stored)")
      #expect(answer.status == 200)
      return answer.seconds
    }
    #expect(times.max() ?? 1 < 0.5, "\(times)")
    #expect(try health().waiting >= 4)
    try server.reset()
    for running in waiting { #expect(try running.answer().status == 200) }
    // Nobody asks for them; the queue is worked all the same, and their albums after them.
    #expect(try eventually { try health().waiting == 0 })
    try server.reset()
    for artist in artists.prefix(6) {
      let answer = try get("/artist/\(artist)")
      #expect(answer.status == 200)
      #expect(answer.seconds < 0.5)
      let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
      for album in (object?["Albums"] as? [[String: Any]] ?? []).prefix(3) {
        let id = try #require(album["Id"] as? String ?? album["id"] as? String)
        #expect(try get("/album/\(id)").status == 200)
      }
    }
    #expect(try server.log().isEmpty)
  }

  @Test func `a killed builder and a restart lose nothing, and crawl works the queue`() throws {
    try start()
    let artists = try Self.recordedArtists()
    try server.fail(".*=busy:100")
    let waiting = try artists.prefix(2).map { try Running("\(url)/artist/\($0)") }
    #expect(eventually { ((try? server.log().count) ?? 0) > 0 })
    usleep(500_000)
    for artist in artists.dropFirst(2).prefix(3) { #expect(try get("/artist/\(artist)").status == 503) }
    try #require(try Self.run(RateTests.script, ["kill", directory, "pool"]) == 0)
    for running in waiting { _ = try running.answer() }
    try server.reset()
    // Whoever has been killed in the middle of a build holds it for a while.
    #expect(
      try eventually {
        let crawl = Process()
        crawl.executableURL = URL(fileURLWithPath: binary)
        crawl.arguments = ["crawl", "--queue", "--seconds", "100"]
        crawl.environment = settings
        let output = Pipe()
        crawl.standardOutput = output
        try crawl.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        crawl.waitUntilExit()
        return crawl.terminationStatus == 0 && text.contains(" 0 waiting")
      })
    try #require(try Self.run(RateTests.script, ["start", directory]) == 0)
    for artist in artists.dropFirst(2).prefix(3) {
      let answer = try get("/artist/\(artist)")
      #expect(answer.status == 200)
      #expect(answer.seconds < 0.5)
    }
  }

  @Test func `a person is served while a long queue is worked`() throws {
    try start(["MUSICBRAINZ__INTERVAL": "0.5"])
    let artists = try Self.recordedArtists()
    try server.fail(".*=busy:10")
    let waiting = try artists.suffix(2).map { try Running("\(url)/artist/\($0)") }
    #expect(eventually { ((try? server.log().count) ?? 0) > 0 })
    usleep(500_000)
    for artist in artists.prefix(4) { #expect(try get("/artist/\(artist)").status == 503) }
    for running in waiting { _ = try running.answer() }
    #expect(try eventually { try health().done > 0 })
    let queued = try health().waiting
    try #require(queued > 0)
    // An album needs two requests and one for its artist.
    let album = try #require(try EqualityTests.column("release_group", "gid").last)
    let answer = try get("/album/\(album)")
    #expect(answer.status == 200)
    print("a person's album while \(queued) builds wait: \(answer.seconds) s at a request in 0.5 s")
    #expect(answer.seconds < 5)
  }

  @Test func `a CGI request leaves a process behind that has nothing of the request`() throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let artist = try #require(try Self.recordedArtists().first)
    let mine = settings.merging([
      "MUSICBRAINZ__INTERVAL": "0.3", "BUILD_WAIT": "1", "QUEUE_DETACH": "true", "CACHE__NAMESPACE": "detached",
      "REQUEST_DEADLINE_MS": "5000",
    ]) { $1 }
    let request = Process()
    request.executableURL = URL(fileURLWithPath: binary)
    request.environment = mine.merging([
      "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/artist/\(artist)",
      "REQUEST_URI": "/artist/\(artist)", "QUERY_STRING": "secret", "HTTP_COOKIE": "secret", "REMOTE_ADDR": "192.0.2.1",
    ]) { $1 }
    let output = Pipe()
    request.standardOutput = output
    request.standardError = output
    let start = Date()
    try request.run()
    // Its output ends with the request, which the other must not have kept.
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    request.waitUntilExit()
    #expect(text.contains("Status: 503 "), "\(text)")
    #expect(Date().timeIntervalSince(start) < 10)

    let builders = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { pid in
      let words = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
      let environment = (try? String(contentsOfFile: "/proc/\(pid)/environ", encoding: .utf8)) ?? ""
      return words.contains("crawl\0--queue") && environment.contains(directory)
    }
    try #require(builders.count == 1)
    let builder = builders[0]
    defer { kill(builder, SIGTERM) }
    #expect(getsid(builder) == builder)
    let environment = try String(contentsOfFile: "/proc/\(builder)/environ", encoding: .utf8)
    #expect(!environment.contains("secret") && !environment.contains("GATEWAY_INTERFACE"))
    #expect(environment.contains("REQUEST_DEADLINE_MS"))
    for descriptor in 0...2 {
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(builder)/fd/\(descriptor)") == "/dev/null")
    }
  }

  /// Artists that have release groups, the most first.
  static func recordedArtists() throws -> [String] {
    let groups = try rows("release_group", ["artist_credit"])
    let counts = Dictionary(grouping: groups.map { $0[0] }) { $0 }.mapValues(\.count)
    let names = try rows("artist_credit_name", ["artist_credit", "position", "artist"])
    var ofArtist: [String: Int] = [:]
    for name in names where name[1] == "0" { ofArtist[name[2], default: 0] += counts[name[0]] ?? 0 }
    let ids = try rows("artist", ["id", "gid"])
    let special = "89ad4ac3-39f7-470e-963a-56509c546377"
    return ids.filter { (ofArtist[$0[0]] ?? 0) > 0 && $0[1] != special }
      .sorted { (ofArtist[$0[0]] ?? 0) > (ofArtist[$1[0]] ?? 0) }.map { $0[1] }
  }

  private static func rows(_ table: String, _ names: [String]) throws -> [[String]] {
    let file = RecordedServer.folder.appending(path: "musicbrainz/\(table).tsv")
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
    }
    let indexes = try names.map { name in try #require(rows[0].firstIndex(of: name)) }
    return rows.dropFirst().map { row in indexes.map { row[$0] } }
  }

  private static func run(_ path: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
