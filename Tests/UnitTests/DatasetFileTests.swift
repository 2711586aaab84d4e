import Cache
import Core
import Foundation
import Testing

@testable import Dataset
@testable import Documents
@testable import Metadata

/// A dataset file with a few documents, in a directory of its own.
final class SmallDataset {
  let directory: URL
  let path: String
  let documents: [CacheKey: Document]

  static let artist: MBID = "472bc127-8861-45e8-bc9e-31e8dd32de7a"
  static let other: MBID = "1946a82a-f927-40c2-8235-38d64f50d043"
  static let album: MBID = "22ca85ec-ee39-3895-aef9-dee5d5c2f4d6"
  static let merged: MBID = "00000000-0000-4000-8000-000000000001"
  static let said = UnixTime(seconds: 1_700_000_000)
  static let info = DatasetInfo(
    created: UnixTime(seconds: 1_700_000_100), program: "0.1.0",
    settings: [.init(name: "MEDIUM_FORMAT_DEFAULT", value: "Un=known"), .init(name: "ALIAS_LOCALES", value: "")],
    vintage: "2026-11-27T10:00:00+00:00")

  init(extra: Int = 0) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    path = directory.appending(path: "small.dataset").path
    documents = SmallDataset.made(extra: extra)
    let writer = try DatasetWriter(path: path)
    for (key, document) in documents { try writer.add(document, key) }
    writer.addMerged(SmallDataset.merged, into: SmallDataset.artist, .artist)
    _ = try writer.finish(SmallDataset.info)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  static func made(extra: Int) -> [CacheKey: Document] {
    let cut = CutDocuments(.init())
    var album = Album(id: Self.album, title: "Ä \"B\"", artistID: artist)
    album.artistIDs = [artist, other]
    album.links = ["https://example.org/\(String(repeating: "x", count: 300))"]
    album.frontCover = CoverArt(release: "d1ecdb95-5db7-4e66-bd3a-1e6d9bd9c1d7", image: 17)
    var live = AlbumSummary(id: Self.album, title: "Live")
    live.secondaryTypes = ["Live"]
    let albums = [AlbumSummary(id: Self.album, title: "One"), live]
    var documents = [
      CacheKey(.artist, artist): cut.artist(Artist(id: artist, name: "A", sortName: "A"), said: said),
      CacheKey(.artist, other): cut.artist(Artist(id: other, name: "B", sortName: "B"), said: said),
      CacheKey(.artistAlbums, artist): cut.albums(albums, said: said),
      CacheKey(.artistAlbums, other): cut.albums([], said: said),
      CacheKey(.album, Self.album): cut.album(album, said: said),
    ]
    for number in 0..<extra {
      let id = MBID(high: UInt64(number + 1) &* 0x9e37_79b9_7f4a_7c15, low: UInt64(number))
      documents[CacheKey(.artist, id)] = cut.artist(Artist(id: id, name: "\(number)", sortName: ""), said: said)
    }
    return documents
  }

  func open() throws -> DatasetFile { try DatasetFile(path: path) }

  var bytes: [UInt8] { get throws { Array(try Data(contentsOf: URL(filePath: path))) } }

  func put(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }
}

/// What was compressed, whatever the hashes beside it.
func isSame(_ left: Document?, _ right: Document?) -> Bool {
  var (left, right) = (left?.unpacked(), right?.unpacked())
  left?.made = UnixTime(seconds: 0)
  right?.made = UnixTime(seconds: 0)
  return left?.encoded() == right?.encoded() && left?.cut == right?.cut && left?.said == right?.said
}

@Suite struct DatasetFileTests {
  let dataset: SmallDataset

  init() throws { dataset = try SmallDataset() }

  @Test func `what was written is read, by kind and id`() throws {
    let file = try dataset.open()
    try file.verify()
    #expect(file.info == SmallDataset.info)
    for (key, document) in dataset.documents { #expect(isSame(file.get([key])[0], document), "\(key)") }
    #expect(file.count(of: .artist) == 2 && file.count(of: .album) == 1 && file.count(of: .series) == 0)
    #expect(
      file.get([CacheKey(.album, SmallDataset.artist), CacheKey(.series, SmallDataset.artist)]).allSatisfy { $0 == nil }
    )
    #expect(file.newest == SmallDataset.said)
    #expect(file.damaged == 0)
    #expect(FileManager.default.fileExists(atPath: dataset.path + ".tmp") == false)
  }

