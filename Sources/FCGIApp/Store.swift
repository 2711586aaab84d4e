internal import ArgumentParser
internal import Core
@preconcurrency internal import Glibc
internal import Logging
internal import Postgres
internal import PostgresStore
internal import SQLiteStore
internal import Settings

/// `linernotes store`: what is in the SQLite file, whether it is sound, and giving unused room back.
struct Store: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what is in the store, the SQLite file.",
    subcommands: [Contents.self, Soundness.self, Compact.self, Prepare.self, LockProbe.self],
    defaultSubcommand: Contents.self)

  /// The file that the settings name.
  fileprivate static func file(_ common: CommonOptions) throws -> StoreFile {
    let settings = try Application.loadSettings(common)
    let logger = Application.logger(settings, "linernotes.store")
    guard let file = Application.storeFile(settings, logger, awaitedMilliseconds: 15_000) else {
      throw CommandFailure("the settings name no store in a file")
    }
    guard file.exists else { throw CommandFailure("there is no store yet: \(file.path)") }
    return file
  }

  struct Contents: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Tell where the store is and what is in it (the default).")

    @OptionGroup var common: CommonOptions

    func run() throws {
      let file = try Store.file(common)
      let report = try file.report()
      print("file: \(file.path)\(report.isReadOnly ? " (read-only)" : "")")
      print("layout: \(report.layout)")
      print("journal: \(report.journalMode)\(report.isOnNetwork ? ", on a network file system" : "")")
      print("size: \(report.bytes) bytes, \(report.freeBytes) of them free; log \(report.logBytes) bytes")
      print("limit: \(report.limit) bytes")
      if let notice = file.notice { print("notice: \(notice)") }
      for kind in try file.kinds() {
        print(
          "\(kind.name): \(kind.documents) documents, \(kind.bytes) bytes, \(kind.stale) stale, \(kind.awaited) awaited"
        )
      }
    }
  }

  struct Soundness: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Read the whole store and every document in it.",
      discussion: "Ends with status 1 when something is wrong.")

    @OptionGroup var common: CommonOptions

    func run() throws {
      let file = try Store.file(common)
      let findings = try file.check()
      for fault in findings.faults { print("file: \(fault)") }
      print("documents: \(findings.documents), \(findings.damaged) of them damaged")
      guard findings.faults.isEmpty, findings.damaged == 0 else { throw ExitCode.failure }
    }
  }

  struct Compact: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "compact", abstract: "Give the disk back what the store does not use.",
      discussion: "Others may go on reading meanwhile, and wait to write.")

    @OptionGroup var common: CommonOptions

    func run() throws {
      let file = try Store.file(common)
      let before = try file.report().bytes
      try file.compact()
      print("\(before) bytes before, \(try file.report().bytes) now")
    }
  }

  struct Prepare: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make the store, or bring it to the present layout.",
      discussion: "Processes do so by themselves, unless they may not create tables.")

    @OptionGroup var common: CommonOptions

    func run() throws {
      let settings = try Application.loadSettings(common)
      let logger = Application.logger(settings, "linernotes.store")
      if let options = PostgresOptions(settings.cache) {
        try PostgresDurableTier(options: options, logger: logger).ping()
        print("store: PostgreSQL, ready")
      } else if let file = Application.storeFile(settings, logger, awaitedMilliseconds: 15_000) {
        try SQLiteDurableTier(file).ping()
        file.close()
        print("store: \(file.path), ready")
      } else {
        throw CommandFailure("the settings name no store")
      }
    }
  }

  /// The other process of ``LockTest``.
  struct LockProbe: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "lock-test", shouldDisplay: false)

    @Argument var path: String

    func run() throws {
      guard LockTest.isKeptOut(of: path) else { throw ExitCode.failure }
    }
  }
}
