import Testing

@testable import Settings

@Suite struct SecretTests {
  static let secrets = SettingCatalog.keys.filter { $0.confidentiality == .secret }.map(\.name)
  static let credentials = SettingCatalog.keys.filter(\.mayBeInFile).map(\.name)

  @Test(arguments: secrets)
  func `a secret is masked in the report, in descriptions and in dumps`(key: String) throws {
    // Of keys there are only hashes.
    let text =
      key == "READ_API_KEYS" ? String(repeating: "0a", count: 32) : "https://hunter2@hunter2.example/1"
    let settings = try load([key: text])
    #expect(settings.line(key) == "\(key) = ********  # env \(key)")
    var shown = settings.report.description + String(describing: settings) + String(reflecting: settings)
    dump(settings, to: &shown)
    #expect(!shown.contains("hunter2") && !shown.contains(text))
    #expect(try load().line(key) == "\(key) = (unset)  # default")
  }

  @Test func `a bad secret is masked in the error`() throws {
    #expect(
      try problems(["FANART_KEY": "hunter 2"]) == [
        "FANART_KEY (FANART_API_KEY): ******** is not allowed; it must be a name without spaces"
      ])
  }

  @Test(arguments: credentials)
  func `a placeholder counts as unset, and is told`(key: String) throws {
    let settings = try load([key: "replaceme"])
    #expect(settings.line(key) == "\(key) = (unset)  # default")
    #expect(settings.report.notices == ["\(key): \"replaceme\" is a placeholder and counts as unset."])
  }

  @Test func `a placeholder does not hide a value under another name`() throws {
    let settings = try load(["SPOTIFY_CLIENT_SECRET": "replaceme", "SPOTIFY_SECRET": "real"])
    #expect(settings.spotify.clientSecret?.value == "real")
  }

  @Test(arguments: ["DATABASE__PASSWORD_FILE", "DEFAULTCONFIG_PROVIDERS__MUSICBRAINZDBPROVIDER__1__DB_PASSWORD_FILE"])
  func `a secret may be in a file, without the space around it`(name: String) throws {
    try withFile("\n hunter2 \r\n") { path in
      let settings = try load([name: path])
      #expect(settings.database.password?.value == "hunter2")
      #expect(settings.line("DATABASE__PASSWORD") == "DATABASE__PASSWORD = ********  # env \(name)")
    }
  }

  @Test func `a secret goes before the file that holds one`() throws {
    try withFile("from file") { path in
      let settings = try load(["DATABASE__PASSWORD": "given", "DATABASE__PASSWORD_FILE": path])
      #expect(settings.database.password?.value == "given")
      #expect(settings.report.notices.count == 1)
    }
  }

  @Test func `a secret's file that cannot be read is an error that names it`() throws {
    #expect(
      try problems(["FANART_KEY_FILE": "/nonexistent/fanart"]) == [
        "FANART_KEY_FILE (FANART_API_KEY): cannot read the file \"/nonexistent/fanart\": No such file or directory"
      ])
    #expect(
      try problems(["FANART_API_KEY_FILE": "/"]) == [
        "FANART_API_KEY_FILE (FANART_API_KEY): cannot read the file \"/\": Is a directory"
      ])
  }

  @Test func `hashes of keys are told apart, however they are divided, and shown nowhere`() throws {
    let (one, two) = (String(repeating: "0a", count: 32), String(repeating: "F1", count: 32))
    for text in ["\(one),\(two)", " \(one) , \(two),", "\(one)\n\(two)\n"] {
      let settings = try load(["READ_API_KEYS": text])
      #expect(settings.readingKeys.map(\.value) == [one, two.lowercased()])
      #expect(!settings.report.description.contains(one))
    }
    #expect(try load(["READ_API_KEYS": ""]).readingKeys.isEmpty)
    for text in ["a-key", one + "0", String(one.dropLast()) + "g", "\(one),x"] {
      let problem = try #require(try problems(["READ_API_KEYS": text]).first)
      #expect(problem.contains("********") && !problem.contains(text))
    }
  }

  @Test func `space around a secret is part of it`() throws {
    #expect(try load(["DATABASE__PASSWORD": " hunter2 "]).database.password?.value == " hunter2 ")
  }

  @Test(arguments: [
    ("postgresql://me:hunter2@db/cache", "postgresql://me:********@db/cache"),
    ("postgresql://me@db/cache", "postgresql://me@db/cache"),
    ("postgresql://me:hunter2/@x@db/cache", "postgresql://me:********@db/cache"),
    (
      "postgresql://db/cache?user=me&password=hunter2&sslmode=require",
      "postgresql://db/cache?user=me&password=********&sslmode=require"
    ),
    ("https://hunter2@sentry.example/1", "https://********@sentry.example/1"),
    ("host=db password='hunter2 x' user=me", "host=db password=******** user=me"),
    ("me:hunter2@db", "me:********@db"),
    ("Linernotes (me@example.org)", "Linernotes (me@example.org)"),
    ("http://a.example,http://me:hunter2@b.example", "http://a.example,http:********@b.example"),
    ("postgresql://me:hunter 2@db", "postgresql://me:********@db"),
    ("sqlite:///var/cache/me.db", "sqlite:///var/cache/me.db"),
  ])
  func `a password in a URL or connection string is masked`(text: String, shown: String) {
    #expect(Masking.hidingPasswords(text) == shown)
  }

  @Test func `a password in a URL shows neither in the report nor in an error nor in a notice`() throws {
    let url = "postgresql://me:hunter2@db/cache"
    let settings = try load(["CACHE__POSTGRES_URL": url, "DEFAULTCONFIG_CACHE__POSTGRES_URL": url + "2"])
    #expect(settings.cache.durable.url?.value == url + "2")
    #expect(settings.report.notices.count == 1)
    #expect(!settings.report.description.contains("hunter2"))
    #expect(!String(describing: settings).contains("hunter2"))
    let problems = try problems(["SOLR__URL": url])
    #expect(problems.first?.hasPrefix("SOLR__URL: \"postgresql://me:********@db/cache\" is not allowed") == true)
  }
}
