internal import Core
internal import Glibc
internal import Logging
internal import SQLite

extension StoreFile {
  var directory: String { StoreFile.directory(of: options.path) }
  var lockPath: String { options.path + "-lock" }

  /// How long to wait for a process that lays the file out, or sets it aside.
  private static let layoutMilliseconds = 5_000
  /// How long to wait for a moment at which nobody else has the file open, in milliseconds.
  private static let lonelyMilliseconds = 500

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// Opens the file, after creating and laying it out where that has yet to be done.
  func open() throws(StoreProblem) -> SQLiteConnection {
    identity = FileIdentity(options.path)
    let existed = identity != nil
    try refuseDocumentRoot()
    if !existed { try createDirectory() }
    let fileSystem = options.fileSystem(directory)
    clock = fileSystem == .network ? options.clock.shared : options.clock
    if !existed {
      guard fileSystem == .local || options.locksWork(directory) else { throw .locksDoNotWork }
      try createFile()
      identity = FileIdentity(options.path)
    }
    let opened = try connect(fileSystem)
    guard let watch = StoreWatch(options.path, isLogged: opened.isLogged) else { throw .cannotCreate(errno: ENOENT) }
    connection = opened.connection
    access = opened.access
    self.watch = watch
    generation += 1
    return opened.connection
  }

  // MARK: - Where it is

