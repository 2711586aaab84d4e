import Cache
import Core
import Dataset
import Foundation
import Metadata
import Testing

@testable import Documents
@testable import Dumps

@Suite struct DumpBuildTests {
  let folder: Folder

  init() throws { folder = try Folder(isSmall: true) }

  private func failure(of dump: SmallDump) throws -> DumpError? {
    let error = #expect(throws: DumpError.self) { try dump.build(in: folder) }
    #expect(
      !folder.names.contains { $0.hasPrefix("out.dataset") || $0.hasPrefix(".linernotes") }, "no half file is left")
    return error
  }

  private func text(_ file: DatasetFile, _ kind: CacheKey.Kind, _ id: MBID) throws -> String {
    let document = try #require(file.get([CacheKey(kind, id)])[0])
    let output = OutputBuffer()
    #expect(Body(document.parts.map(\.fragment)).appendPlain(to: output))
    return String(decoding: output.bytes, as: UTF8.self)
  }

  @Test func `an export becomes a file that is whole`() throws {
    let summary = try SmallDump().build(in: folder)
    #expect(summary.artists == 1 && summary.albums == 1)
    #expect(summary.vintage == "2026-07-24T00:00:00+00:00")
    let file = try DatasetFile(path: folder.path + "/out.dataset")
    try file.verify()
    #expect(file.info.isComplete && file.info.vintage == summary.vintage)
    #expect(file.info.created.seconds == 1_784_851_954)
    #expect(try text(file, .artist, SmallDump.artist).contains(#""artistname":"The Artist""#))
    #expect(try text(file, .artistAlbums, SmallDump.artist).contains("\(SmallDump.album)"))
    let album = try text(file, .album, SmallDump.album)
    #expect(album.contains(#""releasedate":"1999-01-02""#) && album.contains(#""TrackName":"The Song""#))
    #expect(file.names != nil)
  }

  @Test func `releases, recordings and pages lead to their albums and artists`() throws {
    var dump = SmallDump()
    let merged: MBID = "c0000000-0000-4000-8000-000000000002"
    let nobody: MBID = "c0000000-0000-4000-8000-000000000003"
    let mergedRecording: MBID = "d0000000-0000-4000-8000-000000000002"
    let tail = "\t0\t\\N\t0\t\t\n"
    dump.tables[.medium] =
      "1\t1\t1\t\\N\t\t0\t\\N\t1\t\(SmallDump.release)\n2\t1\t2\t\\N\t\t0\t\\N\t12\t\(SmallDump.release)\n"
    dump.tables[.releaseRedirect] = "\(merged)\t1\t\\N\n\(nobody)\t9\t\\N\n"
    dump.tables[.recordingRedirect] = "\(mergedRecording)\t1\t\\N\n"
    dump.tables[.artistURL] = "5\t1\t1\t1" + tail + "6\t1\t8\t1" + tail
    dump.tables[.groupURL] = "9\t1\t1\t2" + tail
    // One of a release that is not there.
    dump.tables[.releaseURL] = "3\t1\t1\t3" + tail + "4\t1\t1\t1" + tail + "5\t1\t7\t1" + tail
    let pages = ["http://open.spotify.com/artist/abc", "https://example.org/ä", "https://open.spotify.com/album/abc"]
    dump.tables[.url] = pages.enumerated().map { "\($0 + 1)\t\(nobody)\t\($1)\t0\t\\N\n" }.joined()
    let summary = try dump.build(in: folder)
    #expect(summary.skippedRows == 3, "a merged id, and links of a release and an artist that are not there")
    let file = try DatasetFile(path: folder.path + "/out.dataset")
    try file.verify()
    for id in [SmallDump.release, merged] {
      #expect(file.release(id)?.album == SmallDump.album && file.release(id)?.tracks == 13)
    }
    #expect(file.release(nobody) == nil && file.release(SmallDump.album) == nil)
    #expect(file.candidates(holding: SmallDump.recording) == [SmallDump.album])
    #expect(file.candidates(holding: mergedRecording) == [SmallDump.album])
    #expect(file.candidates(holding: nobody) == [])
    #expect(file.targets(ofPage: pages[0]) == [.artist(SmallDump.artist), .album(SmallDump.album)])
    #expect(file.targets(ofPage: pages[1]) == [.album(SmallDump.album)])
    #expect(file.targets(ofPage: "https://example.org/") == [])
    let id = try #require(SpotifyID("abc"))
    #expect(file.target(ofSpotify: id, .artist) == SmallDump.artist)
    #expect(file.target(ofSpotify: id, .album) == SmallDump.album)
    #expect(file.target(ofSpotify: try #require(SpotifyID("abd")), .album) == nil)
    #expect(file.damaged == 0)
  }

  @Test func `what there are millions of takes little memory`() {
    #expect(MemoryLayout<PageRow>.stride == 16)
    #expect(MemoryLayout<ReleaseRow>.stride == 16 && MemoryLayout<RecordingRow>.stride == 8)
  }

  @Test func `of several links to an album of Spotify the release group's own come first, then the oldest`() throws {
    var dump = SmallDump()
    let other: MBID = "b0000000-0000-4000-8000-000000000002"
    let tail = "\t0\t\\N\t0\t\t\n"
    dump.tables[.group] = [SmallDump.album, other].enumerated().map {
      "\($0 + 1)\t\($1)\tThe Album\t1\t\\N\t\t0\t\\N\n"
    }.joined()
    dump.tables[.groupURL] = "9\t1\t2\t1" + tail + "8\t1\t1\t2" + tail + "7\t1\t2\t2" + tail
    dump.tables[.releaseURL] = "1\t1\t1\t1" + tail
    dump.tables[.url] = ["https://open.spotify.com/album/a", "https://open.spotify.com/album/b"].enumerated().map {
      "\($0 + 1)\t\(other)\t\($1)\t0\t\\N\n"
    }.joined()
    _ = try dump.build(in: folder)
    let file = try DatasetFile(path: folder.path + "/out.dataset")
    #expect(file.target(ofSpotify: try #require(SpotifyID("a")), .album) == other)
    #expect(file.target(ofSpotify: try #require(SpotifyID("b")), .album) == other)
    #expect(file.targets(ofPage: "https://open.spotify.com/album/a") == [.album(other), .album(SmallDump.album)])
  }

  @Test func `an export of another schema is refused`() throws {
    var dump = SmallDump()
    dump.schema = "32"
    let error = try failure(of: dump)
    #expect(error?.description == "mbdump.tar.bz2 is of schema 32 of MusicBrainz; this version knows 31")
  }

  @Test func `archives of two exports are refused`() throws {
    var dump = SmallDump()
    dump.timestamps[.derived] = "2026-07-17 00:12:34+00"
    #expect(try failure(of: dump)?.description.hasPrefix("mbdump-derived.tar.bz2 is of another export") == true)
  }

  @Test(arguments: DumpTableName.allCases)
  func `a missing table is named`(table: DumpTableName) throws {
    var dump = SmallDump()
    dump.left = [table]
    let description = try failure(of: dump)?.description ?? ""
    // Where others need it, the first of those is named as well.
    #expect(
      description == "\(table.archive.rawValue) lacks tables: \(table.rawValue)"
        || description.hasSuffix("comes before \(table.rawValue), which no export does"), "\(description)")
  }

  @Test(arguments: [DumpTableName.artist, .release, .track])
  func `a table without rows is refused`(table: DumpTableName) throws {
    var dump = SmallDump()
    dump.tables[table] = ""
    #expect(try failure(of: dump) != nil)
  }

  @Test func `a table before one that it refers to is refused`() throws {
    var dump = SmallDump()
    dump.order = [.track] + DumpTableName.allCases.filter { $0 != .track }
    #expect(try failure(of: dump)?.description.contains("table track comes before medium") == true)
  }

  @Test func `releases before their media are refused, because these would be lost`() throws {
    var dump = SmallDump()
    dump.order = [.release] + DumpTableName.allCases.filter { $0 != .release }
    #expect(try failure(of: dump)?.description.contains("table release comes before medium") == true)
  }

  @Test(arguments: [
    (
      DumpTableName.track, "1\t\(SmallDump.track)\t7\t1\t1\tA1\tSong\t1\t\\N\t0\t\\N\tf",
      "line 1: recording 7 is not there"
    ),
    (.track, "1\t\(SmallDump.track)\t1\t8\t1\tA1\tSong\t1\t\\N\t0\t\\N\tf", "line 1: medium 8 is not there"),
    (.track, "1\t\(SmallDump.track)\t1\t1\t1\tA1\tSong\t9\t\\N\t0\t\\N\tf", "line 1: artist credit 9 is not there"),
    (.track, "1\t\(SmallDump.track)\t1\t1", "line 1: has 4 columns, not 12"),
    (.medium, "1\t5\t1\t\\N\t\t0\t\\N\t1\t\(SmallDump.release)", "line 1: release 5 is not there"),
    (.artistCreditName, "1\t0\t4\tNobody\t", "line 1: artist 4 is not there"),
    (.group, "1\t\(SmallDump.album)\tThe Album\t6\t\\N\t\t0\t\\N", "line 1: artist credit 6 is not there"),
    (
      .group, "2\t\(SmallDump.album)\tThe Album\t1\t\\N\t\t0\t\\N",
      "mbdump.tar.bz2, table release, line 1: release group 1 is not there"
    ),
    (.group, "1\t\(SmallDump.album)\tThe Album\t1\t3\t\t0\t\\N", "line 1: release group primary type 3 is not there"),
    (.release, "1\tnone\tThe Album\t1\t1\t\\N\t\\N\t\\N\t\\N\t\\N\t\t0\t0\t\\N", "line 1: column 2 is no UUID"),
  ])
  func `rows that refer to what is not there, or are of another form, are named`(
    table: DumpTableName, row: String, what: String
  ) throws {
    var dump = SmallDump()
    dump.tables[table] = row + "\n"
    let description = try failure(of: dump)?.description ?? ""
    #expect(description.contains(what), "\(description)")
  }

  /// Whichever program decompresses it.
  @Test(arguments: DumpArchive.allCases) func `what is behind the end of an archive is refused`(
    archive: DumpArchive
  ) throws {
    try SmallDump().write(to: folder)
    let whole = try folder.read(archive.rawValue)
    let text = try run(["bzip2", "-dc"], input: whole)
    let garbage = Array("garbage".utf8)
    for wrong in [
      whole + garbage, whole + garbage + whole, whole + [0], whole + whole, try SmallDump.compressed(text + garbage),
    ] {
      _ = try folder.write(wrong, to: archive.rawValue)
      let description = #expect(throws: DumpError.self) { try SmallDump.build(folder) }?.description ?? ""
      #expect(
        description.contains(archive.rawValue)
          && description.hasSuffix("is damaged: there is something behind its end"),
        "\(description)")
    }
    let zeros = [UInt8](repeating: 0, count: 20_480)
    for right in [
      try SmallDump.compressed(text + zeros), try SmallDump.compressed(text) + SmallDump.compressed(zeros),
      try SmallDump.compressed(Array(text[..<700])) + SmallDump.compressed(Array(text[700...])),
    ] {
      _ = try folder.write(right, to: archive.rawValue)
      #expect(throws: Never.self) { try SmallDump.build(folder) }
    }
  }

  @Test(arguments: DumpArchive.allCases) func `an archive that is empty is refused`(archive: DumpArchive) throws {
    try SmallDump().write(to: folder)
    for (bytes, what) in [
      ([], ""), (Array("no archive".utf8), ""), (try SmallDump.compressed([]), " ends in the middle"),
      (try SmallDump.compressed([UInt8](repeating: 0, count: 10_240)), " has no TIMESTAMP: it is no export"),
    ] {
      _ = try folder.write(bytes, to: archive.rawValue)
      let description = #expect(throws: DumpError.self) { try SmallDump.build(folder) }?.description ?? ""
      #expect(description.contains("\(archive.rawValue)\(what)"), "\(description)")
    }
    #expect(!folder.names.contains { $0.hasPrefix("out.dataset") }, "no half file is left")
  }

  @Test func `less memory than the archives need is refused`() throws {
    try SmallDump().write(to: folder)
    let error = #expect(throws: DumpError.self) {
      try DumpBuild(folder: folder.path, .init(catalog: .init(), threads: 1, memory: 32 << 20)) { _ in true }
        .run(to: folder.path + "/out.dataset", program: "test", settings: [])
    }
    #expect(
      error?.description == "32 MB of memory are too little for these archives: they need 57 MB")
    #expect(!folder.names.contains { $0.hasPrefix("out.dataset") })
  }

  // MARK: - Ended and begun again

  /// Ends a build in a stage; what is left beside the archives is only what the next one goes on with.
  private func end(in stage: DumpBuild.Progress.Stage) throws {
    let error = #expect(throws: DumpError.self) { try SmallDump.build(folder) { $0.stage != stage } }
    #expect(error?.code == .interrupted)
    let left = folder.names.filter { $0.hasPrefix("out.dataset") || $0.hasPrefix(".linernotes") }
    let isKept = stage == .albums || stage == .artists || stage == .writing
    #expect(left == (isKept ? ["out.dataset.parts"] : []))
    #expect(error?.description.contains("the next build goes on") == isKept)
  }

  /// The stages of a build.
  private func stages() throws -> [DumpBuild.Progress.Stage] {
    var stages: [DumpBuild.Progress.Stage] = []
    _ = try SmallDump.build(folder) { progress in
      if stages.last != progress.stage { stages.append(progress.stage) }
      return true
    }
    #expect(!folder.names.contains("out.dataset.parts"))
    return stages
  }

  @Test func `it stops when it is told to, in every stage`() throws {
    try SmallDump().write(to: folder)
    for stage in [DumpBuild.Progress.Stage.reading, .joining] { try end(in: stage) }
  }

  @Test(arguments: [DumpBuild.Progress.Stage.albums, .artists, .writing])
  func `a build that was ended goes on with what was read`(stage: DumpBuild.Progress.Stage) throws {
    var dump = SmallDump()
    let merged = (1...4).map { MBID(high: 0xf000_0000_0000_4000, low: 0x8000_0000_0000_0000 + $0) }
    dump.tables[.recordingRedirect] = "\(merged[0])\t1\t\\N\n"
    dump.tables[.trackRedirect] = "\(merged[1])\t1\t\\N\n"
    dump.tables[.releaseRedirect] = "\(merged[2])\t1\t\\N\n"
    dump.tables[.series] = "1\t\(merged[3])\tThe Series\t\t1\t1\t0\t\\N\n"
    dump.tables[.groupSeries] = "1\t1\t1\t1\t0\t\\N\t3\t\t\n"
    dump.tables[.link] = "1\t1" + String(repeating: "\t\\N", count: 9) + "\n"
    dump.tables[.linkType] =
      "1\t\\N\t0\t\(SeriesRows.partOf)" + String(repeating: "\t\\N", count: 12) + "\n"
    dump.tables[.area] = "1\t\(merged[0])\tJapan" + String(repeating: "\t\\N", count: 11) + "\n"
    dump.tables[.releaseCountry] = "1\t1\t1999\t1\t2\n"
    dump.tables[.label] = "1\t\(merged[0])\tThe Label" + String(repeating: "\t\\N", count: 13) + "\n"
    dump.tables[.releaseLabel] = "1\t1\t1\t\\N\t\\N\n"
    try dump.write(to: folder)
    let whole = try SmallDump.build(folder)
    #expect(whole.series == 1 && whole.skippedRows == 0)
    let expected = try folder.read("out.dataset")
    try FileManager.default.removeItem(atPath: folder.path + "/out.dataset")

    // Twice: what has been written behind what was read does not count.
    try end(in: stage)
    try end(in: stage)
    #expect(try stages() == [.albums, .artists, .writing])
    #expect(try folder.read("out.dataset") == expected)
  }

  @Test func `what was read of other archives, or has been damaged, is not used`() throws {
    try SmallDump().write(to: folder)
    try end(in: .albums)
    try SmallDump().write(to: folder)
    #expect(try stages() == [.reading, .joining, .albums, .artists, .writing])
    try FileManager.default.removeItem(atPath: folder.path + "/out.dataset")

    try end(in: .albums)
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: folder.path + "/out.dataset.parts").sorted().first {
        $0.contains("groups") && ((try? folder.read("out.dataset.parts/\($0)"))?.isEmpty == false)
      })
    var bytes = try folder.read("out.dataset.parts/\(name)")
    bytes[bytes.count / 2] ^= 1
    _ = try folder.write(bytes, to: "out.dataset.parts/\(name)")
    let error = #expect(throws: DumpError.self) { try SmallDump.build(folder) }
    #expect(error?.code == .damaged)
    #expect(try stages().first == .reading)
  }

  @Test(arguments: ["values", "labels", "artist-ids", "pages-3", "list"])
  func `what was kept and is not whole any more is read again`(name: String) throws {
    try SmallDump().write(to: folder)
    try end(in: .artists)
    let parts = folder.path + "/out.dataset.parts"
    if name == "list" {
      // Whatever is missing at its end.
      let list = try folder.read("out.dataset.parts/linernotes-list")
      let lines = list.indices.filter { list[$0] == UInt8(ascii: "\n") }
      _ = try folder.write(Array(list[...lines[lines.count - 4]]), to: "out.dataset.parts/linernotes-list")
    } else {
      try FileManager.default.removeItem(atPath: "\(parts)/linernotes-\(name)")
    }
    #expect(try stages().first == .reading)
  }

  @Test func `what is in the way is told before anything is read`() throws {
    try SmallDump().write(to: folder)
    _ = try folder.write([1], to: "out.dataset.parts")
    var isAsked = false
    let error = #expect(throws: DumpError.self) {
      try SmallDump.build(folder) { _ in
        isAsked = true
        return true
      }
    }
    #expect(error?.description.contains("out.dataset.parts is in the way") == true && !isAsked)
    #expect(try folder.read("out.dataset.parts") == [1])
    try FileManager.default.removeItem(atPath: folder.path + "/out.dataset.parts")
    _ = try run(["mkfifo", folder.path + "/out.dataset"])
    #expect(throws: DumpError.self) { try SmallDump.build(folder) }
    #expect(folder.names.contains("out.dataset"))
  }

  @Test func `a file that is there stays until the new one is whole`() throws {
    _ = try SmallDump().build(in: folder)
    let before = try folder.read("out.dataset")
    var dump = SmallDump()
    dump.schema = "1"
    #expect(throws: DumpError.self) { try dump.build(in: folder) }
    #expect(try folder.read("out.dataset") == before)
  }
}
