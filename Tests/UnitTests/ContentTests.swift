import Cache
import Core
import Documents
import Testing

@testable import Metadata

private let artist: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
private let album: MBID = "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"
private let release: MBID = "d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7"

/// How what MusicBrainz says is spelled.
@Suite struct SpellingTests {
  @Test(arguments: [
    ("https://open.spotify.com/artist/x", "spotify"), ("https://www.bbc.co.uk/music", "bbc"),
    ("https://www.radio.example.com.au/artist/1", "example"), ("https://www.shop.com.br/artist/1", "shop"),
    ("https://shop.com.br", "shop"), ("https://music.amazon.co.jp/x", "amazon"), ("https://a.b.or.jp/", "b"),
    // Of the list: wildcards, exceptions, three labels, other scripts, and its private part, which does not count.
    ("https://www.band.something.ck/", "band"), ("https://www.ck/", "www"), ("https://a.city.kawasaki.jp/", "city"),
    ("https://band.shop.kawasaki.jp/", "band"), ("https://x.k12.ca.us/", "x"), ("https://band.公司.cn/", "band"),
    ("https://www.band.xn--55qx5d.cn/", "band"), ("https://artist.blogspot.com/", "blogspot"),
    ("https://artist.github.io/x", "github"), ("https://www.name.co.de/", "name"),
    // As ever.
    ("https://localhost/x", "localhost"), ("http://192.168.10.1/x", "10"), ("https://com.au/", "com"),
    ("https://t.co/x", "t"), ("https://example.unknown/", "example"), ("no url", "no url"), ("", ""),
    // What a host may have around it.
    ("https://user:secret@www.Shop.com.br:8080/x", "shop"), ("https://www.shop.com.br.", "shop"),
    ("https://shop.com.br?x=/y", "shop"), ("https://[::1]/x", "[::1]"), ("https://.com/", ""),
  ])
  func `a link's type is the name that somebody has registered`(url: String, site: String) {
    #expect(Link.site(of: url) == site)
  }

  @Test func `every domain of the table is found in it`() {
    let lines = String(decoding: PackageResources.public_suffixes_txt, as: UTF8.self).split(separator: "\n")
    for line in lines where !line.hasPrefix("//") {
      let words = line.split(separator: " ")
      let rule = words[1] == "*" ? "anything" : words[1].drop { $0 == "!" }
      let labels = [Substring("name"), rule] + words[0].split(separator: ".")
      #expect(PublicSuffixes.labelCount(of: labels) == labels.count - (words[1].hasPrefix("!") ? 2 : 1), "\(line)")
    }
    #expect(lines.count > 300)
  }

  @Test(arguments: [
    ("children's music", "Children's Music"), ("children’s music", "Children’s Music"), ("k-pop", "K-Pop"),
    ("r&b", "R&B"), ("rock 'n' roll", "Rock 'N' Roll"), ("drum and bass", "Drum And Bass"), ("50s rock", "50s Rock"),
    ("rock'n'roll", "Rock'n'roll"), ("'", "'"), ("", ""),
  ])
  func `an apostrophe inside a word of a genre begins no other`(name: String, spelled: String) {
    #expect(Genre.capitalized(name) == spelled)
  }

  @Test func `statuses that no client can allow are shown as Official, unless a setting says otherwise`() {
    let vocabulary = Vocabulary()
    for status in ["Withdrawn", "Cancelled", "Expunged", "Something new"] {
      #expect(vocabulary.statuses([status]) == ["Official"])
      #expect(vocabulary.status(status) == "Official")
      #expect(Vocabulary(otherStatus: "Bootleg").statuses([status]) == ["Bootleg"])
      #expect(Vocabulary(otherStatus: nil).statuses([status]) == [status])
    }
    #expect(vocabulary.statuses(["Bootleg", "Official", "Withdrawn"]) == ["Bootleg", "Official"])
    #expect(Vocabulary(missingStatus: "Promotion").statuses(["", "Expunged"]) == ["Official", "Promotion"])
    for status in ["Official", "Promotion", "Bootleg", "Pseudo-Release"] {
      #expect(vocabulary.statuses([status]) == [status])
    }
    #expect(vocabulary.statuses([]) == [])
  }

  @Test(arguments: ["https://a.b/c.jpeg", "http://a.b/c.JPEG", "https://a.b/c.jpeg#.jpg"])
  func `a picture called jpeg ends in what the client stores and shows`(url: String) throws {
    let picture = try #require(Picture(.poster, url))
    #expect(picture.url.hasPrefix("https://a.b/c."))
    #expect(picture.url.lowercased().hasSuffix(".jpeg#.jpg"))
    // It may be kept and read again.
    #expect(Picture(.poster, picture.url) == picture)
  }

