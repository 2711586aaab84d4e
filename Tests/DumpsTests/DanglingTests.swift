import Core
import Testing

@testable import Dumps

/// Rows that refer to what is not there. Each is an error that names its place; or it is left out as the database's answers
/// leave it out, and counted, and nothing else of the file differs.
@Suite struct DanglingTests {
  let folder: Folder

  init() throws { folder = try Folder(isSmall: true) }

  /// A row behind those that a table has.
  struct Extra: CustomTestStringConvertible {
    var table: DumpTableName
    var row: String
    /// What is said of it behind the archive and the table; nil where it is left out.
    var failure: String?

    init(_ table: DumpTableName, _ columns: [String], _ failure: String? = nil) {
      self.table = table
      row = columns.joined(separator: "\t")
      self.failure = failure
    }

    var testDescription: String { "\(table.rawValue): \(failure ?? "left out")" }
  }

  private static let id = "f0000000-0000-4000-8000-000000000001"
  private static let null = "\\N"
  private static func nulls(_ count: Int) -> [String] { Array(repeating: null, count: count) }
  private static func alias(of entity: String, type: String) -> [String] {
    ["1", entity, "Alias", null, "0", null, type, "Alias"] + nulls(6) + ["f", "f"]
  }
  private static func link(_ entity: String, _ url: String) -> [String] {
    ["1", "1", entity, url, "0", null, "0", "", ""]
  }
  private static func medium(_ release: String, format: String) -> [String] {
    ["2", release, "2", format, "", "0", null, "1", id]
  }
  private static func track(medium: String = "1", recording: String = "1", credit: String = "1") -> [String] {
    ["2", id, recording, medium, "2", "2", "Song", credit, null, "0", null, "f"]
  }
  private static func release(group: String = "1", status: String = null) -> [String] {
    ["2", id, "Album", "1", group, status] + nulls(4) + ["", "0", "0", null]
  }
  private static func group(credit: String = "1", type: String = null) -> [String] {
    ["2", id, "Album", credit, type, "", "0", null]
  }
  private static func seriesEntry(link: String, group: String, series: String) -> [String] {
    ["1", link, group, series, "0", null, "1", "", ""]
  }
  private static let artistOfType =
    ["2", id, "Artist", "Artist"] + nulls(6) + ["8", null, null, "", "0", null, "f", null, null]
  private static func image(of release: String) -> [String] {
    ["40000000002", release, "image/jpeg", "1", "1", null, "0", "jpg"] + nulls(4)
  }

