import Foundation
import Logging
import Testing

@testable import Observe

/// What a line of the log looks like, whatever is in it.
@Suite struct LogLineTests {
  static func line(
    _ message: String, _ fields: [(String, String)] = [], level: Logger.Level = .warning
  ) -> LogLine {
    LogLine(
      seconds: 1_795_600_849, milliseconds: 7, logger: "linernotes.cache", level: level, message: message,
      fields: fields.map { (key: $0, value: $1) })
  }

  static func text(_ line: LogLine) -> String { String(decoding: line.text, as: UTF8.self) }

  @Test func `a line is as the original writes it`() throws {
    let text = Self.text(Self.line("the durable cache is left out", [("reason", "timed out")]))
    let date = try #require(text.split(separator: " - ").first)
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
    #expect(formatter.date(from: String(date)) == Date(timeIntervalSince1970: 1_795_600_849))
    #expect(
      text.hasSuffix(" - linernotes.cache - WARNING - the durable cache is left out reason=\"timed out\"\n"), "\(text)")
  }

  @Test(arguments: [
    (Logger.Level.trace, "DEBUG"), (.debug, "DEBUG"), (.info, "INFO"), (.notice, "INFO"), (.warning, "WARNING"),
    (.error, "ERROR"), (.critical, "CRITICAL"),
  ])
  func `levels have Python's names`(level: Logger.Level, name: String) {
    #expect(Self.text(Self.line("x", level: level)).contains(" - \(name) - x"))
  }

  static let hostile = [
    "a\nb", "a\r\nb", "a\u{1b}[2Jb", "a\u{7f}b", "a\u{85}b", "a\u{2028}b", "a\u{202e}b", "a\u{0}b", "a\u{9b}31mb",
  ]

  @Test(arguments: hostile)
  func `no text begins a line or moves a terminal's cursor`(hostile: String) {
    for line in [Self.line(hostile), Self.line("x", [("key", hostile)]), Self.line("x", [(hostile, "value")])] {
      for form in [line.text, line.json] {
        let text = String(decoding: form, as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        let unsafe = text.dropLast().unicodeScalars.filter {
          $0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.value == 0x2028 || $0.value == 0x202e
        }
        #expect(form == line.json ? !unsafe.contains { $0.value < 0x20 } : unsafe.isEmpty, "\(text)")
      }
    }
  }

  @Test func `a value cannot look like another field`() {
    let text = Self.text(Self.line("x", [("reason", "a level=ERROR \"quoted\"")]))
    #expect(text.hasSuffix(#" x reason="a level=ERROR \"quoted\"""# + "\n"), "\(text)")
  }

  @Test(arguments: [10, 4_000, 4_096, 5_000, 100_000])
  func `no line is longer than a pipe takes at once, and none breaks a character`(length: Int) throws {
    for unit in ["x", "ä", "\u{1}", "\"", "😀"] {
      let long = String(repeating: unit, count: length / unit.utf8.count)
      for line in [
        Self.line(long), Self.line("x", [("key", long)]), Self.line(long, (0..<40).map { ("key\($0)", long) }),
      ] {
        #expect(line.text.count <= 4_096 && String(validating: line.text, as: UTF8.self) != nil)
        let json = line.json
        #expect(json.count <= 4_096)
        let object = try JSONSerialization.jsonObject(with: Data(json)) as? [String: String]
        #expect(object?["logger"] == "linernotes.cache")
      }
    }
  }

  @Test func `JSON has swift-log's levels, a time in UTC, and keeps its own names`() throws {
    let line = Self.line("hello", [("reason", "because"), ("level", "mine"), ("request", "abc")])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.json)) as? [String: String])
    #expect(
      object == [
        "time": "2026-11-25T10:00:49.007Z", "logger": "linernotes.cache", "level": "warning", "message": "hello",
        "reason": "because", "_level": "mine", "request": "abc",
      ])
  }

  @Test func `the longest name of a module decides about its level`() {
    let levels = LogLevels(
      .info,
      modules: [("linernotes", .error), ("linernotes.cache", .debug), ("linernotes.cache.deep", .critical)])
    #expect(levels.level(of: "linernotes.cache") == .debug)
    #expect(levels.level(of: "linernotes.cache.deep.er") == .critical)
    #expect(levels.level(of: "linernotes.cachet") == .error)
    #expect(levels.level(of: "other") == .info)
  }

  @Test(arguments: [
    ("GET /x?api_key=abc&limit=3 failed", "GET /x?api_key=********&limit=3 failed"),
    ("https://user:pass@host/path?token=t", "https://********@host/path?token=********"),
    ("/x?code=4 refresh_token=abc,", "/x?code=******** refresh_token=********,"), ("code=4", "code=4"),
    ("nothing = here", "nothing = here"), ("a@b.example", "a@b.example"),
    ("https://host/x?limit=5", "https://host/x?limit=5"), ("=", "="), ("://@", "://********@"),
  ])
  func `what names a secret is masked`(text: String, expected: String) {
    #expect(Scrubbing.withoutSecrets(text) == expected)
  }

  @Test(arguments: [
    ("connection to 10.0.0.12:5432 failed", "connection to <address> failed"),
    ("client=2001:db8::1, again", "client=<address>, again"), ("mail me@example.org.", "mail <address>."),
    ("version 1.2.3 at 12:30", "version 1.2.3 at 12:30"), ("at 192.0.2.1.", "at <address>."),
    ("83d91898-7763-47d7-b03b-b92132375c47", "83d91898-7763-47d7-b03b-b92132375c47"),
  ])
  func `reports name no addresses`(text: String, expected: String) {
    #expect(Scrubbing.withoutAddresses(text) == expected)
  }

  @Test func `the same error with other ids is the same error`() {
    let ids = ["83d91898-7763-47d7-b03b-b92132375c47", "472bc127-8861-45e8-bc9e-31e8dd32de7a"]
    let templates = Set(ids.map { Scrubbing.template("artist \($0) after 12 ms") })
    #expect(templates == ["artist # after # ms"])
    #expect(Scrubbing.template("status 503") == Scrubbing.template("status 404"))
    #expect(Scrubbing.template("refused") != Scrubbing.template("timed out"))
  }
}
