import Foundation
import TestServers
import Testing

/// What a pool tells an error tracker, which may take it, refuse it, hang or be gone.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) struct SentryPoolTests {
  static func settings(_ tracker: ReplayServer, _ others: [String: String] = [:]) -> [String: String] {
    ["SENTRY_DSN": "http://publickey@127.0.0.1:\(tracker.port)/7", "SENTRY_ENVIRONMENT": "testing"]
      .merging(others) { $1 }
  }

  static func accepting() -> ReplayServer { ReplayServer { _ in .answer(body: Array(#"{"id":"x"}"#.utf8)) } }

  /// Checks a request to the tracker byte by byte.
  ///
  /// - Returns: the event.
  @discardableResult
  static func event(_ request: String) throws -> [String: Any] {
    let end = try #require(request.firstRange(of: "\r\n\r\n"))
    let head = request[..<end.lowerBound].components(separatedBy: "\r\n")
    let body = String(request[end.upperBound...])
    #expect(head[0] == "POST /api/7/envelope/ HTTP/1.1")
    for line in [
      "Content-Type: application/x-sentry-envelope", "Content-Length: \(body.utf8.count)",
      "User-Agent: linernotes/0.1.0",
      "X-Sentry-Auth: Sentry sentry_version=7, sentry_client=linernotes/0.1.0, sentry_key=publickey",
    ] {
      #expect(head.contains(line), "\(line): \(head)")
    }
    #expect(!head.contains { $0.hasPrefix("Expect") })
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
    try #require(lines.count == 4 && lines[3].isEmpty)
    func object(_ line: Substring) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let (envelope, item, event) = (try object(lines[0]), try object(lines[1]), try object(lines[2]))
    #expect(item["type"] as? String == "event" && item["length"] as? Int == lines[2].utf8.count)
    #expect(envelope["event_id"] as? String == event["event_id"] as? String)
    #expect(event["release"] as? String == "lidarr-metadata@0.1.0" && event["environment"] as? String == "testing")
    #expect(event["user"] == nil && !body.contains("127.0.0.1") && !body.contains("publickey"))
    return event
  }

  @Test func `an error is told once by the whole pool, after the answer, with what was asked for`() throws {
    let tracker = Self.accepting()
    defer { tracker.stop() }
    let pool = try ObservedPool(Self.settings(tracker), workers: 3)
    let path = "\(ScoreboardPoolTests.unknown)7"
    for _ in 0..<12 { #expect(try pool.site.get("\(path)?primTypes=Album&api_key=hidden").status == 503) }
    try eventually { !tracker.requests.isEmpty }
    usleep(2_000_000)
    // The source fails, and is then left alone, which is another error.
    let events = try tracker.requests.map { try Self.event($0) }
    let fingerprints = events.map { $0["fingerprint"] as? [String] ?? [] }
    #expect(Set(fingerprints).count == fingerprints.count && fingerprints.count <= 2, "\(fingerprints)")
    let event = events[0]
    #expect(event["level"] as? String == "error" && event["transaction"] as? String == "GET artist")
    let tags = event["tags"] as? [String: String]
    #expect(tags?["entity"] == "artist" && path.hasSuffix(tags?["mbid"] ?? "nothing"))
    let request = event["request"] as? [String: String]
    #expect(request?["url"] == path && request?["query_string"] == "primTypes=Album")
    #expect(!tracker.requests[0].contains("hidden"))
  }

  @Test func `without a DSN nothing is told`() throws {
    let tracker = Self.accepting()
    defer { tracker.stop() }
    let pool = try ObservedPool()
    #expect(try pool.site.get("\(ScoreboardPoolTests.unknown)8").status == 503)
    usleep(1_500_000)
    #expect(tracker.connections == 0)
  }

  @Test func `the worker that takes a dead one's place tells of the signal`() throws {
    let tracker = Self.accepting()
    defer { tracker.stop() }
    let source = ScoreboardPoolTests.hangingSource()
    defer { source.stop() }
    let pool = try ObservedPool(Self.settings(tracker, ["MUSICBRAINZ__BASE_URL": source.url]))
    let curl = try pool.ask("\(ScoreboardPoolTests.unknown)9")
    let (pid, _) = try pool.worker(at: "artist")
    try eventually { try pool.worker(at: "artist").state["stage"] as? String == "provider musicbrainz" }
    kill(pid, SIGSEGV)
    try eventually { !tracker.requests.isEmpty }
    let event = try Self.event(tracker.requests[0])
    let value = ((event["exception"] as? [String: Any])?["values"] as? [[String: Any]])?.first
    #expect(event["level"] as? String == "fatal" && value?["type"] as? String == "SIGSEGV")
    #expect((value?["mechanism"] as? [String: Any])?["type"] as? String == "signalhandler")
    #expect((value?["value"] as? String)?.contains("GET artist") ?? false)
    usleep(500_000)
    #expect(tracker.requests.count == 1)
    curl.terminate()
  }

  /// Errors that are not the same one.
  static func fail(_ pool: ObservedPool, times: Int = 1) throws {
    for _ in 0..<times { _ = try pool.site.get("\(ScoreboardPoolTests.unknown)1") }
  }

  @Test(arguments: ["Retry-After: 3600", "X-Sentry-Rate-Limits: 3600:error:key"])
  func `while it wants nothing, no worker asks it`(header: String) throws {
    let tracker = ReplayServer { _ in
      .answer(status: header.hasPrefix("Retry") ? 429 : 200, headers: [header], body: Array("{}".utf8))
    }
    defer { tracker.stop() }
    let pool = try ObservedPool(Self.settings(tracker, ["SENTRY_TTL": "0"]), workers: 3)
    try Self.fail(pool)
    try eventually { !tracker.requests.isEmpty }
    usleep(300_000)
    for _ in 0..<12 { try Self.fail(pool) }
    usleep(2_000_000)
    #expect(tracker.requests.count == 1)
    #expect(try pool.metrics()[#"linernotes_error_reports_total{outcome="limited"}"#] ?? 0 >= 10)
  }

  @Test func `a tracker that hangs or is gone keeps nobody waiting`() throws {
    let hanging = ReplayServer { _ in .hang }
    let gone = ReplayServer { _ in .reset }
    for tracker in [hanging, gone] {
      defer { tracker.stop() }
      let pool = try ObservedPool(Self.settings(tracker, ["SENTRY_TTL": "0"]), workers: 1)
      try Self.fail(pool)
      try eventually { tracker.connections > 0 }
      // The only worker answers while its report is under way.
      for _ in 0..<5 {
        let start = Date()
        #expect(try pool.site.get(HTTPTests.artist).status == 200)
        #expect(Date().timeIntervalSince(start) < 1.5, "the tracker has two seconds")
      }
      #expect(!pool.text.contains("worker died"))
    }
  }
}
