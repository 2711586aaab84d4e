import Foundation
import Testing

@testable import Settings

@Suite struct CatalogTests {
  static let keys = SettingCatalog.keys

  /// Texts of which each key allows at least one that is not its default.
  static let samples = [
    "true", "false", "7", "0.5", "sample", "http://sample.example", "postgresql://sample/x", "Bootleg", "require",
    "standby",
    "trace", "test", "webservice", "simple", "/sample", "sample:1", "1000000000",
    "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d", String(repeating: "0f", count: 32), "json", "syslog", "sample=debug",
    "https://sample@sample.example/1", "prefix", "9",
  ]

  static func sample(for key: SettingKey) throws -> String {
    try #require(
      samples.first { text in
        guard let reading = key.read(text) else { return false }
        return reading.text != key.read(key.defaultText)?.text
      }, "no sample fits \(key.name)")
  }

  @Test func `no name means two things`() {
    let names =
      Self.keys.flatMap { key in
        key.spellings.map(\.name) + (key.mayBeInFile ? key.spellings.map { $0.name + "_FILE" } : [])
      } + SettingCatalog.retired.flatMap(\.names)
    let repeated = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys
    #expect(repeated.isEmpty)
  }

  @Test(arguments: keys.map(\.name))
  func `every default and every preset's value is one that the key allows`(name: String) throws {
    let key = try #require(Self.keys.first { $0.name == name })
    for text in [key.defaultText] + key.presetTexts.values where !text.isEmpty {
      #expect(key.read(text) != nil, "\(text)")
    }
    if key.defaultText.isEmpty {
      #expect(key.read("")?.text == "")
    }
  }

  @Test func `every key's value arrives in a place of its own`() throws {
    let defaults = try load()
    var seen: [(name: String, settings: Settings)] = []
    for key in Self.keys where key.name != SettingCatalog.fileName {
      let text = try Self.sample(for: key)
      var settings = try load([key.name: text])
      settings.report = defaults.report
      #expect(settings != defaults, "\(key.name) changes nothing")
      for other in seen { #expect(settings != other.settings, "\(key.name) is kept where \(other.name) is") }
      seen.append((key.name, settings))
    }
  }

  @Test(arguments: keys.flatMap { key in key.otherSpellings.map { (key.name, $0.name) } })
  func `every other name of a key is understood`(name: String, other: String) throws {
    let key = try #require(Self.keys.first { $0.name == name })
    let spelling = try #require(key.otherSpellings.first { $0.name == other })
    let text = try Self.sample(for: key)
    let expected = try load([name: spelling.converted(text)])
    var settings = try load([other: text])
    #expect(settings.report.notices.isEmpty)
    #expect(settings.line(name)?.hasSuffix("  # env \(other)") == true)
    settings.report = expected.report
    #expect(settings == expected)
  }

  @Test func `no secret or credential has a default in any preset`() {
    for key in Self.keys where key.mayBeInFile {
      #expect(key.defaultText.isEmpty && key.presetTexts.isEmpty, "\(key.name)")
    }
    let texts = Self.keys.flatMap { [$0.defaultText] + $0.presetTexts.values }
    #expect(
      texts.allSatisfy {
        !$0.contains("abc") && !$0.contains("replaceme") && !$0.contains("test-") && !$0.contains("@")
      })
  }

  @Test func `docs SETTINGS md is what the table says`() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/SETTINGS.md")
    if ProcessInfo.processInfo.environment["REGENERATE"] != nil {
      try SettingsReference.markdown.write(to: page, atomically: false, encoding: .utf8)
    }
    let written = try? String(contentsOf: page, encoding: .utf8)
    #expect(
      written == SettingsReference.markdown,
      "docs/SETTINGS.md is out of date: run REGENERATE=1 swift test --filter CatalogTests")
  }

  @Test func `the reference names every key, every other name and every name without effect`() {
    let page = SettingsReference.markdown
    for name in Self.keys.flatMap({ $0.spellings.map(\.name) }) + SettingCatalog.retired.flatMap(\.names) {
      #expect(page.contains("`\(name)`"), "\(name)")
    }
  }
}
