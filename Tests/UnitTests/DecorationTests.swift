import Cache
import Core
import Documents
import Logging
import Testing

@testable import Metadata

@Suite struct DecorationTests {
  static let artist: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
  static let album: MBID = "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"

  /// One artist and one album, without a database.
  final class Source: MetadataSource {
    func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
      [artist: Artist(id: artist, name: "A", sortName: "A")].filter { ids.contains($0.key) }
    }
    func discographies(
      _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
    ) throws(SourceError) -> [MBID: Discography] {
      try artists(ids, by: deadline).mapValues { Discography(artist: $0, albums: []) }
    }
    func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
      var album = Album(id: DecorationTests.album, title: "B", artistID: artist)
      album.artistIDs = [artist]
      album.frontCover = CoverArt(release: "d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7", image: 17)
      album.mediumCover = CoverArt(release: "d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7", image: 18)
      return [album.id: album]
    }
    func vintage(by deadline: Deadline) throws(SourceError) -> String? { nil }
  }

  /// Says what a test tells it to.
  final class Saying: Decorator {
    var decoration = Decoration()
    var whenUnawaited: Decoration?
    private(set) var awaited: [Bool] = []

    func decorations(of artists: [Artist], by deadline: Deadline) -> [MBID: Decoration] {
      say(artists.map(\.id), deadline)
    }
    func decorations(of albums: [Album], by deadline: Deadline) -> [MBID: Decoration] {
      say(albums.map(\.id), deadline)
    }

    private func say(_ ids: [MBID], _ deadline: Deadline) -> [MBID: Decoration] {
      awaited.append(deadline.isAwaited)
      let said = deadline.isAwaited ? decoration : whenUnawaited ?? decoration
      return Dictionary(uniqueKeysWithValues: ids.map { ($0, said) })
    }
  }

  let clock = TestClock()
  let decorator = Saying()
  let store: DocumentStore

  init() { store = DocumentStoreTests.store(nil, clock) }

  func catalog(cacheHost: String? = nil, archive: String = "https://coverartarchive.org") -> Catalog {
    var options = Catalog.Options()
    options.documentSeconds = 10_000
    options.incompleteSeconds = 500
    options.imageCacheHost = cacheHost
    options.imageArchive = archive
    return Catalog(
      source: Source(), lookup: NoLookup(), store: store, decorator: decorator, options: options,
      now: { [clock] in clock.time })
  }

  func json(_ answer: Catalog.Answer) throws -> JSONValue {
    let output = OutputBuffer()
    #expect(try #require(answer.body).appendPlain(to: output))
    return try #require(JSONValue(output.bytes))
  }

  func artist(_ catalog: Catalog) throws -> Catalog.Answer {
    try catalog.artist(Self.artist, albums: AlbumFilter(), by: .after(milliseconds: 1_000))
  }

  @Test func `an artist shows its pictures and its overview`() throws {
    let url = "https://r2.theaudiodb.com/images/media/artist/thumb/x.jpg"
    decorator.decoration.addMissing([Picture(.poster, url)].compactMap(\.self))
    decorator.decoration.overview = "\"A\" is\n…"
    let json = try json(try artist(catalog(cacheHost: "images.example:8080")))
    #expect(json["overview"].text == "\"A\" is\n…")
    #expect(json["images"].elements.count == 1)
    #expect(json["images"][0]["CoverType"].text == "Poster")
    #expect(json["images"][0]["Url"].text == "https://images.example:8080/v1/tadb/artist/thumb/x.jpg")
    #expect(json["images"][0]["remoteUrl"].text == url)
  }

  @Test func `an album shows fanart tv's cover before the Cover Art Archive's, of each kind one`() throws {
    let cover = "https://assets.fanart.tv/fanart/music/c.jpg"
    decorator.decoration.addMissing([Picture(.cover, cover)].compactMap(\.self))
    let answer = try catalog(cacheHost: "images.example").album(Self.album, by: .after(milliseconds: 1_000))
    let images = try json(answer)["images"]
    let archived = "release/d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7/18-1200.jpg"
    #expect(images.elements.map { $0["CoverType"].text } == ["Cover", "Disc"])
    #expect(images.elements.map { $0["remoteUrl"].text } == [cover, "https://coverartarchive.org/\(archived)"])
    #expect(
      images.elements.map { $0["Url"].text } == [
        "https://images.example/v1/fanart/music/c.jpg",
        "https://images.example/v1/caa/d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7/18-1200.jpg",
      ])
  }

  @Test func `the Cover Art Archive may be a mirror`() throws {
    let catalog = catalog(cacheHost: "images.example", archive: "http://covers.example:81/caa")
    let image = try json(try catalog.album(Self.album, by: .after(milliseconds: 1_000)))["images"][0]
    let name = "d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7/17-1200.jpg"
    #expect(image["remoteUrl"].text == "https://covers.example:81/caa/release/\(name)")
    #expect(image["Url"].text == "https://images.example/v1/caa/\(name)")
  }

  @Test(arguments: [
    ("https://r2.theaudiodb.com/images/media/a/b.png", "tadb/a/b.png"),
    ("https://www.theaudiodb.com/images/media/a.jpg", "tadb/a.jpg"),
    ("https://assets.fanart.tv/fanart/music/x-1.jpg", "fanart/music/x-1.jpg"),
    ("https://upload.wikimedia.org/wikipedia/commons/a/ab/X%C3%A9.JPG", "commons/a/ab/X%C3%A9.JPG"),
    (
      "https://thumb.wikimedia.org/wikipedia/commons/thumb/a/ab/X.svg/960px-X.svg.png",
      "commons/from-thumb/thumb/a/ab/X.svg/960px-X.svg.png"
    ),
    ("https://upload.wikimedia.org/wikipedia/commons/a/ab/X.jpeg", "commons/a/ab/X.jpeg#.jpg"),
    ("https://evil.example/assets.fanart.tv/fanart/x.jpg", nil),
    ("https://upload.wikimedia.org/wikipedia/en/x.jpg", nil),
    ("https://mytheaudiodb.com/images/media/x.jpg", nil), ("https://a.assets.fanart.tv/fanart/x.jpg", nil),
  ])
  func `every provider's pictures are led to the image cache, by the scheme that it has`(url: String, path: String?)
    throws
  {
    for (host, cache) in [
      ("images.example:81", "https://images.example:81"), ("https://images.example", "https://images.example"),
      ("http://127.0.0.1:5001", "http://127.0.0.1:5001"),
    ] {
      let urls = ImageURLs(cacheHost: host, archive: "https://coverartarchive.org")
      let picture = try #require(Picture(.poster, url))
      #expect(urls.url(of: picture) == path.map { "\(cache)/v1/\($0)" } ?? picture.url)
    }
  }

  @Test func `a complete document lives its time, or as long as what is in it`() throws {
    #expect(try artist(catalog()).expires == clock.time + 10_000)
    let store = DocumentStoreTests.store(nil, clock)
    decorator.decoration.expires = clock.time + 700
    let catalog = Catalog(
      source: Source(), lookup: NoLookup(), store: store, decorator: decorator, options: .init(),
      now: { [clock] in clock.time })
    #expect(
      try catalog.artist(Self.artist, albums: AlbumFilter(), by: .after(milliseconds: 1_000)).expires == clock.time
        + 700)
  }

  @Test func `an incomplete document lives half an hour, and is not made again at once where that would not help`()
    throws
  {
    decorator.decoration.isComplete = false
    decorator.decoration.expires = clock.time + 700
    #expect(try artist(catalog()).expires == clock.time + 500)
    #expect(!store.isBehind)
  }

  @Test func `what there was no time for is made up for after the answer, and the next who asks gets it`() throws {
    let catalog = catalog()
    decorator.decoration.isComplete = false
    decorator.decoration.isWorthMoreTime = true
    decorator.whenUnawaited = Decoration()
    decorator.whenUnawaited?.overview = "late"
    let first = try artist(catalog)
    #expect(try json(first)["overview"].text == "")
    #expect(store.isBehind)
    store.catchUp()
    #expect(decorator.awaited == [true, false])
    #expect(!store.isBehind)
    let second = try artist(catalog)
    #expect(try json(second)["overview"].text == "late")
    #expect(second.expires == clock.time + 10_000)
  }

  @Test(arguments: [
    "https://a.b/c.jpg", "https://a.b/c.PNG", "http://a.b/c.png", "https://a.b:8080/c%20d/e.jpg",
  ])
  func `a picture's URL is one that the client can use`(url: String) {
    #expect(Picture(.poster, url)?.url.hasPrefix("https://a.b") == true)
  }

  @Test(arguments: [
    "", "https://", "https:///c.jpg", "https://a.jpg", "https://a.b/c.gif", "https://a.b/c.jpg?x=.jpg", "//a.b/c.jpg",
    "ftp://a.b/c.jpg", "javascript:alert(1).jpg", "https://a.b/c d.jpg", "https://a.b/\u{fffd}.jpg",
    "https://a.b/\"c.jpg", "https://u@a.b/c.jpg", "https://a.b/\n.jpg", "https://a.b/c.jpg#.jpg",
  ])
  func `anything else is no picture`(url: String) {
    #expect(Picture(.poster, url) == nil)
  }
}

/// Knows nothing.
final class NoLookup: LookupSource {
  func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
  func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
  func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] { [] }
  func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] { [] }
}
