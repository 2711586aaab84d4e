import Cache
import Core
import Foundation
import Testing

@testable import Dataset
@testable import Documents
@testable import Metadata

/// What leads to artists and albums in a dataset file.
@Suite struct DatasetLinkTests {
  typealias Entry = (key: UInt64, target: UInt32, extra: UInt32)

  let dataset: SmallDataset

  init() throws { dataset = try SmallDataset() }

  /// Of the two artists, the first by its id.
  static let first = SmallDataset.other
  static let album: UInt32 = LinkSection.albumBit

  static func contents(_ section: LinkSection, _ entries: [Entry]) -> DatasetWriter.SectionContents {
    { append throws(SourceError) in
      var bytes: [UInt8] = []
      for entry in entries {
        if section.keyLength == 8 { bytes.append(number: entry.key) } else { bytes.append(number: UInt32(entry.key)) }
      }
      for entry in entries { bytes.append(number: entry.target) }
      if section.hasExtras { for entry in entries { bytes.append(number: entry.extra) } }
      try append(bytes)
      return entries.count
    }
  }

  func open(_ sections: [LinkSection: [Entry]]) throws -> DatasetFile {
    let writer = try DatasetWriter(path: dataset.path)
    for (key, document) in dataset.documents { try writer.add(document, key) }
    _ = try writer.finish(
      SmallDataset.info, links: { _ in sections.map { ($0.key, DatasetLinkTests.contents($0.key, $0.value)) } })
    return try dataset.open()
  }

  let release: MBID = "d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7"
  let recording: MBID = "d0000000-0000-4000-8000-000000000001"
  let page = "https://example.org/a"

  func small() throws -> [LinkSection: [Entry]] {
    let spotify = try #require(SpotifyID("abc"))
    return [
      .release: [(LinkKey.release(release), Self.album, 12)],
      .spotify: [
        (LinkKey.spotify(.artist, spotify), 1, 0), (LinkKey.spotify(.album, spotify), Self.album, 0),
      ].sorted { $0.0 < $1.0 },
      .page: [(LinkKey.page(page.utf8), 1, 0), (LinkKey.page(page.utf8), 0, 0), (LinkKey.page(page.utf8), 1, 0)],
      .recording: [(UInt64(LinkKey.recording(recording)), Self.album, 0)],
    ]
  }

