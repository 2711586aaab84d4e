import Foundation
import Testing

/// An instance as `make run` starts it, without PostgreSQL and memcached; and the content stack beside it.
@Suite(.disabled(if: Stack.isMissingAndMayBe)) final class LightInstanceTests {
  let directory = FileManager.default.temporaryDirectory.appending(path: "light-\(UUID().uuidString.prefix(8))").path
  let full = Stack.content
  let light: Stack

  init() throws {
    light = Stack(directory: directory)
    // Providers as they are in the other: nobody.
    let nobody = full.environment.filter { $0.key.hasSuffix("BASE_URL") }
    try light.run(
      "up",
      ["--binary", try full.value("POOL_BINARY"), "--workers", "2", "--services", "pool,nginx"]
        + ["--dataset", DatasetTests.committed.path] + nobody.flatMap { ["--set", "\($0.key)=\($0.value)"] })
  }

  deinit { try? light.run("remove") }

  static let urls = [
    "/artist/472bc127-8861-45e8-bc9e-31e8dd32de7a?primTypes=Album",
    "/api/v0.4/album/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6", "/search?type=all&query=chemical+brothers",
  ]

  @Test func `the addresses in the README answer as those of the full instance, and nothing else is needed`() throws {
    let readme = try String(
      contentsOf: ExpectationTests.sample.deletingLastPathComponent().appending(path: "README.md"), encoding: .utf8)
    for url in LightInstanceTests.urls {
      #expect(readme.contains("http://127.0.0.1:5001\(url)"))
      let answer = try light.get(url)
      #expect(answer.status == 200, "\(url)")
      if !url.contains("search") { #expect(answer.body == (try full.get(url).body), "\(url)") }
    }
    for path in ExpectationTests.paths { #expect(try light.get(path).body == (try full.get(path).body), "\(path)") }
    let environment = light.environment
    #expect(environment["POSTGRES_PID"] == "" && environment["MEMCACHED_PID"] == "")
    #expect(FileManager.default.fileExists(atPath: "\(directory)/state/linernotes.db"))
  }

  @Test(arguments: [
    "chemical+brothers", "chemical brohters", "distance", "surrender", "dj+distance", "the+chemical+brothers+surrender",
  ])
  func `a name is found as in the index`(query: String) throws {
    let path = "/search?type=all&query=\(query.replacingOccurrences(of: " ", with: "+"))"
    let (here, there) = (try light.get(path), try full.get(path))
    #expect(here.status == 200 && there.status == 200)
    #expect(here.body == there.body)
  }

  @Test func `without a contact, what is not in the sample is 503, which says what to do, and so does health`() throws {
    for path in [
      "/artist/00000000-0000-4000-8000-000000000000", "/album/00000000-0000-4000-8000-000000000000",
      "/search?type=artist&query=nobody+is+called+so",
    ] {
      let answer = try light.get(path)
      #expect(answer.status == 503, "\(path)")
      #expect((try answer.object()["error"] as? String)?.contains("set MUSICBRAINZ__CONTACT") ?? false, "\(path)")
    }
    let answer = try light.get("/health")
    #expect(answer.status == 200)
    let health = try answer.object()
    #expect(health["status"] as? String == "degraded")
    let components = try #require(health["components"] as? [String: [String: Any]])
    let detail = components["musicbrainz"]?["detail"] as? String
    #expect(detail?.contains("set MUSICBRAINZ__CONTACT") ?? false)
    for name in ["dataset", "search", "durable", "cache"] {
      #expect(components[name]?["status"] as? String == "up", "\(name)")
    }
  }

  @Test func `what was computed is there after a restart, and after another start with the same file`() throws {
    try light.run("restart")
    #expect(try light.get(LightInstanceTests.urls[0]).status == 200)
    let store = "\(directory)/state/linernotes.db"
    let number = try FileManager.default.attributesOfItem(atPath: store)[.systemFileNumber] as? Int
    try light.run(
      "up",
      ["--binary", try full.value("POOL_BINARY"), "--services", "pool,nginx", "--dataset", DatasetTests.committed.path])
    #expect(try FileManager.default.attributesOfItem(atPath: store)[.systemFileNumber] as? Int == number)
  }
}