  @Test func `names are passed through as they were written, and are none in a file without them`() throws {
    #expect(try dataset.open().names == nil)
    let writer = try DatasetWriter(path: dataset.path)
    for (key, document) in dataset.documents { try writer.add(document, key) }
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    _ = try writer.finish(SmallDataset.info) { append throws(SourceError) in
      try append(Array(bytes[..<5]))
      try append(Array(bytes[5...]))
      return 2
    }
    let file = try dataset.open()
    try file.verify()
    #expect(file.names?.elementsEqual(bytes) ?? false)
    #expect(file.contents.contains("names: 2, 3000000 bytes"))
    for (key, document) in dataset.documents { #expect(isSame(file.get([key])[0], document), "\(key)") }
  }

  @Test func `names that cannot be written leave the file as it was`() throws {
    let before = try Data(contentsOf: URL(filePath: dataset.path))
    let writer = try DatasetWriter(path: dataset.path)
    for (key, document) in dataset.documents { try writer.add(document, key) }
    let failure = SourceError(.failed, "no room")
    #expect(throws: DatasetError.self) {
      try writer.finish(SmallDataset.info) { _ throws(SourceError) in throw failure }
    }
    #expect(try Data(contentsOf: URL(filePath: dataset.path)) == before)
  }

  @Test func `an id that was merged leads to the survivor`() throws {
    let document = try #require(try dataset.open().get([CacheKey(.artist, SmallDataset.merged)])[0])
    #expect(document.state == .moved(to: SmallDataset.artist))
    #expect(document.said == SmallDataset.said)
  }

  @Test func `a merged id whose survivor is another one than was written is a miss`() throws {
    var bytes = try dataset.bytes
    let header = try DatasetHeader(Array(bytes[..<DatasetHeader.length]), "")
    let section = try #require(header.sections.first { $0.isMerged })
    let place = Int(section.offset) + DatasetSection.idLength
    let other = withUnsafeBytes(of: (SmallDataset.other.high.bigEndian, SmallDataset.other.low.bigEndian)) { Array($0) }
    bytes.replaceSubrange(place..<(place + DatasetSection.idLength), with: other)
    try dataset.put(bytes)
    let file = try dataset.open()
    #expect(file.get([CacheKey(.artist, SmallDataset.other)])[0] != nil, "it exists")
    #expect(file.get([CacheKey(.artist, SmallDataset.merged)])[0] == nil)
    #expect(file.merged(at: 0, of: .artist) == nil)
    #expect(file.damaged == 2)
  }

  @Test func `each of thousands is found, and nothing that is not there`() throws {
    let dataset = try SmallDataset(extra: 5_000)
    let file = try dataset.open()
    for key in dataset.documents.keys { #expect(file.get([key])[0] != nil) }
    var numbers = SystemRandomNumberGenerator()
    for _ in 0..<5_000 {
      let id = MBID(high: numbers.next(), low: numbers.next())
      #expect(file.get([CacheKey(.artist, id)])[0] == nil)
    }
    for id in [MBID(high: 0, low: 0), MBID(high: .max, low: .max)] {
      #expect(file.get([CacheKey(.artist, id)])[0] == nil)
    }
  }

  @Test func `whatever byte is wrong, nothing wrong is answered`() throws {
    let whole = try dataset.bytes
    let keys = Array(dataset.documents.keys)
    let descriptor = Glibc.open(dataset.path, O_RDWR)
    defer { close(descriptor) }
    for (place, byte) in whole.enumerated() {
      var wrong = byte ^ (1 << UInt8(place % 8))
      pwrite(descriptor, &wrong, 1, off_t(place))
      if let file = try? dataset.open() {
        for (key, document) in zip(keys, file.get(keys)) where document != nil {
          guard isSame(document, dataset.documents[key]) else {
            Issue.record("byte \(place): another document for \(key)")
            return
          }
        }
        let moved = file.get([CacheKey(.artist, SmallDataset.merged)])[0]
        guard moved == nil || moved?.state == .moved(to: SmallDataset.artist) else {
          Issue.record("byte \(place): another survivor")
          return
        }
        // Zeros between sections are nobody's.
        let isBetween = !file.sections.contains { ($0.range(in: .max) ?? 0..<0).contains(place) }
        guard isBetween || (try? file.verify()) == nil else {
          Issue.record("byte \(place): it counts as sound")
          return
        }
      }
      var right = byte
      pwrite(descriptor, &right, 1, off_t(place))
    }
    #expect(try dataset.bytes == whole)
    try dataset.open().verify()
  }

  @Test func `a file that was cut short is refused, wherever it ends`() throws {
    let length = try dataset.bytes.count
    for shorter in stride(from: length - 1, through: 0, by: -1) {
      try #require(truncate(dataset.path, off_t(shorter)) == 0)
      #expect(throws: DatasetError.self) { try dataset.open() }
    }
  }

  @Test func `one that is cut short while it is open answers with nothing`() throws {
    let file = try dataset.open()
    let key = CacheKey(.artist, SmallDataset.artist)
    #expect(file.isWhole && file.get([key])[0] != nil)
    try #require(truncate(dataset.path, 100) == 0)
    #expect(!file.isWhole && file.get([key])[0] == nil && file.document(at: 0, of: .artist) == nil)
    #expect(throws: DatasetError.self) { try file.verify() }
  }

  @Test func `one that is replaced goes on answering from what was opened`() throws {
    let file = try dataset.open()
    let writer = try DatasetWriter(path: dataset.path)
    let key = CacheKey(.artist, SmallDataset.other)
    try writer.add(try #require(dataset.documents[key]), key)
    _ = try writer.finish(SmallDataset.info)
    #expect(file.isWhole && file.get([CacheKey(.artist, SmallDataset.artist)])[0] != nil)
    #expect(try dataset.open().count(of: .artist) == 1)
  }

  @Test func `a newer layout is refused, naming both`() throws {
    var bytes = try dataset.bytes
    bytes[8] = 2
    try dataset.put(bytes)
    #expect { try dataset.open() } throws: { error in
      "\(error)".contains("has layout 2 of dataset files, this version knows 1")
    }
  }

  func rewrite(_ change: (inout DatasetHeader) -> Void) throws {
    var bytes = try dataset.bytes
    var header = try DatasetHeader(Array(bytes[..<DatasetHeader.length]), "")
    change(&header)
    bytes.replaceSubrange(..<DatasetHeader.length, with: try header.encoded())
    try dataset.put(bytes)
  }

  @Test func `a section of a newer version is refused, naming both`() throws {
    try rewrite { header in
      guard let place = header.sections.firstIndex(where: { $0.name == "documents:album" }) else { return }
      header.sections[place].version = 3
    }
    #expect { try dataset.open() } throws: { error in
      "\(error)".contains("section “documents:album” has version 3, this version of the program knows 1")
    }
  }