  static let refused = [
    Extra(.track, track(medium: "7"), "line 2: medium 7 is not there"),
    Extra(.track, track(recording: "7"), "line 2: recording 7 is not there"),
    Extra(.track, track(credit: "7"), "line 2: artist credit 7 is not there"),
    Extra(.medium, medium("7", format: null), "line 2: release 7 is not there"),
    Extra(.medium, medium("1", format: "7"), "line 2: medium format 7 is not there"),
    Extra(.release, release(group: "7"), "line 2: release group 7 is not there"),
    Extra(.release, release(status: "7"), "line 2: release status 7 is not there"),
    Extra(.group, group(credit: "7"), "line 2: artist credit 7 is not there"),
    Extra(.group, group(type: "7"), "line 2: release group primary type 7 is not there"),
    Extra(.artistCreditName, ["7", "0", "1", "A", ""], "line 2: artist credit 7 is not there"),
    Extra(.artistCreditName, ["1", "1", "7", "A", ""], "line 2: artist 7 is not there"),
    Extra(.artist, artistOfType, "line 2: artist type 8 is not there"),
    Extra(.artistAlias, alias(of: "7", type: null), "line 1: artist 7 is not there"),
    Extra(.artistAlias, alias(of: "1", type: "7"), "line 1: artist alias type 7 is not there"),
    Extra(.artistMeta, ["7", "80", "3"], "line 1: artist 7 is not there"),
    Extra(.artistTag, ["7", "1", "3", null], "line 1: artist 7 is not there"),
    Extra(.artistTag, ["1", "7", "3", null], "line 1: tag 7 is not there"),
    Extra(.groupAlias, alias(of: "7", type: null), "line 1: release group 7 is not there"),
    Extra(.groupAlias, alias(of: "1", type: "7"), "line 1: release group alias type 7 is not there"),
    Extra(.groupMeta, ["7", "1"] + nulls(5), "line 2: release group 7 is not there"),
    Extra(.groupTag, ["7", "1", "3", null], "line 1: release group 7 is not there"),
    Extra(.groupTag, ["1", "7", "3", null], "line 1: tag 7 is not there"),
    Extra(.secondaryTypeJoin, ["7", "1", null], "line 1: release group 7 is not there"),
    Extra(.secondaryTypeJoin, ["1", "7", null], "line 1: release group secondary type 7 is not there"),
    Extra(.releaseCountry, ["7", "1", "1999", null, null], "line 1: release 7 is not there"),
    Extra(.releaseUnknownCountry, ["7", "1999", null, null], "line 1: release 7 is not there"),
    Extra(.releaseLabel, ["1", "7", "1", null, null], "line 1: release 7 is not there"),
    Extra(.releaseMeta, ["7", null, null, null, "darkened"], "line 1: release 7 is not there"),
    Extra(.groupSeries, seriesEntry(link: "7", group: "1", series: "1"), "line 1: link 7 is not there"),
    Extra(.groupSeries, seriesEntry(link: "1", group: "7", series: "1"), "line 1: release group 7 is not there"),
    Extra(.groupSeries, seriesEntry(link: "1", group: "1", series: "7"), "line 1: series 7 is not there"),
    Extra(.link, ["2", "7"] + nulls(6) + ["0", null, "f"], "line 2: link type 7 is not there"),
    Extra(.coverArtType, ["40000000000", "7"], "line 1: cover art archive art type 7 is not there"),
  ]

  static let leftOut = [
    Extra(.artistRedirect, [id, "7", null]), Extra(.groupRedirect, [id, "7", null]),
    Extra(.releaseRedirect, [id, "7", null]), Extra(.trackRedirect, [id, "7", null]),
    Extra(.recordingRedirect, [id, "7", null]), Extra(.seriesRedirect, [id, "7", null]),
    Extra(.releaseCountry, ["1", "7", "1999", null, null]), Extra(.releaseLabel, ["1", "1", "7", null, null]),
    Extra(.artistURL, link("7", "1")), Extra(.groupURL, link("7", "1")), Extra(.releaseURL, link("7", "1")),
    Extra(.artistURL, link("1", "7")), Extra(.groupURL, link("1", "7")), Extra(.releaseURL, link("1", "7")),
    Extra(.linkText, ["7", "788", "3"]), Extra(.coverArt, image(of: "7")), Extra(.coverArtType, ["7", "1"]),
    Extra(.coverArtType, ["40000000001", "1"]), Extra(.groupCoverArt, ["1", "7"]),
    Extra(.groupCoverArt, ["7", "1"]),
  ]

  @Test func `a dump of what they refer to is whole`() throws {
    #expect(try SmallDump.varied.build(in: folder).skippedRows == 0)
  }

  @Test(arguments: refused) func `what is not there is told with archive, table and line`(extra: Extra) throws {
    var dump = SmallDump.varied
    dump.tables[extra.table, default: ""] += extra.row + "\n"
    let error = #expect(throws: DumpError.self) { try dump.build(in: folder) }
    let table = extra.table
    #expect(error?.description == "\(table.archive.rawValue), table \(table.rawValue), \(extra.failure ?? "")")
  }

  @Test(arguments: leftOut) func `what the database leaves out is counted, and nothing else differs`(extra: Extra)
    throws
  {
    var dump = SmallDump.varied
    _ = try dump.build(in: folder)
    let expected = try folder.read("out.dataset")
    dump.tables[extra.table, default: ""] += extra.row + "\n"
    #expect(try dump.build(in: folder).skippedRows == 1)
    #expect(try folder.read("out.dataset") == expected)
  }

