import Core
import Foundation
import Logging
import Metadata
import Postgres
import TestMusicBrainz
import Testing

@testable import MusicBrainz
@testable import Search

extension DatabaseTests {
  /// Every statement is planned for a generated database, as the server plans it: once for any parameters.
  ///
  /// Sequential scans are made so expensive that one is left only where no index can serve; then it, or reading a whole
  /// index in its place, is what the statement does at any size. So tables of a tenth of the size tell as much.
  @Suite struct PlanTests {
    /// Tables that grow with MusicBrainz or with the cache. Whoever reads all of one reads millions of rows.
    static let large: Set<String> = [
      "artist", "artist_alias", "artist_credit", "artist_credit_name", "artist_gid_redirect", "artist_meta",
      "artist_tag", "cover_art", "cover_art_type", "l_artist_url", "l_release_group_series",
      "l_release_group_url", "l_release_url", "label", "link", "link_attribute_text_value", "medium",
      "recording", "recording_gid_redirect", "release", "release_country", "release_gid_redirect",
      "release_group", "release_group_alias", "release_group_cover_art", "release_group_gid_redirect",
      "release_group_meta", "release_group_secondary_type_join", "release_group_tag", "release_label",
      "release_meta", "release_unknown_country", "series", "series_gid_redirect", "track",
      "track_gid_redirect", "url", "document", "artist_name", "album_name", "change", "credit",
    ]

    /// Statements that read whole tables on purpose, and what for.
    static let thorough: [String: String] = [
      "uncredited": "`linernotes check` looks at all release groups",
      "latest_change": "`linernotes search-index` asks it once; MusicBrainz has no index on times",
      "changed_names": "`linernotes search-index --refresh` asks it once; likewise",
    ]

    struct Plan: Decodable {
      struct Node: Decodable {
        var type: String
        var table: String?
        var index: String?
        var indexCondition: String?
        var filter: String?
        var relationship: String?
        var nodes: [Node]?

        enum CodingKeys: String, CodingKey {
          case type = "Node Type"
          case table = "Relation Name"
          case index = "Index Name"
          case indexCondition = "Index Cond"
          case filter = "Filter"
          case relationship = "Parent Relationship"
          case nodes = "Plans"
        }

        /// The large tables that are read from end to end, here and in subplans.
        ///
        /// - Parameter isLimited: whether a few rows are enough, as below a limit and at the top of an EXISTS.
        func read(isLimited: Bool = false) -> [String] {
          let nodes = nodes ?? []
          // What is looked up for each row of the first is not limited by it.
          let passesOn = isLimited && ["Nested Loop", "Append", "Subquery Scan"].contains(type)
          let below = nodes.enumerated().flatMap { index, node in
            node.read(
              isLimited: type == "Limit" || (passesOn && (index == 0 || type == "Append"))
                || ["InitPlan", "SubPlan"].contains(node.relationship))
          }
          // Rows that are passed over are not limited.
          let readsAll = !isLimited || filter != nil
          return (isScan && readsAll ? [table].compactMap(\.self).filter(PlanTests.large.contains) : []) + below
        }

        /// The tables whose rows come straight from an index until there are enough: none are gathered before.
        var limitedTables: [String] {
          let nodes = nodes ?? []
          let below = type == "Limit" ? nodes.filter { $0.type.hasPrefix("Index") }.compactMap(\.table) : []
          return below + nodes.flatMap(\.limitedTables)
        }

        var indexes: [String] { [index].compactMap(\.self) + (nodes ?? []).flatMap(\.indexes) }

        /// Whether nothing but the table or the index itself limits what is read of it.
        private var isScan: Bool {
          type == "Seq Scan" || (type.contains("Index") && indexCondition == nil)
        }
      }

      var node: Node

      enum CodingKeys: String, CodingKey { case node = "Plan" }
    }

    /// A database with the generated rows and what the generator does not make, a durable cache and a search index.
    final class Generated {
      private let database: GeneratedDatabase
      var name: String { database.name }