  @Test func `a section that is not known is passed over`() throws {
    try rewrite { header in
      header.sections.append(
        DatasetSection(name: "changes", version: 7, checksum: 0, offset: 0, length: 0, count: 12))
    }
    let file = try dataset.open()
    #expect(file.get([CacheKey(.artist, SmallDataset.artist)])[0] != nil)
    try file.verify()
  }

  @Test(arguments: [
    ("another program's", Array("SQLite format 3\0".utf8) + [UInt8](repeating: 7, count: 9_000)), ("empty", []),
    ("short", [1, 2, 3]),
  ])
  func `another file is refused`(what: String, bytes: [UInt8]) throws {
    try dataset.put(bytes)
    #expect { try dataset.open() } throws: { ($0 as? DatasetError)?.code == .foreign }
  }

  @Test func `what is no file is refused`() {
    #expect(throws: DatasetError.self) { try DatasetFile(path: "/nonexistent/file") }
    #expect(throws: DatasetError.self) { try DatasetFile(path: "/dev/null") }
    #expect(throws: DatasetError.self) { try DatasetFile(path: "/tmp") }
  }

  @Test func `whoever gives up leaves the old file and nothing else`() throws {
    let before = try dataset.bytes
    do {
      let writer = try DatasetWriter(path: dataset.path)
      try writer.add(SmallDataset.made(extra: 0).values.first ?? .revocation, CacheKey(.artist, SmallDataset.artist))
    }
    #expect(try dataset.bytes == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: dataset.directory.path) == ["small.dataset"])
  }

  @Test func `what a killed run has left is in nobody's way, two at a time are`() throws {
    try Data([1, 2, 3]).write(to: URL(filePath: dataset.path + ".tmp"))
    let writer = try DatasetWriter(path: dataset.path)
    #expect(throws: DatasetError.self) { try DatasetWriter(path: dataset.path) }
    let key = CacheKey(.artist, SmallDataset.artist)
    try writer.add(try #require(dataset.documents[key]), key)
    _ = try writer.finish(SmallDataset.info)
    #expect(try dataset.open().count(of: .artist) == 1)
  }

  @Test func `a document that comes twice is refused`() throws {
    let writer = try DatasetWriter(path: dataset.path)
    let key = CacheKey(.artist, SmallDataset.artist)
    for _ in 0..<2 { try writer.add(try #require(dataset.documents[key]), key) }
    #expect(throws: DatasetError.self) { try writer.finish(SmallDataset.info) }
  }

  @Test func `settings that differ are named`() {
    let info = SmallDataset.info
    #expect(info.differences(from: info.settings).isEmpty)
    let differences = info.differences(from: [
      .init(name: "MEDIUM_FORMAT_DEFAULT", value: "CD"), .init(name: "RELEASE_STATUS_DEFAULT", value: "Official"),
    ])
    #expect(
      differences == [
        "MEDIUM_FORMAT_DEFAULT is “CD”, the file's “Un=known”",
        "RELEASE_STATUS_DEFAULT is “Official”, the file's empty",
        "ALIAS_LOCALES, which the file was made with, is not known to this version",
      ])
  }

  @Test func `which covers an album has is kept`() {
    var album = Album(id: SmallDataset.album, title: "", artistID: SmallDataset.artist)
    #expect(CoverNote(CoverNote(album).bytes).front == nil)
    album.mediumCover = CoverArt(release: SmallDataset.other, image: 1)
    album.frontCover = CoverArt(release: SmallDataset.other, image: .max)
    let note = CoverNote(CoverNote(album).bytes)
    #expect(note.front == album.frontCover && note.medium == album.mediumCover)
  }
}
