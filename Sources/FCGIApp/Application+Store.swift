internal import Core
@preconcurrency internal import Glibc
internal import Handlers
internal import Logging
internal import SQLiteStore
internal import Settings

/// The store in a SQLite file.
extension Application {
  /// The file of the store; nil when documents are kept elsewhere, or only in memory.
  static func storeFile(_ settings: Settings, _ logger: Logger, awaitedMilliseconds: Int? = nil) -> StoreFile? {
    let durable = settings.cache.durable
    let url = durable.url?.value
    guard settings.cache.isEnabled, durable.host == nil, url?.hasPrefix("sqlite:") ?? true else { return nil }
    let location = StoreLocation.of(url: url, environment: environment, home: { home }, workingDirectory: { working })
    switch location {
    case .memory: return nil
    case nil:
      logger.warning("there is no directory for the store: set CACHE__POSTGRES_URL=sqlite:////path, or STATE_DIRECTORY")
      return nil
    case .file(let path):
      // Half of what a client has: whoever cannot have the lock still has time to answer without it.
      let awaited = awaitedMilliseconds ?? min(settings.requestDeadlineMilliseconds / 2, 10_000)
      return StoreFile(
        StoreFile.Options(
          path: path, maximumBytes: Int64(settings.cache.storeBytes), awaitedMilliseconds: awaited,
          documentRoot: environment["DOCUMENT_ROOT"], locksWork: Application.locksWork),
        logger: logger)
    }
  }

  static func state(of tier: SQLiteDurableTier, _ file: StoreFile, by deadline: Deadline) -> Component.State {
    do {
      try tier.ping(milliseconds: deadline.millisecondsLeft)
      let notice = file.notice
      return .init(
        isUp: true, detail: "SQLite", notice: notice, canAnswer: true, advice: notice.map { _ in Advice.sqliteNotice })
    } catch {
      let canRead = (try? tier.get([])) != nil && file.isReadable && file.isOpen
      return .init(isUp: false, detail: "\(error)", canAnswer: canRead, advice: Advice.sqliteStore)
    }
  }

  /// Tells whether the settings or the store lie below what a web server hands out.
  static func exposureCheck(_ store: StoreFile?, _ logger: Logger) -> (String) -> Bool {
    let files = [environment["CONFIG_FILE"], store?.path].compactMap { $0 }
    return { root in
      for file in files where StoreLocation.isInside(file, root) {
        logger.error(
          "nothing is answered: a file is below DOCUMENT_ROOT, where the web server hands it out",
          metadata: ["file": "\(file)", "root": "\(root)"])
        return true
      }
      return false
    }
  }

  /// By the password database: CGI scripts have no HOME.
  static var home: String? {
    guard let entry = getpwuid(geteuid()), let directory = entry.pointee.pw_dir else { return nil }
    return String(cString: directory)
  }

  private static var working: String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// Has another process of this executable try to take a lock that this one has.
  static func locksWork(in directory: String) -> Bool {
    LockTest.passes(in: directory) { path in
      var child = pid_t()
      let words = ["linernotes", "store", "lock-test", path]
      var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
      defer { for argument in arguments { free(argument) } }
      // Without the environment of a CGI script, which would make the child one.
      var nothing: [UnsafeMutablePointer<CChar>?] = [nil]
      guard posix_spawn(&child, "/proc/self/exe", nil, nil, &arguments, &nothing) == 0 else { return nil }
      var status: Int32 = 0
      while waitpid(child, &status, 0) < 0 {
        guard errno == EINTR else { return nil }
      }
      return status & 0x7f == 0 && (status >> 8) & 0xff == 0
    }
  }
}
