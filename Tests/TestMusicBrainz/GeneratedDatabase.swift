import Foundation
import Synchronization

/// A database with the rows of `scripts/generate`, and with some that it does not make; dropped at the end.
///
/// The rows are made once in a server, and copied.
public final class GeneratedDatabase {
  public let name: String
  private let server: PostgresServer

  /// Release groups that are generated; a third as many artists, 14 times as many tracks.
  public static let groups = 25_000

  public init(_ purpose: String, on server: PostgresServer) throws {
    self.server = server
    name = "linernotes_\(purpose)_\(getpid())"
    let template = try Self.isMade.withLock { _ in try Self.template(on: server) }
    try server.create(name, from: template)
  }

  deinit { server.drop(name) }

  /// Nobody copies what is being made.
  private static let isMade = Mutex(())

  private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../scripts").standardizedFileURL

  /// The name says what the rows follow from: a server that stays keeps them until that changes.
  private static func template(on server: PostgresServer) throws -> String {
    let sources = try ["generate", "generate.sql"].map { try Data(contentsOf: scripts.appending(path: $0)) }
    let schema = try server.schema()
    let hash = (sources + [Data(rows.utf8), Data(schema.utf8)]).joined().reduce(UInt64(14_695_981_039_346_656_037)) {
      ($0 ^ UInt64($1)) &* 1_099_511_628_211
    }
    let name = "linernotes_generated_\(String(hash, radix: 16))"
    let found = try server.run("SELECT datname FROM pg_database WHERE datname = '\(name)'", in: "postgres")
    guard found.isEmpty else { return name }
    let unfinished = "\(name)_\(getpid())"
    try server.create(unfinished, from: schema)
    do {
      // The script replaces the file that it is given.
      let entities = FileManager.default.temporaryDirectory.appending(path: unfinished).path
      defer { try? FileManager.default.removeItem(atPath: entities) }
      try server.shell(
        "'\(scripts.path)/generate' --into dbname=\(unfinished) --groups \(groups) --entities '\(entities)'")
      try server.run(rows, in: unfinished)
      try server.run("ALTER DATABASE \(unfinished) RENAME TO \(name)", in: "postgres")
    } catch {
      server.drop(unfinished)
      throw error
    }
    return name
  }

  private static let rows = """
    SET search_path = musicbrainz, public;
    INSERT INTO link (id, link_type)
    SELECT 1000000 + n, id FROM generate_series(1, 5000) AS n, link_type
    WHERE gid = '01018437-91d8-36b9-bf89-3f885d53b5bd';
    INSERT INTO link_attribute_text_value (link, attribute_type, text_value)
    SELECT 1000000 + n, 788, n::text FROM generate_series(1, 5000) AS n;
    INSERT INTO series (id, gid, name, type, ordering_type)
    SELECT n, md5('series' || n)::uuid, 'Series ' || n, 1, 1 FROM generate_series(1, 5000) AS n;
    INSERT INTO series_gid_redirect (gid, new_id)
    SELECT md5('merged series' || n)::uuid, 1 + n % 5000 FROM generate_series(1, 20000) AS n;
    INSERT INTO l_release_group_series (id, link, entity0, entity1, link_order)
    SELECT 1 + n, 1000001 + n % 5000, 1 + n % 25000, 1 + n / 8, n % 8 FROM generate_series(0, 39999) AS n;
    INSERT INTO l_release_url (id, link, entity0, entity1)
    SELECT n, 1000001, n, 1 + n % 24000 FROM generate_series(1, 30000) AS n;
    INSERT INTO artist_gid_redirect (gid, new_id)
    SELECT md5('more artist' || n)::uuid, 1 + n % 8000 FROM generate_series(1, 20000) AS n;
    INSERT INTO release_group_gid_redirect (gid, new_id)
    SELECT md5('more group' || n)::uuid, 1 + n % 25000 FROM generate_series(1, 20000) AS n;
    INSERT INTO release_gid_redirect (gid, new_id)
    SELECT md5('more release' || n)::uuid, 1 + n % 30000 FROM generate_series(1, 20000) AS n;
    INSERT INTO track_gid_redirect (gid, new_id)
    SELECT md5('more track' || n)::uuid, 1 + n FROM generate_series(1, 100000) AS n;
    INSERT INTO release_meta (id) SELECT id FROM release ON CONFLICT DO NOTHING;
    ANALYZE;
    """
}
