import Core
import CoreMetrics
import Foundation
import Logging
import Testing

@testable import Observe

/// What an error tracker is told, how often, and when not.
@Suite struct SentryTests {
  @Test(arguments: [
    ("https://abc@sentry.example.org/42", "abc", "https://sentry.example.org/api/42/envelope/"),
    ("http://abc:secret@host:9000/42", "abc", "http://host:9000/api/42/envelope/"),
    ("https://abc@host/some/path/42", "abc", "https://host/some/path/api/42/envelope/"),
    ("HTTPS://abc@host/project-x", "abc", "https://host/api/project-x/envelope/"),
  ])
  func `a DSN tells where and as whom`(text: String, key: String, url: String) throws {
    let dsn = try #require(SentryDSN(text))
    #expect(dsn.key == key && dsn.url == url)
  }

  @Test(arguments: [
    "", "sentry.example.org/42", "https://sentry.example.org/42", "https://@host/42", "https://key@/42",
    "https://key@host", "https://key@host/", "ftp://key@host/42", "https://k\ney@host/42", "https://a@b@host/42",
    "https://:secret@host/42",
  ])
  func `what is no DSN is none`(text: String) { #expect(SentryDSN(text) == nil) }

  /// An error of the log within a request.
  static func report(
    _ message: String = "no answer", _ reason: String = "PostgreSQL at 10.0.0.1: timed out",
    level: Logger.Level = .error
  ) -> ErrorReport {
    ErrorReport(
      LogLine(
        seconds: 1_795_740_731, milliseconds: 123, logger: "linernotes", level: level, message: message,
        fields: [("reason", reason), ("request", "7f00")]),
      milliseconds: 1_795_740_731_123,
      request: RequestDescription(
        method: "GET", path: ["api", "v0.4", "artist", "83d91898-7763-47d7-b03b-b92132375c47"],
        parameters: ["primTypes=Album", "type=me@example.org"], route: .artist))
  }

  static let envelope = SentryEnvelope(
    release: "lidarr-metadata@1.2.0", environment: "production", serverName: "metadata1", version: "1.2.0")

  static func parts(_ bytes: [UInt8]) throws -> (header: [String: Any], item: [String: Any], payload: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    try #require(lines.count == 4 && lines[3].isEmpty, "three lines, each with its end")
    func object(_ line: ArraySlice<UInt8>) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }
    return (try object(lines[0]), try object(lines[1]), Array(lines[2]))
  }

