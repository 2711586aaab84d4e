import Core
import HTTP
import Testing

@testable import Metadata
@testable import Providers

/// What the web service and the Cover Art Archive tell gives an album the covers that the database gives it.
@Suite struct CoverEqualityTests {
  let upstream = CoverArtArchive(.init(apiURL: CoverShelf.api, pictureURL: CoverShelf.api, seconds: 100))

  /// What the archive's answers make of a web service's album, and the requests that it took.
  private func pictures(_ shelf: CoverShelf) throws -> (pictures: [Picture], requests: Int) {
    let album = try #require(try shelf.webAlbum())
    let subject = Subject(kind: .album, id: album.id, links: [], releases: album.releases)
    guard let question = upstream.question(about: subject) else { return ([], 0) }
    var answers: [HTTPResponse] = []
    while true {
      switch try upstream.step(question, after: answers) {
      case .ask(let request): answers.append(shelf.answer(request.url))
      case .found(let finding, _): return (finding.pictures, answers.count)
      case .absent: return ([], answers.count)
      }
    }
  }

  private func databasePictures(_ shelf: CoverShelf) throws -> [Picture] {
    ImageURLs(archive: CoverShelf.api).archived(try #require(try shelf.databaseAlbum()))
  }

  private static func date(_ year: Int, _ month: Int? = nil, _ day: Int? = nil) -> PartialDate {
    PartialDate(year: year, month: month, day: day)
  }

  private static let ids = (1...8).map { MBID(high: 0xc000_0000_0000_4000, low: 0x8000_0000_0000_0000 + $0) }

  /// The first two are the sample's.
  static let shelves: [(String, CoverShelf, requests: Int)] = [
    (
      "one front",
      CoverShelf(entries: [
        .init(
          id: "aff4a693-5970-4e2e-bd46-e2ee49c22de7", status: "Official", date: date(2004, 3, 17),
          images: [.init(id: 1_031_598_329, types: ["Front"])])
      ]), 1
    ),
    (
      "a medium of an undated bootleg",
      CoverShelf(entries: [
        .init(
          id: "c9000001-0000-4000-8000-000000000000", status: "Official", date: date(1999, 2),
          images: [.init(id: 90_000_002, types: ["Front"]), .init(id: 90_000_004, types: ["Front"])]),
        .init(
          id: "c9000002-0000-4000-8000-000000000000", status: "Bootleg",
          images: [
            .init(id: 90_000_001, types: ["Back"]), .init(id: 90_000_003, types: ["Medium", "Front"]),
            .init(id: 90_000_005, types: ["Other"]),
          ]),
      ]), 2
    ),
    (
      "editors chose a later one",
      CoverShelf(entries: [
        .init(id: ids[0], status: "Official", date: date(1999), images: [.init(id: 1, types: ["Front"])]),
        .init(
          id: ids[1], status: nil, date: date(2009), isChosen: true, images: [.init(id: 2, types: ["Front"])]),
      ]), 1
    ),
    (
      "the earliest is a bootleg",
      CoverShelf(entries: [
        .init(id: ids[0], status: "Bootleg", date: date(1998, 5), images: [.init(id: 1, types: ["Front"])]),
        .init(id: ids[1], status: "Official", date: date(1999), images: [.init(id: 2, types: ["Front"])]),
      ]), 2
    ),
    (
      "the earliest is raw",
      CoverShelf(entries: [
        .init(
          id: ids[0], status: "Official", date: date(1998), images: [.init(id: 1, types: ["Raw/Unedited", "Front"])]),
        .init(id: ids[1], status: "Official", date: date(1999), images: [.init(id: 2, types: ["Front"])]),
      ]), 1
    ),
    (
      "a bootleg is clean, the official one raw",
      CoverShelf(entries: [
        .init(id: ids[0], status: "Bootleg", date: date(1998), images: [.init(id: 1, types: ["Front"])]),
        .init(
          id: ids[1], status: "Official", date: date(1999), images: [.init(id: 2, types: ["Front", "Raw/Unedited"])]),
      ]), 2
    ),
    (
      "the earliest is darkened",
      CoverShelf(entries: [
        .init(
          id: ids[0], status: "Official", date: date(2000, 1, 1), isDarkened: true,
          images: [.init(id: 1, types: ["Front"])]),
        .init(id: ids[1], status: "Official", date: date(2010, 1, 1), images: [.init(id: 2, types: ["Front"])]),
      ]), 1
    ),
    (
      "the earliest is darkened, and two are not",
      CoverShelf(entries: [
        .init(
          id: ids[0], status: "Official", date: date(2000, 1, 1), isDarkened: true,
          images: [.init(id: 1, types: ["Front"])]),
        .init(id: ids[1], status: "Official", date: date(2010, 1, 1), images: [.init(id: 2, types: ["Front"])]),
        .init(id: ids[2], status: "Official", date: date(2011, 1, 1), images: [.init(id: 3, types: ["Front"])]),
      ]), 2
    ),
    (
      "all are darkened",
      CoverShelf(entries: [
        .init(
          id: ids[0], status: "Official", date: date(2000), isDarkened: true, images: [.init(id: 1, types: ["Front"])])
      ]), 0
    ),
    (
      "a medium and no front",
      CoverShelf(entries: [
        .init(id: ids[0], status: "Official", date: date(2000), images: [.init(id: 1, types: ["Medium"])]),
        .init(id: ids[1], status: "Official", date: date(2001)),
      ]), 1
    ),
  ]

  @Test(arguments: shelves)
  func `an album has the covers that the database gives it`(name: String, shelf: CoverShelf, requests: Int) throws {
    let found = try pictures(shelf)
    #expect(found.pictures == (try databasePictures(shelf)), "\(name)")
    #expect(found.requests == requests, "\(name)")
  }

  /// Without raw scans, of which MusicBrainz' web service says nothing.
  @Test(arguments: 0..<200) func `whatever is on the shelf, covers are the database's, for two requests`(seed: Int)
    throws
  {
    var random = Seeded(state: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1)
    var days = Array(1...28).shuffled(using: &random)
    let statuses = ["Official", "Official", "Bootleg", "Promotion", nil]
    var entries = Self.ids.prefix(Int.random(in: 1...6, using: &random)).enumerated().map { index, id in
      let number = Int64(index * 10)
      var images: [CoverShelf.Image] = []
      if Int.random(in: 0..<3, using: &random) > 0 { images.append(.init(id: number + 1, types: ["Front"])) }
      if Int.random(in: 0..<3, using: &random) == 0 { images.append(.init(id: number + 2, types: ["Back", "Spine"])) }
      return CoverShelf.Entry(
        id: id, status: statuses.randomElement(using: &random) ?? nil, date: Self.date(2000, 1, days.removeLast()),
        isDarkened: Int.random(in: 0..<5, using: &random) == 0, images: images.shuffled(using: &random))
    }
    let medium = entries.indices.randomElement(using: &random) ?? 0
    entries[medium].images.append(.init(id: 9, types: ["Medium"]))
    // Editors choose an official release here: of an early bootleg nobody could tell.
    let choices = entries.indices.filter { entries[$0].front != nil && entries[$0].status == "Official" }
    if Bool.random(using: &random), let chosen = choices.randomElement(using: &random) {
      entries[chosen].isChosen = true
    }
    let shelf = CoverShelf(entries: entries)
    let (found, requests) = try pictures(shelf)
    let expected = try databasePictures(shelf)
    #expect(found.first { $0.kind == .cover } == expected.first { $0.kind == .cover }, "\(shelf)")
    #expect(requests <= 2)
    let disc = found.first { $0.kind == .disc }
    // The second request may have gone to another front.
    if disc != nil || requests < 2 { #expect(disc == expected.first { $0.kind == .disc }, "\(shelf)") }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state ^ state >> 33) &* 0xff51_afd7_ed55_8ccd
    }
  }
}
