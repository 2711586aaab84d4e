import Core
import Foundation
import Metadata
import TestMusicBrainz
import Testing

@testable import MusicBrainz
@testable import Postgres

extension DatabaseTests {
  /// What it costs to record changes and to tell of them, on a database from `scripts/generate` that
  /// `LINERNOTES_CHANGES_DATABASE` names. It must have no schema dbmirror2; what is made in it stays.
  @Suite(.enabled(if: TestDatabase.environment["LINERNOTES_CHANGES_DATABASE"] != nil)) struct ChangeCostTests {
    /// Updates of rows that are there, as a packet has them: a tenth artists and links, three tenths releases, the rest
    /// tracks and recordings.
    private static func packet(of rows: Int, _ round: Int, volatile: Bool) -> String {
      func some(_ table: String, _ share: Int, _ change: String) -> String {
        let new = volatile ? "jsonb_build_object('edits_pending', 1)" : change
        return """
          SELECT 'musicbrainz.\(table)', 'u', to_jsonb(t)::json, (to_jsonb(t) || \(new))::json
          FROM (SELECT * FROM \(table) WHERE id % 7 = \(round) LIMIT \(max(1, rows * share / 100))) AS t
          """
      }
      let tables = [
        some("artist", 8, "jsonb_build_object('comment', 'x' || id)"),
        some("url", 2, "jsonb_build_object('url', 'https://example.org/' || id)"),
        some("release_group", 10, "jsonb_build_object('name', 'x' || id)"),
        some("release", 20, "jsonb_build_object('name', 'x' || id)"),
        some("track", 40, "jsonb_build_object('name', 'x' || id)"),
        some("recording", 20, "jsonb_build_object('length', 1)"),
      ]
      return """
        CREATE TEMPORARY TABLE packet AS
        SELECT (row_number() OVER ())::bigint + 10000000 AS seqid, v.tablename, v.op::"char", 1::bigint AS xid, v.olddata, v.newdata
        FROM (\(tables.joined(separator: " UNION ALL "))) AS v (tablename, op, olddata, newdata);
        """
    }

    @Test func `recording and telling`() throws {
      let server = try TestDatabase.server()
      let name = try #require(TestDatabase.environment["LINERNOTES_CHANGES_DATABASE"])
      let script = MasterDatabase.script("create-indices")
      func load(_ rows: Int, _ round: Int, volatile: Bool = false) throws -> Double {
        let answer = try server.run(
          Self.packet(of: rows, round, volatile: volatile) + """
            \\timing on
            INSERT INTO dbmirror2.pending_data (seqid, tablename, op, xid, olddata, newdata) SELECT * FROM packet;
            \\timing off
            DELETE FROM dbmirror2.pending_data;
            """, in: name)
        let time = answer.split(separator: "\n").first { $0.hasPrefix("Time:") }?.split(separator: " ")[1]
        return Double(time ?? "") ?? .nan
      }
      try server.run(
        """
        CREATE SCHEMA IF NOT EXISTS dbmirror2;
        CREATE TABLE IF NOT EXISTS dbmirror2.pending_data (
          seqid bigserial PRIMARY KEY, tablename text NOT NULL, op "char" NOT NULL, xid bigint NOT NULL, olddata json,
          newdata json, oldctid tid, trgdepth int
        )
        """, in: name)
      try server.run(file: script, in: name, ["-v", "remove=on"])
      for round in 0..<3 { print("10,000 rows without the trigger: \(try load(10_000, round)) ms") }
      try server.run(file: script, in: name, ["-v", "indexes=off"])
      for round in 0..<3 { print("10,000 rows with it: \(try load(10_000, round)) ms") }
      for round in 0..<3 {
        print("10,000 rows with it, of which nothing shows: \(try load(10_000, round, volatile: true)) ms")
      }
      print(
        "stored: ",
        try server.run(
          "SELECT sum(count) || ' rows, ' || pg_size_pretty(pg_total_relation_size('linernotes.change')) FROM linernotes.change",
          in: name))

      let database = try TestDatabase.open(name: name)
      let deadline = Deadline.after(milliseconds: 600_000)
      func milliseconds(_ work: () throws -> Void) rethrows -> Double {
        let start = Deadline.monotonicNanoseconds()
        try work()
        return Double((Deadline.monotonicNanoseconds() - start) / 10_000) / 100
      }
      var position = try database.changes(after: nil, limit: 1, by: deadline).position
      _ = try database.changes(after: position, limit: 1, by: deadline)
      for (rows, limit) in [
        (10, 1_000), (10, 1_000), (1_000, 1_000), (1_000, 1_000), (60_000, 1_000), (60_000, 10_000),
      ] {
        _ = try load(rows, 3 + rows % 4)
        var told = EntityChanges()
        var batches = 0
        let spent = try milliseconds {
          var isLast = false
          while !isLast {
            let batch = try database.changes(after: position, limit: limit, by: deadline)
            told.add(batch.changes)
            position = batch.position
            isLast = batch.isLast
            batches += 1
          }
        }
        print("\(rows) rows in \(batches) batches of \(limit): \(spent) ms, \(told.count) documents")
      }
      let idle = try milliseconds {
        for _ in 0..<100 { _ = try database.changes(after: position, limit: 1_000, by: deadline) }
      }
      print("nothing: \(idle / 100) ms")
      let state = try milliseconds { for _ in 0..<100 { _ = try database.replication(by: deadline) } }
      print("where replication stands: \(state / 100) ms")
    }
  }
}
