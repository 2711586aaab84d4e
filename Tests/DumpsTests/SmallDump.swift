import Core
import Dataset
import Metadata

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

  static let artist: MBID = "a0000000-0000-4000-8000-000000000001"
  static let album: MBID = "b0000000-0000-4000-8000-000000000001"
  static let release: MBID = "c0000000-0000-4000-8000-000000000001"
  static let recording: MBID = "d0000000-0000-4000-8000-000000000001"
  static let track: MBID = "e0000000-0000-4000-8000-000000000001"

  private static func nulls(_ count: Int) -> String { String(repeating: "\t\\N", count: count) }

  func write(to folder: Folder) throws {
    for archive in DumpArchive.allCases {
      let root = "text-\(archive)"
      let control = [
        "TIMESTAMP": (timestamps[archive] ?? "2026-07-24 00:12:34.567+00") + "\n", "COPYING": "", "README": "",
        "REPLICATION_SEQUENCE": "1000\n", "SCHEMA_SEQUENCE": "\(schema)\n",
      ]
      for (name, text) in control { _ = try folder.write(Array(text.utf8), to: "\(root)/\(name)") }
      let names = (order ?? archive.tables.sorted { $0.rawValue < $1.rawValue })
        .filter { $0.archive == archive && !left.contains($0) }
      for name in names {
        _ = try folder.write(Array((tables[name] ?? "").utf8), to: "\(root)/mbdump/\(name.rawValue)")
      }
      let files = ["TIMESTAMP", "COPYING", "README", "REPLICATION_SEQUENCE", "SCHEMA_SEQUENCE"]
      let tar = try run(
        ["tar", "-C", "\(folder.path)/\(root)", "-cf", "-"] + files + names.map { "mbdump/\($0.rawValue)" })
      _ = try folder.write(try run(["bzip2", "-c"], input: tar), to: archive.rawValue)
    }
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