  @Test(arguments: ["https://a.b/c.jpeg?x", "https://a.b/c.jpeg#x", "https://a.b/c.gif#.jpg", "https://a.b/jpeg"])
  func `what only looks like it is no picture`(url: String) { #expect(Picture(.poster, url) == nil) }

  @Test func `a series item names its artist`() throws {
    let entry = SeriesEntry(album: album, title: "T", artist: artist, artistName: #"A "B""#, date: .unknown)
    let json = try #require(JSONValue(SeriesDocument.list(of: [entry])))
    #expect(json[0]["ArtistName"].text == #"A "B""#)
    #expect(json[0]["artistid"].text == "\(artist)")
  }
}

@Suite struct LocaleTests {
  private var artist: Artist {
    var artist = Artist(id: album, name: "Utada", sortName: "Utada, Hikaru")
    artist.aliases = ["Hikki", "Ютада", "宇多田ヒカル"]
    artist.localeAliases = [
      LocaleAlias(locale: "en_GB", name: "Hikki", sortName: "Hikki", isPrimary: true),
      LocaleAlias(locale: "ja", name: "宇多田ヒカル", sortName: "うただひかる", isPrimary: true),
      LocaleAlias(locale: "ru", name: "Ютада", sortName: "Ютада", isPrimary: false),
    ]
    return artist
  }

  @Test(arguments: [
    (["ja", "en"], "宇多田ヒカル", "うただひかる"), (["ru", "fr", "ja"], "宇多田ヒカル", "うただひかる"),
    (["en"], "Hikki", "Hikki"), (["EN-gb"], "Hikki", "Hikki"),
  ])
  func `an artist is called by the primary alias of the first locale that has one`(
    locales: [String], name: String, sortName: String
  ) {
    let shown = artist.called(in: locales)
    #expect(shown.name == name)
    #expect(shown.sortName == sortName)
    #expect(shown.aliases.first == "Utada")
    #expect(shown.aliases.count == 3)
    #expect(!shown.aliases.contains(name))
  }

  @Test(arguments: [[], ["ru"], ["de", "j"], ["en_US"]])
  func `without such an alias nothing changes`(locales: [String]) { #expect(artist.called(in: locales) == artist) }

  @Test func `an alias that is the name itself changes nothing`() {
    var artist = artist
    artist.localeAliases = [LocaleAlias(locale: "en", name: "Utada", sortName: "U", isPrimary: true)]
    #expect(artist.called(in: ["en"]) == artist)
  }
}

/// What the catalogue makes of what MusicBrainz says.
@Suite struct ContentTests {
  final class Source: MetadataSource, LookupSource {
    var albums: [MBID: Album] = [:]
    var artists: [MBID: Artist] = [:]
    var groups: [MBID: MBID] = [:]
    private(set) var recordings: [MBID] = []
    private(set) var questions = 0

    func artists(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Artist] {
      questions += 1
      return artists.filter { ids.contains($0.key) }
    }
    func discographies(
      _ ids: [MBID], albumless: Set<MBID>, by deadline: Deadline
    ) throws(SourceError) -> [MBID: Discography] {
      try artists(ids, by: deadline).mapValues { Discography(artist: $0, albums: []) }
    }
    func albums(_ ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: Album] {
      albums.filter { ids.contains($0.key) }
    }
    func vintage(by deadline: Deadline) throws(SourceError) -> String? { nil }
    func identify(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
    func identify(urls: [String], by deadline: Deadline) throws(SourceError) -> [EntityID] { [] }
    func albums(holding recordings: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID] {
      self.recordings = recordings
      return []
    }
    func albums(ofReleases ids: [MBID], by deadline: Deadline) throws(SourceError) -> [MBID: MBID] {
      groups.filter { ids.contains($0.key) }
    }
    func series(_ id: MBID, by deadline: Deadline) throws(SourceError) -> [SeriesEntry] { [] }
  }

  let source = Source()
  let clock = TestClock()

  init() {
    source.artists[artist] = Artist(id: artist, name: "A", sortName: "A")
    var shown = Album(id: album, title: "B", artistID: artist)
    shown.artistIDs = [artist]
    source.albums[album] = shown
    source.groups[release] = album
  }

  func catalog(_ change: (inout Catalog.Options) -> Void = { _ in }) -> Catalog {
    var options = Catalog.Options()
    change(&options)
    return Catalog(
      source: source, lookup: source, store: DocumentStoreTests.store(nil, clock), options: options,
      now: { [clock] in clock.time })
  }

  func json(_ answer: Catalog.Answer) throws -> JSONValue {
    let output = OutputBuffer()
    #expect(try #require(answer.body).appendPlain(to: output))
    return try #require(JSONValue(output.bytes))
  }

  @Test func `a release answers with its album where that is asked for, and with nothing else`() throws {
    let deadline = Deadline.after(milliseconds: 1_000)
    #expect(try catalog().album(release, by: deadline).body == nil)
    let catalog = catalog { $0.answersReleases = true }
    for _ in 0..<2 { #expect(try json(catalog.album(release, by: deadline))["id"].text == "\(album)") }
    #expect(try catalog.album(artist, by: deadline).body == nil)
    #expect(try json(catalog.album(album, by: deadline))["id"].text == "\(album)")
  }

  @Test func `what changes documents is part of their generation`() {
    let plain = Catalog.Options()
    func generation(_ change: (inout Catalog.Options) -> Void) -> String {
      var options = plain
      change(&options)
      return options.generation
    }
    let others = [
      generation { $0.aliasLocales = ["ja"] }, generation { $0.aliasLocales = ["ja", "en"] },
      generation { $0.answersReleases = true }, generation { $0.vocabulary.otherStatus = "Bootleg" },
      generation { $0.vocabulary.otherStatus = nil }, generation { $0.vocabulary.missingStatus = "Bootleg" },
    ]
    #expect(Set(others + [plain.generation]).count == others.count + 1)
  }

  @Test func `an artist is called in the preferred locale, in an album as alone`() throws {
    source.artists[artist]?.localeAliases = [LocaleAlias(locale: "ja", name: "ア", sortName: "あ", isPrimary: true)]
    let catalog = catalog { $0.aliasLocales = ["ja"] }
    let deadline = Deadline.after(milliseconds: 1_000)
    let alone = try json(catalog.artist(artist, albums: AlbumFilter(), by: deadline))
    let inAlbum = try json(catalog.album(album, by: deadline))["artists"][0]
    for shown in [alone, inAlbum] {
      #expect(shown["artistname"].text == "ア")
      #expect(shown["sortname"].text == "あ")
      #expect(shown["artistaliases"].elements.map(\.text) == ["A"])
    }
  }

  @Test func `releases of videos alone give an album no status, and a withdrawn one is Official`() throws {
    var silent = Release(id: release, title: "R")
    silent.status = "Bootleg"
    silent.hasKnownTracks = true
    silent.media = [Medium(position: 1)]
    var unknown = silent
    unknown.status = "Withdrawn"
    unknown.hasKnownTracks = false
    source.albums[album]?.releases = [silent, unknown]
    let json = try json(catalog().album(album, by: .after(milliseconds: 1_000)))
    #expect(json["releasestatuses"].elements.map(\.text) == ["Official"])
    #expect(json["Releases"].elements.map { $0["Status"].text } == ["Bootleg", "Official"])
  }

  @Test func `of many recordings a thousand are asked for, each once`() throws {
    let many = (0..<3_000).map { MBID(high: 1, low: UInt64($0 / 2)) }
    _ = try catalog().albums(holding: many, by: .after(milliseconds: 1_000))
    #expect(source.recordings == (0..<1_000).map { MBID(high: 1, low: UInt64($0)) })
  }

  @Test func `what MusicBrainz said is kept with all that settings may ask for`() throws {
    var kept = Artist(id: artist, name: "A", sortName: "A")
    kept.aliases = ["ア"]
    kept.localeAliases = [
      LocaleAlias(locale: "ja", name: "ア", sortName: "あ", isPrimary: true),
      LocaleAlias(locale: "en", name: "A \"B\"", sortName: "B", isPrimary: false),
    ]
    let json = try #require(JSONValue(JSONWriter.source(kept).bytes))
    #expect(Artist(source: json) == kept)
    var filled = Album(id: album, title: "B", artistID: artist)
    filled.artistIDs = [artist]
    filled.releases = [Release(id: release, title: "R")]
    filled.releases[0].status = "Withdrawn"
    filled.releases[0].hasKnownTracks = true
    filled.releases[0].artwork = ReleaseArtwork(hasFront: true, hasBack: false, count: 3)
    #expect(Album(source: try #require(JSONValue(JSONWriter.source(filled).bytes))) == filled)
  }

  @Test func `what an earlier version kept is read, but MusicBrainz is asked before it is used`() throws {
    let old = #"{"form":1,"id":"\#(artist)","name":"A","sort":"A","aliases":["B"]}"#
    var json = JSONWriter()
    json.raw(StaticString("{}"))
    let document = SourceForm.document(json, expires: clock.time + 100)
    #expect(SourceForm.read(document) == nil)
    let kept = Document(parts: [.init(Fragment(Array(old.utf8)))], expires: clock.time + 100)
    let read = try #require(SourceForm.read(kept))
    #expect(Artist(source: read)?.aliases == ["B"])
    #expect(Artist(source: read)?.localeAliases == [])
    #expect(!SourceForm.isCurrent(read))
  }
}