  private func createDirectory() throws(StoreProblem) {
    var made = ""
    for part in directory.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, 0o700) == 0 || errno == EEXIST || FileIdentity(made) != nil else {
        throw .cannotCreate(errno: errno)
      }
    }
  }

  private func refuseDocumentRoot() throws(StoreProblem) {
    guard let documentRoot = options.documentRoot else { return }
    if StoreLocation.isInside(options.path, documentRoot) { throw .belowDocumentRoot }
  }

  private func createFile() throws(StoreProblem) {
    // SQLite gives the files beside it the same permissions.
    let file = FileNames.openOrMake(options.path)
    guard file >= 0 else { throw .cannotCreate(errno: errno) }
    Glibc.close(file)
  }

  // MARK: - Connecting

  private struct Opened {
    var connection: SQLiteConnection
    var access: SQLiteConnection.Access
    var isLogged: Bool
  }

  private func connect(_ fileSystem: FileSystemKind) throws(StoreProblem) -> Opened {
    do throws(StoreProblem) {
      return try connectToWrite(fileSystem)
    } catch {
      guard case .failed(let failure) = error, [.readOnly, .cannotOpen, .full].contains(failure.kind),
        let size = FileIdentity(options.path)?.size, size > 0
      else { throw error }
      remember(error)
      return try connectToRead()
    }
  }

  /// Where nothing can be written, SQLite cannot even read by itself: the log's index would have to be made.
  private func connectToRead() throws(StoreProblem) -> Opened {
    do throws(StoreProblem) {
      return try connectToRead(.readOnly)
    } catch {
      // Without a log everything is in the file itself.
      guard FileIdentity(options.path + "-wal")?.size ?? 0 == 0 else { throw error }
      return try connectToRead(.immutable)
    }
  }

  private func connectToRead(_ access: SQLiteConnection.Access) throws(StoreProblem) -> Opened {
    let connection = try connection(access, .local)
    let found = try look(connection)
    guard found.layout > 0 else { throw .readOnly }
    return Opened(connection: connection, access: access, isLogged: access == .readOnly && found.isLogged)
  }

  private func connectToWrite(_ fileSystem: FileSystemKind) throws(StoreProblem) -> Opened {
    let connection = try connection(.readWrite, fileSystem)
    var found = try look(connection)
    let isLogged = fileSystem == .local
    if found.layout < StoreLayout.current || found.isLogged != isLogged {
      let laidOut = try FileLock.holding(lockPath, milliseconds: StoreFile.layoutMilliseconds) {
        () throws(StoreProblem) in
        connection.wait(milliseconds: StoreFile.lonelyMilliseconds)
        defer { wait(connection) }
        do throws(SQLiteFailure) {
          try layOut(connection, isLogged: isLogged)
        } catch {
          guard error.kind == .busy || error.kind == .readOnly else { throw .failed(error) }
          // A file without tables that others have open was emptied under them, and they keep its lock until they
          // notice; or it is somebody else's. In our directory it can be replaced.
          if found.layout == 0 { throw .failed(SQLiteFailure(.damaged, code: error.code)) }
          // Others may go on with the journal that they have.
          guard error.kind == .busy, found.layout >= StoreLayout.current else { throw .failed(error) }
        }
        return try look(connection)
      }
      guard let laidOut else { throw .beingLaidOut }
      found = laidOut
    }
    return Opened(connection: connection, access: .readWrite, isLogged: found.isLogged)
  }

  private func connection(
    _ access: SQLiteConnection.Access, _ fileSystem: FileSystemKind
  ) throws(StoreProblem) -> SQLiteConnection {
    try known { () throws(SQLiteFailure) in
      let connection = try SQLiteConnection(path: options.path, access)
      wait(connection)
      // On a network file system a file that another machine has changed is not changed in what is mapped here.
      let mapped = fileSystem == .local ? options.maximumBytes : 0
      try connection.execute(
        """
        PRAGMA mmap_size = \(mapped);
        PRAGMA journal_size_limit = \(StoreFile.journalBytes);
        PRAGMA cell_size_check = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA synchronous = \(fileSystem == .local ? "NORMAL" : "FULL");
        """)
      return connection
    }
  }

  private struct Look {
    var layout: Int64
    var isLogged: Bool
  }

  private func look(_ connection: SQLiteConnection) throws(StoreProblem) -> Look {
    var (id, layout, isEmpty, isLogged) = (Int64(0), Int64(0), true, false)
    try known { () throws(SQLiteFailure) in
      try connection.reading { () throws(SQLiteFailure) in
        id = try connection.int(StoreStatement.applicationID) ?? 0
        layout = try connection.int(StoreStatement.layout) ?? 0
        isEmpty = try connection.int(StoreStatement.anyTable) == nil
      }
      try connection.run(StoreStatement.journalMode) { row in isLogged = row.text(0) == "wal" }
    }
    guard id == StoreLayout.applicationID || (id == 0 && layout == 0 && isEmpty) else { throw .foreign }
    if StoreLayout.isNewer(layout) { throw .newerLayout(layout) }
    return Look(layout: layout, isLogged: isLogged)
  }

  /// Brings the file to the present layout, whatever it finds.
  private func layOut(_ connection: SQLiteConnection, isLogged: Bool) throws(SQLiteFailure) {
    // It has an effect only before the first table.
    try connection.execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = \(isLogged ? "WAL" : "TRUNCATE")")
    try connection.writing { () throws(SQLiteFailure) in
      let layout = try connection.int(StoreStatement.layout) ?? 0
      guard layout < StoreLayout.current else { return }
      if layout == StoreLayout.first {
        try connection.execute(String(decoding: PackageResources.upgrade_1_1_sql, as: UTF8.self))
      }
      try connection.execute(String(decoding: PackageResources.layout_sql, as: UTF8.self))
      try connection.execute(
        "PRAGMA application_id = \(StoreLayout.applicationID); PRAGMA user_version = \(StoreLayout.current)")
    }
  }

  // MARK: - Another file in its place

  /// Removes the log of a file that is not there any more. SQLite would lay it over the file that is there now, and
  /// neither would be what it was. A log that came with the new file stays.
  func removeLog(of watch: StoreWatch) {
    _ = FileLock.holding(lockPath, milliseconds: StoreFile.layoutMilliseconds) {
      for (suffix, identity) in watch.beside {
        guard let found = FileIdentity(options.path + suffix), found.isSameFile(as: identity) else { continue }
        unlink(options.path + suffix)
      }
    }
  }

  // MARK: - Damage

  /// Sets a damaged file aside, so that a new one takes its place. One process does that; what the others find damaged
  /// is not there any more then.
  ///
  /// - Returns: whether it is gone.
  func setAside() -> Bool {
    connection?.close(leavingLog: true)
    connection = nil
    watch = nil
    guard let identity else { return false }
    return FileLock.holding(lockPath, milliseconds: StoreFile.layoutMilliseconds) { setAside(identity) } ?? false
  }

  private func setAside(_ identity: FileIdentity) -> Bool {
    guard let found = FileIdentity(options.path) else { return true }
    guard found.isSameFile(as: identity) else { return true }
    let (folder, name) = (directory, String(options.path.dropFirst(directory == "/" ? 1 : directory.utf8.count + 1)))
    let earlier = FileNames.inDirectory(folder, beginningWith: name + StoreFile.damaged)
    let aside = "\(options.path)\(StoreFile.damaged)\(FileNames.stamp(of: options.clock.wall()))"
    // The log first: whoever makes a new file must not find the old one's log.
    for suffix in ["-wal", "-shm", "-journal"] { rename(options.path + suffix, aside + suffix) }
    guard rename(options.path, aside) == 0 else { return false }
    for old in earlier where !("\(folder)/\(old)").hasPrefix(aside) { unlink("\(folder)/\(old)") }
    logger.error(
      "\(StoreFile.name): the file is damaged; it was set aside, and a new one is made", metadata: ["as": "\(aside)"])
    return true
  }

  private static let damaged = ".damaged-"
}
