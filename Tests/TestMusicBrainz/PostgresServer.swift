import Foundation

/// A PostgreSQL server of the tests, reached with psql.
public struct PostgresServer: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  public var host: String
  public var port: Int
  public var user: String

  public init(host: String, port: Int, user: String) {
    self.host = host
    self.port = port
    self.user = user
  }

  /// Runs a script and returns what it prints, unaligned and without headers.
  ///
  /// - Parameters:
  ///   - isOne: whether all of it is one transaction.
  ///   - options: more arguments of psql.
  @discardableResult public func run(
    _ script: String, in database: String, asOne isOne: Bool = false, _ options: [String] = []
  ) throws -> String {
    try psql(options + (isOne ? ["-1"] : []) + ["-f", "-"], database, input: script)
  }

  /// Runs a file, as somebody would who was told to.
  @discardableResult public func run(file: String, in database: String, _ options: [String] = []) throws -> String {
    try psql(options + ["-f", file], database, input: "")
  }

  /// Everything of `source` into `database`, without a word of who refers to whom.
  public func copyRows(of source: String, into database: String) throws {
    try shell(
      """
      pg_dump --data-only --disable-triggers -n musicbrainz -n cover_art_archive \(source) \
      | psql -qX -v ON_ERROR_STOP=1 \(database)
      """)
  }

  /// Rows in the form of `sample/`: files `[SCHEMA.]TABLE.tsv`, each with a line of the columns' names.
  public func load(_ folder: String, into database: String) throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: URL(fileURLWithPath: folder), includingPropertiesForKeys: nil
    )
    .filter { $0.pathExtension == "tsv" }
    let copies = try files.map { file in
      let columns = try String(contentsOf: file, encoding: .utf8).prefix { $0 != "\n" }.split(separator: "\t")
      return "\\copy \(file.deletingPathExtension().lastPathComponent) (\(columns.joined(separator: ", "))) "
        + "FROM '\(file.path)' WITH (FORMAT text, HEADER)\n"
    }
    try run(copies.joined(), in: database, asOne: true)
  }

  public func create(_ database: String, from template: String) throws {
    try run("CREATE DATABASE \(database) TEMPLATE \(template)", in: "postgres")
  }

  public func drop(_ database: String) {
    _ = try? run("DROP DATABASE IF EXISTS \(database) WITH (FORCE)", in: "postgres")
  }

  /// The empty database with MusicBrainz' tables that `scripts/stack` makes its databases from.
  public func schema() throws -> String {
    try run(
      "SELECT datname FROM pg_database WHERE datname ~ '^musicbrainz_schema_[0-9_]+$' LIMIT 1", in: "postgres")
  }

  private func psql(_ arguments: [String], _ database: String, input: String) throws -> String {
    let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
    return try shell("psql -qXAt -v ON_ERROR_STOP=1 -d \(database) \(quoted)", input: input)
  }

  @discardableResult func shell(_ command: String, input: String = "") throws -> String {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-o", "pipefail", "-c", command]
    var environment = ProcessInfo.processInfo.environment
    environment["PGHOST"] = host
    environment["PGPORT"] = String(port)
    environment["PGUSER"] = user
    environment["PGOPTIONS"] = "-c client_min_messages=warning -c search_path=musicbrainz,public"
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
    guard shell.terminationStatus == 0 else {
      throw Failure(description: "\(command): \(try String(contentsOf: files[2], encoding: .utf8))")
    }
    return try String(contentsOf: files[1], encoding: .utf8).trimmingCharacters(in: .newlines)
  }
}