  @Test(arguments: ["0", "-1", "2147483648", "99999999999", "536870912", "x", "", "1.5", "\\N"])
  func `keys that no row has are refused`(key: String) throws {
    for (table, row) in [
      (DumpTableName.recording, "\(key)\t\(Self.id)\tSong\t1\t1000\t\t0\t\\N\tf"),
      (.artistCredit, "\(key)\tArtist\t1\t9\t\\N\t0\t\(Self.id)"), (.tag, "\(key)\tpop\t1"),
      (.url, "\(key)\t\(Self.id)\thttps://example.org/2\t0\t\\N"),
    ] {
      var dump = SmallDump.varied
      dump.tables[table, default: ""] += row + "\n"
      let error = #expect(throws: DumpError.self) { try dump.build(in: folder) }
      #expect(
        error?.description.hasPrefix("\(table.archive.rawValue), table \(table.rawValue), line 2: ") == true,
        "\(error?.description ?? "")")
    }
  }

  @Test func `a row that is there twice is refused`() throws {
    for table in [DumpTableName.artist, .group, .release, .medium, .track, .recording, .tag, .series, .groupMeta] {
      var dump = SmallDump.varied
      dump.tables[table, default: ""] += dump.tables[table] ?? ""
      let error = #expect(throws: DumpError.self) { try dump.build(in: folder) }
      #expect(
        error?.description
          == "\(table.archive.rawValue), table \(table.rawValue), line 2: its key 1 is there twice")
    }
    var dump = SmallDump.varied
    dump.tables[.coverArt, default: ""] += dump.tables[.coverArt] ?? ""
    let error = #expect(throws: DumpError.self) { try dump.build(in: folder) }
    #expect(
      error?.description == "\(DumpArchive.coverArt.rawValue), table cover_art_archive.cover_art: a key is there twice")
  }

  @Test func `columns that changed their places are told`() throws {
    let swaps: [(DumpTableName, Int, Int)] = [
      (.artist, 1, 2), (.artist, 13, 14), (.artist, 14, 15), (.release, 10, 11), (.release, 1, 2), (.group, 5, 6),
      (.medium, 4, 5), (.medium, 7, 8), (.track, 4, 5), (.track, 1, 2), (.track, 10, 11), (.recording, 5, 6),
      (.url, 1, 2),
      (.url, 2, 3), (.tag, 0, 1), (.label, 2, 3), (.area, 2, 3), (.series, 1, 2), (.coverArt, 0, 2),
    ]
    for (table, left, right) in swaps {
      var dump = SmallDump.varied
      dump.tables[table] = (dump.tables[table] ?? "").split(separator: "\n").map { row in
        var columns = row.split(separator: "\t", omittingEmptySubsequences: false)
        columns.swapAt(left, right)
        return columns.joined(separator: "\t") + "\n"
      }.joined()
      let error = #expect(throws: DumpError.self) { try dump.build(in: folder) }
      #expect(
        error?.description.hasPrefix("\(table.archive.rawValue), table \(table.rawValue), line 1: column ") == true,
        "\(table.rawValue) \(left) \(right): \(error?.description ?? "")")
    }
  }

  @Test func `texts that are not UTF-8, or hold a NUL, are told wherever they are shown`() throws {
    let texts: [(DumpTableName, Int)] = [
      (.artist, 2), (.artist, 3), (.artist, 13), (.artistCredit, 1), (.artistCreditName, 3), (.group, 2), (.group, 5),
      (.release, 2), (.release, 10), (.medium, 4), (.track, 5), (.track, 6), (.tag, 1), (.label, 2), (.area, 2),
      (.secondaryType, 1),
    ]
    for (table, column) in texts {
      for wrong in ["\u{0}", "\u{fffd}"] {
        var dump = SmallDump.varied
        dump.tables[table] = (dump.tables[table] ?? "").split(separator: "\n").map { row in
          var columns = row.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
          columns[column] = "a\(wrong)b"
          return columns.joined(separator: "\t") + "\n"
        }.joined()
        // Half of what was to be a character.
        dump.replacement = [0xfd]
        let error = #expect(throws: DumpError.self) { try dump.build(in: folder) }
        #expect(
          error?.description.hasPrefix(
            "\(table.archive.rawValue), table \(table.rawValue), line 1: column \(column + 1) ") == true,
          "\(table.rawValue) \(column): \(error?.description ?? "")")
      }
    }
  }
}
