import Cache
import Core
import Documents
import Logging
import Testing

@testable import Handlers
@testable import Metadata

@Suite struct ChartDirectoryTests {
  final class World: ChartSource, LinkSource, Matcher {
    var entries: Result<[ChartEntry], ServiceError> = .success([])
    var isDatabaseAway = false
    var albumsOfReleases: [MBID: AlbumMatch] = [:]
    private(set) var asked = 0

    func has(_ chart: ChartName) -> Bool { chart.publisher != "nobody" }
    func entries(of chart: ChartName, by deadline: Deadline) throws(ServiceError) -> [ChartEntry] {
      asked += 1
      return try entries.get()
    }
    func links(toSpotify ids: [SpotifyID], by deadline: Deadline) throws(SourceError) -> [SpotifyLink] { [] }
    func albums(ofReleasesOrGroups ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: AlbumMatch] {
      albumsOfReleases.filter { ids.contains($0.key) }
    }
    /// Knows albums that begin with "Known", by Somebody.
    func albums(_ names: [AlbumName], by deadline: Deadline) throws(SourceError) -> [AlbumMatch?] {
      if isDatabaseAway { throw SourceError(.unavailable, "away") }
      return names.map { name in
        guard name.title.hasPrefix("Known"), !name.title.hasSuffix(")"), !name.title.contains(" - "),
          name.artist == "Somebody"
        else { return nil }
        return album(UInt64(name.title.utf8.count), name.title)
      }
    }
    func artists(_ names: [String], by deadline: Deadline) throws(SourceError) -> [ArtistMatch?] {
      names.map { $0 == "Somebody" ? ArtistMatch(id: MBID(high: 0, low: 7), name: $0) : nil }
    }
    func album(_ number: UInt64, _ title: String) -> AlbumMatch {
      AlbumMatch(
        id: MBID(high: 1, low: number), title: title, artistID: MBID(high: 0, low: 7), artist: "Somebody",
        date: PartialDate(year: 1999, month: 6, day: nil))
    }
  }

  let world = World()
  let clock = TestClock()
  let store: DocumentStore

  init() { store = DocumentStoreTests.store(nil, clock) }

  func directory() -> ChartDirectory {
    ChartDirectory(
      charts: world, matcher: world, links: world, store: store, seconds: 500, now: { [clock] in clock.time })
  }

