import Foundation

/// A replication packet, as MusicBrainz publishes it: a directory with the files of `mbdump`.
public struct Packet: Sendable {
  public var directory: String
  public var sequence: Int
  public var rows: Int
}

/// A MusicBrainz database where edits are made, with the triggers of MusicBrainz' own. What they record of the edits
/// becomes a packet. The rows are those of a database of the same schema, and those of `SQL/world.sql`.
public final class MasterDatabase {
  public let server: PostgresServer
  public let name: String
  /// What mirrors are made from.
  public let base: String
  private let directory: URL
  private var packets = 0

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let checkout = folder.appending(path: "../..").standardized

  /// - Parameter rows: the database whose rows it begins with.
  public init(_ name: String, on server: PostgresServer, rows: String) throws {
    self.server = server
    self.name = name
    base = "\(name)_base"
    directory = FileManager.default.temporaryDirectory.appending(path: "linernotes-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    server.drop(base)
    server.drop(name)
    try server.create(base, from: try server.schema())
    let sql = try MasterDatabase.schemaFiles()
    try server.copyRows(of: rows, into: base)
    try server.run(file: "\(sql)/SetSequences.sql", in: base)
    try server.run("CREATE SCHEMA dbmirror2", in: base)
    try server.run(file: "\(sql)/dbmirror2/dbmirror2.sql", in: base)
    try server.run(file: MasterDatabase.folder.appending(path: "SQL/world.sql").path, in: base)
    try server.create(name, from: base)
    // Some of them set the search path for themselves alone.
    for file in [
      "CreateTriggers", "CreateReplicationTriggers2", "caa/CreateTriggers", "caa/CreateReplicationTriggers2",
    ] { try server.run(file: "\(sql)/\(file).sql", in: name) }
    try server.run(file: MasterDatabase.folder.appending(path: "SQL/master.sql").path, in: name)
  }

  deinit {
    server.drop(name)
    server.drop(base)
    try? FileManager.default.removeItem(at: directory)
  }

  /// The path of one of the scripts that deploy/scripts has for databases.
  public static func script(_ name: String) -> String {
    checkout.appending(path: "deploy/scripts/\(name).sql").path
  }

  /// Where `scripts/stack` keeps the SQL of MusicBrainz' schema.
  static func schemaFiles() throws -> String {
    let cache = checkout.appending(path: ".run/.cache").path
    let names = try FileManager.default.contentsOfDirectory(atPath: cache).filter { $0.hasPrefix("mbdata-") }
    guard let newest = names.max() else { throw PostgresServer.Failure(description: "no mbdata in \(cache)") }
    return "\(cache)/\(newest)"
  }

  /// Makes an edit, in one transaction.
  public func edit(_ sql: String) throws { try server.run(sql, in: name, asOne: true) }

  /// What has been edited since the last packet, and an edit in one more transaction, as the next one.
  public func packet(after edit: String = "") throws -> Packet {
    packets += 1
    let place = directory.appending(path: "\(packets)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let columns = "seqid, tablename, op, xid, olddata, newdata, NULL, NULL"
    let answer = try server.run(
      """
      BEGIN;
      \(edit);
      COMMIT;
      UPDATE replication_control
      SET current_replication_sequence = current_replication_sequence + 1, last_replication_date = clock_timestamp();
      \\copy (SELECT \(columns) FROM dbmirror2.pending_data ORDER BY seqid) TO '\(place.path)/pending_data'
      \\copy dbmirror2.pending_keys TO '\(place.path)/pending_keys'
      \\copy dbmirror2.pending_ts TO '\(place.path)/pending_ts'
      SELECT count(*) FROM dbmirror2.pending_data;
      SELECT current_replication_sequence FROM replication_control;
      TRUNCATE dbmirror2.pending_data, dbmirror2.pending_ts;
      """, in: name)
    let numbers = answer.split(separator: "\n").compactMap { Int($0) }
    guard numbers.count == 2 else { throw PostgresServer.Failure(description: answer) }
    return Packet(directory: place.path, sequence: numbers[1], rows: numbers[0])
  }
}
