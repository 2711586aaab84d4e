import Foundation

/// A MusicBrainz database that packets are applied to, as the tools do that people use.
public final class MirrorDatabase {
  public enum Tool: CaseIterable, Sendable {
    /// MusicBrainz' own: loads a packet in one transaction, and applies it in as many as it was made of.
    case musicbrainz
    /// mbslave: does both in one transaction.
    case mbslave
  }

  public let server: PostgresServer
  public let name: String

  /// - Parameter master: the one whose rows it begins with, before any edit.
  public init(_ name: String, of master: MasterDatabase) throws {
    server = master.server
    self.name = name
    server.drop(name)
    try server.create(name, from: master.base)
    let sql = try MasterDatabase.schemaFiles()
    for file in ["CreateMirrorOnlyFunctions", "CreateMirrorOnlyTriggers"] {
      try server.run(file: "\(sql)/\(file).sql", in: name)
    }
    try server.run(file: MasterDatabase.folder.appending(path: "SQL/replicator.sql").path, in: name)
  }

  deinit { server.drop(name) }

  /// Runs one of the scripts that deploy/scripts has for databases.
  @discardableResult public func install(_ script: String, _ variables: [String] = []) throws -> String {
    try server.run(file: MasterDatabase.script(script), in: name, variables.flatMap { ["-v", $0] })
  }

  @discardableResult public func run(_ sql: String) throws -> String { try server.run(sql, in: name) }

  public func replicate(_ packet: Packet, by tool: Tool) throws {
    switch tool {
    case .musicbrainz:
      try server.run(MirrorDatabase.loading(packet) + "\nCALL replicator.apply_all()", in: name)
    case .mbslave:
      try server.run(
        """
        TRUNCATE dbmirror2.pending_data, dbmirror2.pending_keys;
        \(MirrorDatabase.copy(packet, ["pending_data", "pending_keys"]))
        SELECT replicator.apply(xid, true) FROM (SELECT DISTINCT xid FROM dbmirror2.pending_data ORDER BY xid) AS all_of_it;
        TRUNCATE dbmirror2.pending_data, dbmirror2.pending_keys;
        """, in: name, asOne: true)
    }
  }

  /// Loads a packet, as MusicBrainz' tool begins.
  public func load(_ packet: Packet) throws {
    try server.run(MirrorDatabase.loading(packet), in: name)
  }

  /// Applies the next transaction of what is loaded, and returns whether there was one.
  public func applyNext() throws -> Bool {
    let applied = try server.run(
      """
      SELECT replicator.apply(xid, false)
      FROM (SELECT xid FROM dbmirror2.pending_data GROUP BY xid ORDER BY max(seqid) LIMIT 1) AS next
      """, in: name, asOne: true)
    return !applied.isEmpty
  }

  private static func loading(_ packet: Packet) -> String {
    """
    BEGIN;
    TRUNCATE dbmirror2.pending_keys, dbmirror2.pending_ts;
    \(copy(packet, ["pending_data", "pending_keys", "pending_ts"]))
    COMMIT;
    """
  }

  private static func copy(_ packet: Packet, _ tables: [String]) -> String {
    tables.map { "\\copy dbmirror2.\($0) FROM '\(packet.directory)/\($0)'" }.joined(separator: "\n")
  }
}
