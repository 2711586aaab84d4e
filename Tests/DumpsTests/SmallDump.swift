import Core
import Dataset
import Metadata
import Synchronization

@testable import Dumps

/// An export of one artist with one album, to be changed where a test wants something else.
struct SmallDump {
  /// The rows of the tables that are not empty, each ended by a line feed.
  var tables: [DumpTableName: String] = [
    .artist: "1\t\(SmallDump.artist)\tThe Artist\tArtist, The" + nulls(7) + "\t\\N\t\\N\t\t0\t\\N\tf\t\\N\t\\N\n",
    .artistCredit: "1\tThe Artist\t1\t9\t\\N\t0\t\(SmallDump.artist)\n",
    .artistCreditName: "1\t0\t1\tThe Artist\t\n",
    .group: "1\t\(SmallDump.album)\tThe Album\t1\t\\N\t\t0\t\\N\n",
    .groupMeta: "1\t1\t1999\t1\t2\t\\N\t\\N\n",
    .release: "1\t\(SmallDump.release)\tThe Album\t1\t1" + nulls(5) + "\t\t0\t0\t\\N\n",
    .medium: "1\t1\t1\t\\N\t\t0\t\\N\t1\t\(SmallDump.release)\n",
    .recording: "1\t\(SmallDump.recording)\tThe Song\t1\t1000\t\t0\t\\N\tf\n",
    .track: "1\t\(SmallDump.track)\t1\t1\t1\tA1\tThe Song\t1\t\\N\t0\t\\N\tf\n",
    .replicationControl: "1\t31\t1000\t2026-07-24 00:00:00+00\n",
  ]
  var left: Set<DumpTableName> = []
  var schema = "31"
  var timestamps: [DumpArchive: String] = [:]
  /// nil: by name.
  var order: [DumpTableName]?
  /// What takes the place of U+FFFD in the tables; nil: nothing.
  var replacement: [UInt8]?

  static let artist: MBID = "a0000000-0000-4000-8000-000000000001"
  static let album: MBID = "b0000000-0000-4000-8000-000000000001"
  static let release: MBID = "c0000000-0000-4000-8000-000000000001"
  static let recording: MBID = "d0000000-0000-4000-8000-000000000001"
  static let track: MBID = "e0000000-0000-4000-8000-000000000001"

  /// One row more in other tables.
  static var varied: SmallDump {
    var dump = SmallDump()
    let id = "f0000000-0000-4000-8000-000000000001"
    dump.tables[.area] = "1\t\(id)\tSomewhere\t\\N\t0\t\\N" + nulls(6) + "\tf\t\n"
    dump.tables[.label] = "1\t\(id)\tLabel" + nulls(9) + "\t\t0\t\\N\tf\n"
    dump.tables[.url] = "1\t\(id)\thttps://example.org/\t0\t\\N\n"
    dump.tables[.tag] = "1\trock\t1\n"
    dump.tables[.secondaryType] = "1\tLive\t\\N\t0\t\\N\t\(id)\n"
    dump.tables[.series] = "1\t\(id)\tSeries\t\t1\t1\t0\t\\N\n"
    dump.tables[.linkType] =
      "1\t\\N\t788\t\(SeriesRows.partOf)" + String(repeating: "\t", count: 7) + "\t\\N\tf\tf\t0\t0\n"
    dump.tables[.link] = "1\t1" + nulls(6) + "\t0\t\\N\tf\n"
    dump.tables[.artType] = "1\tFront\t\\N\t0\t\\N\t\(id)\n"
    dump.tables[.coverArt] = "40000000000\t1\timage/jpeg\t1\t1\t\\N\t0\tjpg" + nulls(4) + "\n"
    return dump
  }

  private static func nulls(_ count: Int) -> String { String(repeating: "\t\\N", count: count) }

  func write(to folder: Folder) throws {
    for archive in DumpArchive.allCases {
      _ = try folder.write(try SmallDump.compressed(tar(archive)), to: archive.rawValue)
    }
  }

  private func tar(_ archive: DumpArchive) -> [UInt8] {
    let control = [
      ("TIMESTAMP", (timestamps[archive] ?? "2026-07-24 00:12:34.567+00") + "\n"), ("COPYING", ""), ("README", ""),
      ("REPLICATION_SEQUENCE", "1000\n"), ("SCHEMA_SEQUENCE", "\(schema)\n"),
    ]
    let names = (order ?? archive.tables.sorted { $0.rawValue < $1.rawValue })
      .filter { $0.archive == archive && !left.contains($0) }
    let files =
      control.map { ($0.0, Array($0.1.utf8)) } + names.map { ("mbdump/\($0.rawValue)", bytes(of: $0)) }
    return files.flatMap { SmallDump.entry($0.0, $0.1) } + [UInt8](repeating: 0, count: 1_024)
  }

  /// A file in a tar archive.
  private static func entry(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    func octal(_ number: Int, _ digits: Int) -> [UInt8] {
      let text = String(number, radix: 8)
      return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
    }
    var header = [UInt8](repeating: 0, count: 512)
    header.replaceSubrange(0..<name.utf8.count, with: Array(name.utf8))
    header.replaceSubrange(124..<135, with: octal(bytes.count, 11))
    header.replaceSubrange(148..<156, with: [UInt8](repeating: 32, count: 8))
    header[156] = UInt8(ascii: "0")
    header.replaceSubrange(148..<155, with: octal(header.reduce(0) { $0 + Int($1) }, 6) + [0])
    return header + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }

  /// Most tests change one archive and leave the others.
  private static let known = Mutex<[[UInt8]: [UInt8]]>([:])

  static func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
    if let known = known.withLock({ $0[bytes] }) { return known }
    let compressed = try run(["bzip2", "-c"], input: bytes)
    known.withLock { $0[bytes] = compressed }
    return compressed
  }

  private func bytes(of name: DumpTableName) -> [UInt8] {
    let text = tables[name] ?? ""
    guard let replacement else { return Array(text.utf8) }
    let parts = text.split(separator: "\u{fffd}", omittingEmptySubsequences: false)
    return Array(parts.map { Array($0.utf8) }.joined(separator: replacement))
  }

  /// Builds a dataset file of it.
  func build(in folder: Folder, report: @escaping DumpBuild.Report = { _ in true }) throws -> DumpBuild.Summary {
    try write(to: folder)
    return try SmallDump.build(folder, report: report)
  }

  static func build(
    _ folder: Folder, catalog: Catalog.Options = Catalog.Options(), report: @escaping DumpBuild.Report = { _ in true }
  ) throws -> DumpBuild.Summary {
    try DumpBuild(folder: folder.path, .init(catalog: catalog, threads: 2, memory: 1 << 30), report: report)
      .run(to: folder.path + "/out.dataset", program: "test", settings: [])
  }
}
