import Core
import Foundation
import Postgres
import Testing

@testable import Settings

@Suite struct SettingsFuzzTests {
  static let values = Corpus.texts(
    "true", "0", "1.5", "3600", "localhost,10.0.0.1", "5432,5433", "postgresql://u:p@h:5432/d", "https://example.org/x",
    "*",
    "en,de", "/api/v0.4", "info", "a b", "replaceme", "sqlite:///x", "/run/m.sock", "[::1]:11211", "http://user:pw@h/",
    "1e3")

  @Test func `the environment`() throws {
    let names = SettingCatalog.keys.flatMap { key in key.spellings.map(\.name) }
    try Fuzz("Environment", inputs: 300).run(Self.values) { input, randomness in
      var environment: [String: String] = [:]
      for _ in 0...randomness.below(4) {
        var name = randomness.one(of: names)
        if randomness.once(in: 16) { name += randomness.one(of: ["_FILE", "__X", "_", "s"]) }
        // A path that is read could be anything of this machine's.
        environment[name] =
          name.hasSuffix("_FILE") ? "/nowhere" : String(decoding: input.filter { $0 != 0 }, as: UTF8.self)
      }
      environment[SettingCatalog.fileName] = nil
      do {
        let settings = try Settings.load(environment: environment, file: nil)
        try checkReport(settings.report.lines, of: environment)
        try check(settings.report.entries.count == SettingCatalog.keys.count, "\(settings.report.entries.count) keys")
      } catch let error as SettingsError {
        try check(!error.problems.isEmpty && error.problems.allSatisfy { !$0.isEmpty }, "no reason")
        try checkReport(error.problems, of: environment)
      }
    }
  }

  /// Each line is one, and no secret is in it.
  private func checkReport(_ lines: [String], of environment: [String: String]) throws {
    for line in lines {
      try check(
        !line.unicodeScalars.contains { $0.properties.generalCategory == .control },
        "not a line: \(line.debugDescription)")
    }
    for key in SettingCatalog.keys where key.confidentiality == .secret {
      guard let text = environment[key.name], text.utf8.count >= 12 else { continue }
      // Another key may have the same value, and show it.
      guard environment.values.filter({ $0 == text }).count == 1 else { continue }
      try check(!lines.contains { $0.contains(text) }, "the secret of \(key.name)")
    }
  }

  @Test func `what is understood is shown in a form that is understood as the same`() throws {
    let keys = SettingCatalog.keys
    try Fuzz("Values", inputs: 10_000).run(Self.values) { input, randomness in
      let text = String(decoding: input, as: UTF8.self)
      let key = randomness.one(of: keys)
      guard let reading = key.read(text) else { return }
      try check(
        key.read(reading.text)?.text == reading.text, "\(key.name): \(reading.text.debugDescription) is not understood")
      var settings = Settings()
      reading.store(&settings)
      for spelling in key.spellings { _ = spelling.converted(text) }
    }
  }

  @Test func `files`() throws {
    let corpus = Corpus.texts(
      "DATABASE:\n  HOST: localhost\n  PORT: [1, 2]\n# x\nLOG_LEVEL: ~\n",
      "A: &a b\nC: *a\nD: {E: 1.5e3, F: [true, x]}\n",
      #"{"DATABASE":{"HOST":"h","PORT":5432},"RATE":1e309,"LIST":["a","b"],"N":null,"T":true,"X":-0.0}"#,
      "---\nA: |\n  line\n  line\nB: >\n  x\n", "? a\n: b\n", "- a\n- b\n", "'a': \"\\u0000\\x41\"\n")
    let path = NSTemporaryDirectory() + "fuzz-settings-\(getpid())"
    defer { for ending in ["json", "yaml"] { unlink("\(path).\(ending)") } }
    try Fuzz("File", inputs: 1_000).run(corpus) { input, randomness in
      let file = "\(path).\(randomness.one(of: ["json", "yaml"]))"
      guard FileManager.default.createFile(atPath: file, contents: Data(input)) else {
        throw Fault("cannot write \(file)")
      }
      do {
        let entries = try SettingsFile.entries(path: file)
        try check(entries.count <= input.count, "\(entries.count) entries")
        try check(Set(entries.map(\.writtenName)).count == entries.count, "a name twice")
      } catch let error as SettingsError {
        try check(error.problems.count == 1 && error.problems.allSatisfy { $0.hasPrefix(file) }, "\(error.problems)")
        try check(!error.problems.contains { $0.contains("\n") }, "\(error.problems)")
      }
    }
  }

  @Test func `passwords in what is shown`() throws {
    try Fuzz("Masking", inputs: 10_000).run(Self.values + Corpus.texts("host=h password='a b' user=u", "x?token=1&k=2"))
    { input, _ in
      let text = String(decoding: input, as: UTF8.self)
      let shown = Masking.quoted(text, isSecret: false)
      try check(!shown.unicodeScalars.contains { $0.properties.generalCategory == .control }, "not a line: \(shown)")
      let plain = String(text.unicodeScalars.filter { "abcxyz".unicodeScalars.contains($0) })
      let url = Masking.hidingPasswords("https://user:s3cr3t\(plain)@host/\(plain)?token=s3cr3t&x=\(plain)")
      try check(!url.contains("s3cr3t"), "a password in \(url)")
    }
  }

  @Test func `PostgreSQL's URLs`() throws {
    let corpus = Corpus.texts(
      "postgresql://user:pass@host:5432/db", "postgres://h", "postgresql://u%40:p%3A@[::1]:1/d%2F?x=y",
      "postgresql:///d",
      "postgresql://%2Frun%2Fpg/d")
    try Fuzz("PostgresURL", inputs: 10_000).run(corpus) { input, _ in
      guard let options = PostgresOptions(url: String(decoding: input, as: UTF8.self)) else { return }
      try check(options.hosts.count == 1 && options.ports.count == 1, "\(options)")
      try check(!options.hosts.contains(""), "no host")
    }
  }
}