      init() throws {
        database = try GeneratedDatabase("plans", on: try TestDatabase.server())
        try psql(try PlanTests.sql("PostgresStore", "migrate"))
        try psql(
          """
          INSERT INTO cache.document
          SELECT kind, md5('d' || n)::uuid, 0, n, n % 3 * n, n, 'x'
          FROM (VALUES ('artist'), ('artist_albums'), ('album')) AS kinds (kind), generate_series(1, 20000) AS n;
          UPDATE cache.document SET announced = n % 4 * n FROM (SELECT id AS key, expires AS n FROM cache.document) AS all_of
          WHERE all_of.key = id;
          """)
        try install(["indexes=off"])
        try psql(
          """
          INSERT INTO linernotes.change (transaction, tablename, count, rows)
          SELECT n::text::xid8, CASE n % 30 WHEN 0 THEN 'replication_control' ELSE 'artist' END, 1, '[]'
          FROM generate_series(1, 20000) AS n;
          INSERT INTO linernotes.credit (artist_credit, artist) SELECT n, n FROM generate_series(1, 20000) AS n;
          """)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var options = try TestDatabase.options(name: name)
        options.commandTimeoutMilliseconds = 600_000
        _ = try SearchIndexer(source: Names(), options: options, excluded: [], logger: logger).build { _ in }
        try psql("ANALYZE;")
      }

      /// Runs the script that makes what changes are read from.
      func install(_ variables: [String] = []) throws {
        try TestDatabase.server().run(
          file: MasterDatabase.script("create-indices"), in: name, variables.flatMap { ["-v", $0] })
      }

      static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

      /// The schema that the search index is in.
      func searchSchema() throws -> String {
        String(decoding: try psql("SELECT schemaname FROM pg_tables WHERE tablename = 'album_name'"), as: UTF8.self)
          .trimmingCharacters(in: .whitespacesAndNewlines)
      }

      @discardableResult func psql(_ script: String) throws -> Data {
        try shell("PGOPTIONS='-c client_min_messages=warning' psql -XqAt -v ON_ERROR_STOP=1 \(name)", input: script)
      }

      @discardableResult private func shell(_ command: String, input: String = "") throws -> Data {
        let options = try TestDatabase.options()
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", command]
        var environment = ProcessInfo.processInfo.environment
        environment["PGHOST"] = options.hosts[0]
        environment["PGPORT"] = String(options.ports[0])
        environment["PGUSER"] = options.user
        shell.environment = environment
        let files = (0..<3).map { _ in
          FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)")
        }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        try Data(input.utf8).write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        shell.standardInput = try FileHandle(forReadingFrom: files[0])
        shell.standardOutput = try FileHandle(forWritingTo: files[1])
        shell.standardError = try FileHandle(forWritingTo: files[2])
        try shell.run()
        shell.waitUntilExit()
        let complaint = try String(contentsOf: files[2], encoding: .utf8)
        try #require(shell.terminationStatus == 0, "\(command): \(complaint)")
        return try Data(contentsOf: files[1])
      }
    }

    /// Enough names for an index.
    final class Names: NameSource {
      func keys(
        of kind: EntityID.Kind, after key: Int, limit: Int, by deadline: Deadline
      ) throws(SourceError) -> [Int] { key < 6_000 ? Array((key + 1)...6_000) : [] }

      func artistNames(_ keys: [Int], by deadline: Deadline) throws(SourceError) -> [ArtistNames] {
        keys.map { ArtistNames(key: $0, id: MBID(high: 1, low: UInt64($0)), name: "A \($0)", sortName: "A \($0)") }
      }

      func albumNames(_ keys: [Int], by deadline: Deadline) throws(SourceError) -> [AlbumNames] {
        keys.map {
          AlbumNames(
            key: $0, id: MBID(high: 2, low: UInt64($0)), title: "T \($0)", credit: "A \($0 / 4)", artistKey: 1 + $0 / 4)
        }
      }

      func nameChanges(since time: ChangeTime, by deadline: Deadline) throws(SourceError) -> NameChanges {
        throw SourceError(.failed, "nothing changes")
      }

      func latestChange(by deadline: Deadline) throws(SourceError) -> ChangeTime { ChangeTime(microseconds: 5) }
    }

    static let sources = URL(fileURLWithPath: Generated.folder).appending(path: "../../Sources")

    static func sql(_ target: String, _ name: String) throws -> String {
      try String(contentsOf: sources.appending(path: "\(target)/SQL/\(name).sql"), encoding: .utf8)
    }

    /// The statements of a target that are planned: no scripts, no definitions.
    static func statements(of target: String) throws -> [(name: String, text: String, comment: String)] {
      let folder = sources.appending(path: "\(target)/SQL").path
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().compactMap { file in
        let name = String(file.dropLast(".sql".count))
        let lines = try sql(target, name).split(separator: "\n")
        let comment = lines.filter { $0.hasPrefix("--") }.joined(separator: " ")
        let text = lines.filter { !$0.hasPrefix("--") }.joined(separator: "\n")
        let isPlanned = ["SELECT", "WITH", "INSERT", "DELETE", "UPDATE", "("].contains { text.hasPrefix($0) }
        // What fills tables of an index to be refers to nothing that is there.
        return isPlanned && !text.contains(";") && !name.hasPrefix("load_") ? (name, text, comment) : nil
      }
    }