  func respond(_ path: [String], _ query: String = "") -> Response {
    let handler = ChartHandler(directory: directory(), limits: Limits(requestDeadline: 1_000))
    let router = Router(roots: [], routes: handler.routes, logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
    return router.respond(to: Request(method: "GET", path: path, query: Query(query)))
  }

  func items(_ response: Response) throws -> [JSONValue] {
    guard case .body(let body) = response.payload else {
      Issue.record("no body: \(response.status)")
      return []
    }
    let output = OutputBuffer()
    #expect(body.appendPlain(to: output))
    return try #require(JSONValue(output.bytes)).elements
  }

  @Test func `albums are matched, each once, and those that MusicBrainz does not know are left out`() throws {
    world.entries = .success([
      ChartEntry(title: "Known (Deluxe)", artist: "Somebody"), ChartEntry(title: "Unknown", artist: "Somebody"),
      ChartEntry(title: "Known", artist: "Somebody Featuring Another"),
      ChartEntry(title: "Known Two - EP", artist: "Somebody"),
    ])
    let items = try items(respond(["chart", "Apple-Music", "album", "top"]))
    #expect(items.map { $0["AlbumTitle"].text } == ["Known", "Known Two"])
    #expect(items[0]["AlbumId"].text == "\(MBID(high: 1, low: 5))")
    #expect(items[0]["ArtistId"].text == "\(MBID(high: 0, low: 7))")
    #expect(items[0]["ArtistName"].text == "Somebody")
    #expect(items[0]["ReleaseDate"].text == "1999-06-01")
  }

  @Test func `a publisher's own id is believed before its names, and there are no more than asked for`() throws {
    let release = MBID(high: 9, low: 9)
    world.albumsOfReleases = [release: world.album(99, "By its id")]
    world.entries = .success([
      ChartEntry(title: "Whatever", artist: "x", albumID: release),
      ChartEntry(title: "Known", artist: "Somebody", albumID: MBID(high: 8, low: 8)),
      ChartEntry(title: "Known Two", artist: "Somebody"),
    ])
    let items = try items(respond(["chart", "lastfm", "album", "top"], "count=2"))
    #expect(items.map { $0["AlbumTitle"].text } == ["By its id", "Known"])
  }

  @Test func `artists are matched, or believed where their id is known`() throws {
    let id = MBID(high: 3, low: 3)
    world.entries = .success([
      ChartEntry(title: nil, artist: "A", artistID: id), ChartEntry(title: nil, artist: "Somebody"),
      ChartEntry(title: nil, artist: "Nobody"),
    ])
    let items = try items(respond(["chart", "lastfm", "artist", "top"], "user=x"))
    #expect(items.map { $0["ArtistName"].text } == ["A", "Somebody"])
    #expect(items[0]["ArtistId"].text == "\(id)")
  }

  @Test func `a chart is kept for its time, and for longer while its publisher fails`() throws {
    world.entries = .success([ChartEntry(title: "Known", artist: "Somebody")])
    let path = ["chart", "itunes", "album", "top"]
    #expect(try items(respond(path)).count == 1)
    world.entries = .failure(.unavailable)
    clock.time = clock.time + 499
    #expect(try items(respond(path)).count == 1)
    #expect(world.asked == 1)
    clock.time = clock.time + 1
    #expect(try items(respond(path)).count == 1)
    store.catchUp()
    #expect(world.asked == 2)
    #expect(try items(respond(path)).count == 1)
  }

  @Test func `without an old one the failure is told, and it is not kept`() throws {
    world.entries = .failure(.unavailable)
    let path = ["chart", "billboard", "album", "top"]
    #expect(respond(path).status == 503)
    world.entries = .success([ChartEntry(title: "Known", artist: "Somebody")])
    world.isDatabaseAway = true
    #expect(respond(path).status == 503)
    world.isDatabaseAway = false
    #expect(try items(respond(path)).count == 1)
  }

  @Test(arguments: [
    (["chart", "nobody", "album", "top"], "", 404), (["chart", "lastfm", "track", "top"], "", 404),
    (["chart", "lastfm", "album", "top"], "count=x", 400), (["chart", "lastfm", "album", "top"], "user=a%2Fb", 400),
    (["chart", "lastfm", "album"], "", 404), (["chart", "lastfm", "album", "top"], "count=0", 200),
    (["chart", "lastfm", "album", "top"], "count=100000", 200), (["chart", "itunes", "album", "top"], "user=%2F", 200),
  ])
  func `what is asked for is checked`(path: [String], query: String, status: Int) {
    #expect(respond(path, query).status == status)
  }

  @Test func `two users' charts are two charts`() throws {
    world.entries = .success([ChartEntry(title: "Known", artist: "Somebody")])
    _ = respond(["chart", "lastfm", "album", "top"], "user=a")
    _ = respond(["chart", "lastfm", "album", "top"], "user=b")
    _ = respond(["chart", "lastfm", "album", "top"], "user=a")
    #expect(world.asked == 2)
  }

  @Test func `a title is tried as MusicBrainz may write it`() {
    let names = ChartEntry(title: "It's Almost Dry (Deluxe)", artist: "A & B").albumNames
    #expect(names.first == AlbumName(title: "It's Almost Dry (Deluxe)", artist: "A & B"))
    #expect(names.contains(AlbumName(title: "It’s Almost Dry", artist: "A")))
    #expect(ChartEntry(title: "(What's the Story)", artist: "Oasis").albumNames.first?.title == "(What's the Story)")
  }
}
