import Foundation
import Testing

/// The pages in a headless Chromium, from an instance as `make run` starts it.
@Suite(.disabled(if: Stack.isMissingAndMayBe || Chromium.isMissingAndMayBe)) final class BrowserTests {
  let directory = FileManager.default.temporaryDirectory.appending(path: "browser-\(UUID().uuidString.prefix(8))").path
  let light: Stack

  init() throws {
    light = Stack(directory: directory)
    let full = Stack.content
    let nobody = full.environment.filter { $0.key.hasSuffix("BASE_URL") }
    try light.run(
      "up",
      ["--binary", try full.value("POOL_BINARY"), "--workers", "2", "--services", "pool,nginx"]
        + ["--dataset", DatasetTests.committed.path] + nobody.flatMap { ["--set", "\($0.key)=\($0.value)"] })
  }

  deinit { try? light.run("remove") }

  static let artist = "/ui/artist/1946a82a-f927-40c2-8235-38d64f50d043"
  static let album = "/ui/album/22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"
  static let pages: [(path: String, status: Int)] = [
    ("/", 200), ("/ui/search?q=chemical+brothers", 200), ("/ui/search?q=", 200), (artist, 200), (album, 200),
    ("/ui/artist/x", 400), ("/ui/artist/00000000-0000-4000-8000-000000000000", 503), ("/ui/nosuch", 404),
  ]

  // MARK: - A visit

  struct Step: Encodable {
    var press: String?
    var run: String?
    var loads = false
    var pause = 0.2

    enum CodingKeys: String, CodingKey {
      case press, run = "do", loads, pause
    }
  }

  struct Visit: Encodable {
    var url: String
    var width = 1280
    var height = 800
    var dark = false
    var reduced = false
    var script = true
    var screenshot: String?
    var steps: [Step] = []
  }

  struct Sight: Decodable {
    struct Violation: Decodable {
      var id: String
      var help: String
      var nodes: [String]
    }

    var url: String
    var title: String?
    var status: Int?
    var console: [String]
    var refused: [String]
    var requests: [String]
    var errors: [String]
    var steps: [String?]?
    var paint: [String: Double]?
    var overflow: Int?
    var axe: [Violation]?
    var undecided: [String]?
  }

  private struct Order: Encodable {
    var chromium: String
    var axe: String?
    var visits: [Visit]
  }

  private struct Report: Decodable { var visits: [Sight] }

  private func visit(_ visits: [Visit], withAxe: Bool = false) throws -> [Sight] {
    let scripts = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "scripts/axe").path
    var order = Order(chromium: try #require(Chromium.path), visits: visits)
    if withAxe {
      let axe = try Command.run(scripts, [])
      try #require(axe.status == 0, "\(axe.error)")
      order.axe = String(decoding: axe.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Browser/visit").path
    let result = try Command.run(
      "/usr/bin/env", ["python3", program], input: try JSONEncoder().encode(order))
    try #require(result.status == 0, "\(result.error)")
    return try JSONDecoder().decode(Report.self, from: result.output).visits
  }

  private func url(_ path: String) throws -> String { try light.value("URL") + path }

  /// What has to be true of every page, however it is looked at.
  private func check(_ sight: Sight) throws {
    #expect(sight.errors.isEmpty, "\(sight.url): \(sight.errors)")
    #expect(sight.refused.isEmpty, "\(sight.url): \(sight.refused)")
    // Chromium notes a page that is answered with an error.
    let notes = sight.console.filter { !$0.contains("Failed to load resource: the server responded with a status") }
    #expect(notes.isEmpty, "\(sight.url): \(notes)")
    let server = try light.value("URL") + "/"
    for request in sight.requests where !request.hasPrefix(server) {
      #expect(request.hasPrefix("https://coverartarchive.org/release/"), "\(sight.url) asks for \(request)")
    }
  }

  @Test func `pages are accessible in light and dark, wide and narrow, and refuse nothing of their own`() throws {
    let visits = try BrowserTests.pages.flatMap { page in
      try [(1280, 800, false), (320, 640, true)].map { width, height, isDark in
        Visit(url: try url(page.path), width: width, height: height, dark: isDark, reduced: isDark)
      }
    }
    let sights = try visit(visits, withAxe: true)
    for (index, sight) in sights.enumerated() {
      try check(sight)
      #expect(sight.status == BrowserTests.pages[index / 2].status, "\(sight.url)")
      let violations = try #require(sight.axe, "\(sight.url)").map { "\($0.id): \($0.help): \($0.nodes)" }
      #expect(violations.isEmpty, "\(sight.url): \(violations)")
      #expect(sight.undecided?.isEmpty ?? false, "\(sight.url): \(sight.undecided ?? [])")
      #expect(sight.overflow ?? 1 <= 0, "\(sight.url) is wider than the window")
      #expect(sight.title?.contains("Linernotes") ?? false)
    }
    let paint = sights[0].paint?["first-contentful-paint"]
    print("first contentful paint of /: \(paint.map { "\(Int($0)) ms" } ?? "none")")
    #expect(paint != nil)
  }

  @Test func `one finds an artist, its album and back with a keyboard alone`() throws {
    let focus = "document.activeElement.className + '|' + document.activeElement.id"
    let sight = try visit([
      Visit(
        url: try url("/"),
        steps: [
          Step(press: "Tab", run: focus), Step(press: "Tab", run: focus),
          Step(run: "document.activeElement.value = 'chemical brothers'; ''"),
          Step(press: "Enter", run: "''", loads: true), Step(run: "location.pathname + location.search"),
          Step(run: "document.querySelector('.hits a').focus(); ''"), Step(press: "Enter", run: "''", loads: true),
          Step(run: "document.querySelector('h1').textContent"),
          Step(run: "document.querySelector('.grid a').focus(); ''"), Step(press: "Enter", run: "''", loads: true),
          Step(run: "document.querySelector('.kind').textContent.trim()"),
        ])
    ])[0]
    try check(sight)
    let seen = try #require(sight.steps)
    #expect(seen[0] == "skip|" && seen[1] == "|q", "\(seen)")
    #expect(seen[4] == "/ui/search?q=chemical+brothers")
    #expect(seen[7] == "The Chemical Brothers" && seen[10] == "Album by The Chemical Brothers", "\(seen)")
  }

  @Test func `the button refreshes and says so, and knows where Lidarr would be pointed`() throws {
    let sights = try visit([
      Visit(
        url: try url(BrowserTests.artist),
        steps: [
          Step(
            run: """
              document.querySelector('form[data-refresh] button').click();
              document.querySelector('form[data-refresh] [role=status]').textContent
              """, loads: true, pause: 0.5),
          Step(run: "document.querySelector('h1').textContent"),
        ]),
      Visit(url: try url("/"), steps: [Step(run: "document.getElementById('address').textContent")]),
      Visit(url: try url("/api/v0.4"), steps: [Step(run: "document.getElementById('address').textContent")]),
    ])
    for sight in sights { try check(sight) }
    #expect(sights[0].steps == ["Asking…", "The Chemical Brothers"], "\(sights[0].steps ?? [])")
    #expect(sights[0].requests.contains { $0.hasSuffix("/refresh") })
    #expect(sights[1].steps?.first == (try light.value("URL")))
    #expect(sights[2].steps?.first == (try url("/api/v0.4")))
  }

  @Test func `without a script everything is there but the button's report`() throws {
    let sights = try visit(
      try [BrowserTests.artist, "/", "/ui/search?q=surrender"].map { Visit(url: try url($0), script: false) })
    for sight in sights {
      try check(sight)
      #expect(sight.status == 200)
    }
  }
}

/// Debian's browser.
private enum Chromium {
  static let path: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static let isMissingAndMayBe = path == nil && ProcessInfo.processInfo.environment["CI"] != "true"
}