    /// The plan of each statement, as its name and the plan.
    static func plans(
      of statements: [(name: String, text: String, comment: String)], in database: Generated
    ) throws -> [Plan.Node] {
      let separator = "next statement"
      let scripts = statements.map { statement in
        let parameters = statement.text.matches(of: #/\$(\d+)/#).compactMap { Int($0.1) }.max() ?? 0
        let arguments = Array(repeating: "NULL", count: parameters).joined(separator: ",")
        return """
          PREPARE statement AS \(statement.text);
          EXPLAIN (FORMAT JSON) EXECUTE statement\(parameters == 0 ? "" : "(\(arguments))");
          DEALLOCATE statement;
          \\echo \(separator)
          """
      }
      let output = try database.psql(
        """
        SET search_path = musicbrainz, \(try database.searchSchema()), public;
        SET jit = off; SET plan_cache_mode = force_generic_plan;
        SET enable_seqscan = off; SET max_parallel_workers_per_gather = 0;
        CREATE TEMPORARY TABLE incoming (kind text NOT NULL, id uuid NOT NULL);

        """ + scripts.joined(separator: "\n"))
      return try String(decoding: output, as: UTF8.self).components(separatedBy: separator).dropLast().map { text in
        try #require(try JSONDecoder().decode([Plan].self, from: Data(text.utf8)).first).node
      }
    }

    @Test func `no statement reads a large table from end to end, and indexes that comments name are used`() throws {
      let database = try Generated()
      var planned: Set<String> = []
      for target in ["MusicBrainz", "PostgresStore", "Search"] {
        let statements = try Self.statements(of: target)
        for (statement, plan) in zip(statements, try Self.plans(of: statements, in: database)) {
          planned.insert(statement.name)
          let whole = plan.read()
          guard Self.thorough[statement.name] == nil else {
            #expect(!whole.isEmpty, "\(statement.name) reads no large table and needs no reason")
            continue
          }
          #expect(whole.isEmpty, "\(target)/\(statement.name): \(whole)")
          // Millions of documents may have changed.
          if statement.name == "changed" { #expect(plan.limitedTables == ["document", "document"]) }
          let used = Set(plan.indexes)
          for name in statement.comment.matches(of: #/[a-z_]+_(?:idx_[a-z0-9_]+|pkey)/#).map({ String($0.0) }) {
            #expect(used.contains(name), "\(target)/\(statement.name): \(name) is named and not used")
          }
        }
      }
      #expect(planned.isSuperset(of: ["artists", "album_tracks", "series", "changed", "get"]))
      try Self.expectChangePlans(in: database)
    }

    @Test func `a scan of a large table is noticed, also in a subplan, and a limited one is none`() throws {
      let scan = #"{"Node Type":"Seq Scan","Relation Name":"track"}"#
      func isNoticed(_ json: String) throws -> Bool {
        try !JSONDecoder().decode(Plan.Node.self, from: Data(json.utf8)).read().isEmpty
      }
      #expect(try isNoticed(scan))
      #expect(try isNoticed(#"{"Node Type":"Result","Plans":[{"Node Type":"Aggregate","Plans":[\#(scan)]}]}"#))
      #expect(try isNoticed(#"{"Node Type":"Limit","Plans":[{"Node Type":"Sort","Plans":[\#(scan)]}]}"#))
      #expect(try !isNoticed(#"{"Node Type":"Limit","Plans":[\#(scan)]}"#))
      let filtered = #"{"Node Type":"Seq Scan","Relation Name":"track","Filter":"(name = 'x')"}"#
      #expect(try isNoticed(#"{"Node Type":"Limit","Plans":[\#(filtered)]}"#))
      #expect(try isNoticed(#"{"Node Type":"Index Only Scan","Relation Name":"track","Index Name":"i"}"#))
      #expect(
        try !isNoticed(#"{"Node Type":"Index Scan","Relation Name":"track","Index Name":"i","Index Cond":"(id = 1)"}"#))
      #expect(try !isNoticed(#"{"Node Type":"Seq Scan","Relation Name":"artist_type"}"#))
    }
  }
}