  @Test func `an envelope says how long its item is, and what has happened`() throws {
    let report = Self.report()
    let (header, item, payload) = try Self.parts(Self.envelope.bytes(of: report, sent: 1_795_740_732_000))
    #expect(item["type"] as? String == "event" && item["length"] as? Int == payload.count)
    #expect(header["event_id"] as? String == report.id && header["sent_at"] as? String == "2026-11-27T00:52:12.000Z")
    #expect(header["dsn"] == nil, "the key is in a header of the request")
    let id = Array(report.id.utf8)
    #expect(id.count == 32 && id[12] == UInt8(ascii: "4") && "89ab".utf8.contains(id[16]))
    let event = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? NSDictionary)
    let expected: NSDictionary = [
      "event_id": report.id, "timestamp": "2026-11-27T00:52:11.123Z", "platform": "native", "level": "error",
      "logger": "linernotes", "transaction": "GET artist", "server_name": "metadata1",
      "release": "lidarr-metadata@1.2.0", "environment": "production",
      "fingerprint": ["linernotes", "no answer", "PostgreSQL at <address>: timed out"],
      "tags": ["entity": "artist", "mbid": "83d91898-7763-47d7-b03b-b92132375c47", "request_id": "7f00"],
      "contexts": [
        "os": ["name": "Linux"], "runtime": ["name": "Swift"],
        "app": ["app_name": "linernotes", "app_version": "1.2.0"],
      ],
      "exception": [
        "values": [
          [
            "type": "no answer", "value": "PostgreSQL at <address>: timed out",
            "mechanism": ["type": "generic", "handled": true],
          ]
        ]
      ],
      "request": [
        "method": "GET", "url": "/api/v0.4/artist/83d91898-7763-47d7-b03b-b92132375c47",
        "query_string": "primTypes=Album&type=<address>",
      ],
      "sdk": ["name": "linernotes.swift", "version": "1.2.0"],
    ]
    #expect(event == expected, "\(event)")
  }

  @Test func `the death of a worker is told as a signal`() throws {
    var death = Death(time: UnixTime(seconds: 1_795_740_731), pid: 12)
    death.signal = SIGSEGV
    death.position.occupation = .request
    death.position.stage = .source
    death.position.method = .get
    death.position.route = .album
    let (_, item, payload) = try Self.parts(Self.envelope.bytes(of: ErrorReport(death), sent: 0))
    #expect(item["length"] as? Int == payload.count)
    let event = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
    #expect(event["level"] as? String == "fatal")
    #expect(event["fingerprint"] as? [String] == ["worker", "SIGSEGV", "source, GET album"])
    let values = (event["exception"] as? [String: Any])?["values"] as? [NSDictionary]
    #expect(
      values == [
        [
          "type": "SIGSEGV", "value": "a worker died of SIGSEGV (source, GET album)",
          "mechanism": [
            "type": "signalhandler", "handled": false, "synthetic": true,
            "meta": ["signal": ["number": 11, "name": "SIGSEGV"]],
          ],
        ]
      ])
  }

  @Test(
    arguments: [
      (200, nil, nil, 0), (429, nil, nil, 60), (429, nil, 7, 7), (200, nil, 7, 0), (200, "60:transaction:key", nil, 0),
      (200, "60:transaction:key, 2700:default;error;security:organization:quota_exceeded", nil, 2_700),
      (429, "60::organization", 5, 60), (200, "10:error:key,20:error", nil, 20), (500, "nonsense", nil, 0),
      (429, "nonsense", nil, 60), (429, "", nil, 60), (429, "60:transaction:key", 5, 0), (200, "1e300::x", nil, 86_400),
      (200, "-5::x", nil, 0), (200, "nan::x", nil, 0), (200, "2.5::x", nil, 3), (429, "x:error", 9, 9),
    ] as [(Int, String?, Int?, Int64)])
  func `it is left alone for as long as it wants`(status: Int, header: String?, retryAfter: Int?, seconds: Int64) {
    #expect(SentryLimits.pause(status: status, header: header, retryAfter: retryAfter) == seconds)
  }

  // MARK: - How often

  /// What several machines agree on.
  final class SharedPool: ErrorReporter.Pool {
    var seen: Set<UInt64> = []
    var silentSeconds: Int64 = 0
    var isSilent: Bool { silentSeconds > 0 }
    func isFirst(_ hash: UInt64, seconds: Int64) -> Bool { seen.insert(hash).inserted }
    func silence(seconds: Int64) { silentSeconds = seconds }
  }

  final class Tracker {
    var bodies: [[UInt8]] = []
    var outcome = ErrorReporter.Outcome.answered(status: 200, limits: nil, retryAfter: nil)
    var time = UnixTime(seconds: 1_000_000)
    var chance = 0.0

    func reporter(
      _ pool: SharedPool = SharedPool(), board: Scoreboard? = nil, interval: Int64 = 3_600, rate: Double = 1
    ) throws -> ErrorReporter {
      ErrorReporter(
        .init(
          dsn: try #require(SentryDSN("https://key@host/1")), environment: "test", version: "1", serverName: nil,
          minimumInterval: interval, sampleRate: rate), board: board, pool: pool, now: { self.time },
        random: { self.chance }
      ) { body, _ in
        self.bodies.append(body)
        return self.outcome
      }
    }
  }

  static func line(_ message: String, _ reason: String = "x") -> LogLine {
    LogLine(
      seconds: 0, milliseconds: 0, logger: "linernotes", level: .error, message: message, fields: [("reason", reason)])
  }

  @Test func `the same error is told once by all processes and machines, another by itself`() throws {
    let (tracker, pool, board) = (Tracker(), SharedPool(), try ScoreboardTests.board())
    let reporters = [
      try tracker.reporter(pool, board: board), try tracker.reporter(pool, board: board),
      try tracker.reporter(pool, board: try ScoreboardTests.board()), try tracker.reporter(pool),
    ]
    for reporter in reporters {
      for number in 0..<5 { reporter.note(Self.line("no answer", "after \(number) ms"), milliseconds: 0, request: nil) }
      reporter.send()
    }
    #expect(tracker.bodies.count == 1)
    reporters[1].note(Self.line("another"), milliseconds: 0, request: nil)
    reporters[1].send()
    #expect(tracker.bodies.count == 2)
  }

  @Test func `after its time the same error is told again`() throws {
    let tracker = Tracker()
    let board = try ScoreboardTests.board()
    for _ in 0..<3 {
      let reporter = try tracker.reporter(board: board)
      reporter.note(Self.line("x"), milliseconds: 0, request: nil)
      reporter.send()
      tracker.time = tracker.time + 3_600
    }
    #expect(tracker.bodies.count == 3)
  }

  @Test func `nothing is posted while an answer is being made, and no more is kept than there is room for`() throws {
    let tracker = Tracker()
    let reporter = try tracker.reporter()
    for number in 0..<100 {
      reporter.note(
        Self.line(
          String(UnicodeScalar(UInt8(ascii: "a") + UInt8(number % 26))) + String(repeating: "z", count: number)),
        milliseconds: 0, request: nil)
    }
    #expect(tracker.bodies.isEmpty && reporter.hasWork)
    reporter.send(whileNobodyWaits: { tracker.bodies.count >= 3 })
    #expect(tracker.bodies.count == 3, "it stops for whoever waits")
    reporter.send()
    #expect(tracker.bodies.count == 16 && !reporter.hasWork)
  }

  @Test func `while the tracker wants nothing, errors are dropped, here and elsewhere`() throws {
    let (tracker, pool, board) = (Tracker(), SharedPool(), try ScoreboardTests.board())
    let reporter = try tracker.reporter(pool, board: board)
    tracker.outcome = .answered(status: 429, limits: nil, retryAfter: 120)
    reporter.note(Self.line("a"), milliseconds: 0, request: nil)
    reporter.note(Self.line("b"), milliseconds: 0, request: nil)
    reporter.send()
    #expect(tracker.bodies.count == 1 && pool.silentSeconds == 120)
    reporter.note(Self.line("c"), milliseconds: 0, request: nil)
    let other = try tracker.reporter(SharedPool(), board: board)
    other.note(Self.line("d"), milliseconds: 0, request: nil)
    for one in [reporter, other] {
      #expect(!one.hasWork)
      one.send()
    }
    #expect(tracker.bodies.count == 1)
    pool.silentSeconds = 0
    tracker.time = tracker.time + 121
    other.note(Self.line("e"), milliseconds: 0, request: nil)
    other.send()
    #expect(tracker.bodies.count == 2)
  }

  @Test func `a tracker that does not answer is asked again later, and not for ever`() throws {
    let tracker = Tracker()
    let reporter = try tracker.reporter()
    tracker.outcome = .failed
    reporter.note(Self.line("a"), milliseconds: 0, request: nil)
    reporter.send()
    #expect(tracker.bodies.count == 1 && !reporter.hasWork && reporter.hasBacklog)
    reporter.send()
    #expect(tracker.bodies.count == 1)
    for attempt in 2...3 {
      tracker.time = tracker.time + 31
      #expect(reporter.hasWork)
      reporter.send()
      #expect(tracker.bodies.count == attempt)
    }
    tracker.time = tracker.time + 31
    #expect(!reporter.hasWork && !reporter.hasBacklog)
  }

  @Test func `whoever is interrupted goes on later with the same report`() throws {
    let tracker = Tracker()
    let reporter = try tracker.reporter()
    tracker.outcome = .interrupted
    reporter.note(Self.line("a"), milliseconds: 0, request: nil)
    var looks = 0
    reporter.send {
      looks += 1
      return looks > 1
    }
    #expect(reporter.hasWork)
    tracker.outcome = .answered(status: 200, limits: nil, retryAfter: nil)
    reporter.send()
    #expect(tracker.bodies.count == 2)
    #expect(
      try Self.parts(tracker.bodies[0]).header["event_id"] as? String == Self.parts(tracker.bodies[1]).header[
        "event_id"] as? String)
  }

  @Test func `only a sample is told, if that is wanted`() throws {
    let tracker = Tracker()
    let reporter = try tracker.reporter(interval: 0, rate: 0.25)
    for chance in [0.0, 0.2, 0.3, 0.9] {
      tracker.chance = chance
      reporter.note(Self.line("a"), milliseconds: 0, request: nil)
    }
    reporter.send()
    #expect(tracker.bodies.count == 2)
  }

  @Test func `whoever comes next tells of a worker that died`() throws {
    let (tracker, board) = (Tracker(), try ScoreboardTests.board())
    let reporters = [try tracker.reporter(board: board), try tracker.reporter(board: board)]
    #expect(!reporters[0].hasWork)
    board.note(.crashed(signal: SIGSEGV), of: nil, pid: 4711)
    #expect(reporters[0].hasWork)
    for reporter in reporters { reporter.send() }
    #expect(tracker.bodies.count == 1)
    #expect(String(decoding: tracker.bodies[0], as: UTF8.self).contains("SIGSEGV"))
  }
}