  @Test func `what was written is found by its key, in its order`() throws {
    let file = try open(try small())
    try file.verify()
    let spotify = try #require(SpotifyID("abc"))
    let found = try #require(file.release(release))
    #expect(found == (SmallDataset.album, 12))
    #expect(file.release(recording) == nil)
    #expect(file.target(ofSpotify: spotify, .artist) == SmallDataset.artist)
    #expect(file.target(ofSpotify: spotify, .album) == SmallDataset.album)
    #expect(file.target(ofSpotify: try #require(SpotifyID("abC")), .album) == nil)
    #expect(file.targets(ofPage: page) == [.artist(SmallDataset.artist), .artist(Self.first)])
    #expect(file.targets(ofPage: page + "b") == [])
    #expect(file.candidates(holding: recording) == [SmallDataset.album])
    #expect(file.candidates(holding: release) == [])
    #expect(file.damaged == 0)
    #expect(file.contents.contains("links:release: 1, 16 bytes"))
    for (key, document) in dataset.documents { #expect(isSame(file.get([key])[0], document), "\(key)") }
  }

  @Test func `a file without them, or with none in them, leads nowhere`() throws {
    for file in [try dataset.open(), try open([.release: [], .page: [], .recording: [], .spotify: []])] {
      try file.verify()
      #expect(file.release(release) == nil && file.targets(ofPage: page) == [])
      #expect(file.candidates(holding: recording) == [])
    }
  }

  @Test func `each of thousands is found, and nothing that is not there`() throws {
    var numbers = SystemRandomNumberGenerator()
    let ids = (0..<5_000).map { _ in MBID(high: numbers.next(), low: numbers.next()) }
    let entries = ids.enumerated().map { index, id in (LinkKey.release(id), Self.album, UInt32(index)) }
    // Alike ones lie beside each other.
    let pages = (0..<3_000).map { (LinkKey.page("\($0 / 3)".utf8), UInt32($0 % 2), 0 as UInt32) }
    let file = try open([.release: entries.sorted { $0.0 < $1.0 }, .page: pages.sorted { $0.0 < $1.0 }])
    try file.verify()
    for (index, id) in ids.enumerated() { #expect(file.release(id)?.tracks == index) }
    for _ in 0..<5_000 { #expect(file.release(MBID(high: numbers.next(), low: numbers.next())) == nil) }
    for number in 0..<1_000 { #expect(file.targets(ofPage: "\(number)").count == 2) }
    // Those that are not spread at all are found as well.
    let uneven: [Entry] = [0, 1, 2, 3, 4, 5, 6, 7, 8, .max - 1, .max].map { ($0, Self.album, 0) }
    let unevenFile = try open([.page: uneven])
    try withExtendedLifetime(unevenFile) {
      let section = try #require(unevenFile.links[.page])
      for (index, entry) in uneven.enumerated() { #expect(section.places(of: entry.key) == index..<(index + 1)) }
      #expect(section.places(of: 9).isEmpty && section.places(of: .max - 2).isEmpty)
    }
  }

  @Test func `of very many links of one page some are told`() throws {
    let many: [Entry] = (0..<3_000).map { _ in (LinkKey.page(page.utf8), 1, 0) }
    let others: [Entry] = (0..<50).map { (LinkKey.page("\($0)".utf8), 0, 0) }
    let file = try open([.page: (many + others).sorted { $0.0 < $1.0 }])
    try file.verify()
    #expect(file.targets(ofPage: page) == [.artist(SmallDataset.artist)])
    for number in 0..<50 { #expect(file.targets(ofPage: "\(number)") == [.artist(Self.first)]) }
  }

  @Test func `whatever byte is wrong, nothing dies of it, and it is noticed`() throws {
    let spotify = try #require(SpotifyID("abc"))
    let sections = try open(try small()).sections.filter { $0.links != nil }
    #expect(sections.count == 4)
    let whole = try dataset.bytes
    let descriptor = Glibc.open(dataset.path, O_RDWR)
    defer { close(descriptor) }
    for place in sections.flatMap({ Int($0.offset)..<Int($0.offset + $0.length) }) {
      defer {
        var right = whole[place]
        pwrite(descriptor, &right, 1, off_t(place))
      }
      for bit in 0..<8 as Range<UInt8> {
        var wrong = whole[place] ^ 1 << bit
        pwrite(descriptor, &wrong, 1, off_t(place))
        let file = try dataset.open()
        _ = file.release(release)
        _ = file.targets(ofPage: page)
        _ = file.target(ofSpotify: spotify, .artist)
        _ = file.candidates(holding: recording)
        #expect(throws: DatasetError.self) { try file.verify() }
      }
    }
  }

  @Test func `a target that is not there counts as damaged and missing`() throws {
    let key = LinkKey.page(page.utf8)
    for target in [2, 0x7fff_ffff, Self.album + 1, .max] {
      // It is checked before it takes its place.
      #expect(throws: DatasetError.self) { try open([.page: [(key, target, 0)]]) }
      _ = try open([.page: [(key, 0, 0), (key, 1, 0)]])
      var bytes = try dataset.bytes
      let section = try #require(try dataset.open().sections.first { $0.links == .page })
      bytes.replaceSubrange((Int(section.offset) + 16)..<(Int(section.offset) + 20), with: number(target))
      try dataset.put(bytes)
      let file = try dataset.open()
      #expect(file.targets(ofPage: page) == [.artist(SmallDataset.artist)])
      #expect(file.damaged == 1)
    }
  }

  private func number(_ value: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: value)
    return bytes
  }

  @Test func `keys that are not in order are refused`() throws {
    #expect(throws: DatasetError.self) { try open([.recording: [(2, Self.album, 0), (1, Self.album, 0)]]) }
  }

  @Test func `a section that is not as long as its entries is refused`() throws {
    _ = try open(try small())
    let whole = try dataset.bytes
    for name in LinkSection.allCases {
      var bytes = whole
      var header = try DatasetHeader(Array(bytes[..<DatasetHeader.length]), "")
      let place = try #require(header.sections.firstIndex { $0.links == name })
      header.sections[place].count += 1
      bytes.replaceSubrange(..<DatasetHeader.length, with: try header.encoded())
      try dataset.put(bytes)
      #expect(throws: DatasetError.self) { try dataset.open() }
    }
  }

  @Test func `where documents are is told by their ids`() throws {
    let writer = try DatasetWriter(path: dataset.path)
    for (key, document) in dataset.documents { try writer.add(document, key) }
    _ = try writer.finish(
      SmallDataset.info,
      links: { places in
        #expect(places.place(of: .artist(SmallDataset.other)) == 0)
        #expect(places.place(of: .artist(SmallDataset.artist)) == 1)
        #expect(places.place(of: .album(SmallDataset.album)) == 0)
        #expect(places.place(of: .album(SmallDataset.artist)) == nil)
        return []
      })
  }

  @Test func `keys stay what they are in files that were written`() throws {
    #expect(LinkKey.release(release) == Self.releaseKey)
    #expect(LinkKey.recording(release) == UInt32(Self.releaseKey >> 32))
    #expect(LinkKey.page("a".utf8) == Self.pageKey)
    #expect(LinkKey.spotify(.album, try #require(SpotifyID("a"))) == LinkKey.page("album/a".utf8))
  }

  static let releaseKey: UInt64 = 0xfdfe_237e_c365_7454
  static let pageKey: UInt64 = 0x5f29_c2aa_dd9b_8527
}
