public import Cache
public import Core
public import Documents
internal import SQLite

/// The durable tier in a SQLite file. It answers in microseconds, and what one process has stored all others see at
/// once.
public final class SQLiteDurableTier: DurableTier {
  let file: StoreFile
  /// Rows that were asked for, and the hour to note beside them.
  var touched: [Int64: Int64] = [:]
  var touchedGeneration = 0
  public var isForPeople = true

  public init(_ file: StoreFile) { self.file = file }

  public var isAvailable: Bool { file.isReadable }
  public var isImmediate: Bool { true }

  public var pulse: Pulse? {
    get { file.pulse }
    set { file.pulse = newValue }
  }

  public func prepare() throws(SourceError) {}

  public func get(_ keys: [CacheKey]) throws(SourceError) -> [Document?] {
    guard !keys.isEmpty else { return [] }
    let hour = self.hour
    return try file.read { connection throws(SQLiteFailure) in
      let look = { () throws(SQLiteFailure) in
        var found: [Document?] = []
        found.reserveCapacity(keys.count)
        for key in keys {
          var document: Document?
          try connection.run(StoreStatement.get, [.id(key.id), .text(key.kind.name)]) { row throws(SQLiteFailure) in
            guard !row.isNull(1) else {
              document = .revocation
              return
            }
            document = Document(encoded: row.bytes(1))
            document?.expires = UnixTime(seconds: row.int(0))
            self.note(row.int(3), used: row.int(2), key.kind, hour)
          }
          found.append(document)
        }
        return found
      }
      return keys.count == 1 ? try look() : try connection.reading(look)
    }
  }

  public func revision() throws(SourceError) -> Int64 {
    try file.write { connection throws(SQLiteFailure) in try self.nextRevision(connection) }
  }

  func nextRevision(_ connection: SQLiteConnection) throws(SQLiteFailure) -> Int64 {
    try connection.int(StoreStatement.revision) ?? 0
  }

  public func set(_ documents: [CacheKey: Document], revision: Int64?) throws(SourceError) -> Set<CacheKey> {
    guard !documents.isEmpty else { return [] }
    let rows = documents.map { key, document in Row(key, document, isForPeople ? hour : nil) }
    let now = SQLiteValue.int(file.clock.wall().seconds)
    return try file.write { connection throws(SQLiteFailure) in
      var refused: Set<CacheKey> = []
      // Not even the file's last one: it was handed out by a file that was in its place.
      guard let revision, revision <= (try connection.int(StoreStatement.lastRevision) ?? 0) else {
        for row in rows where !row.isGone {
          let revision = try self.nextRevision(connection)
          try connection.run(
            StoreStatement.settle,
            [row.kind, row.id, row.expires, row.fingerprint, .int(revision), now, row.used, row.value, row.stamp])
        }
        return refused
      }
      for row in rows {
        try connection.run(
          StoreStatement.set,
          [
            row.kind, row.id, row.expires, row.fingerprint, .int(revision), now, row.used, row.isGone ? 1 : 0,
            row.value, row.stamp,
          ])
        if connection.changes == 0 { refused.insert(row.key) }
      }
      return refused
    }
  }

  public func forget(_ keys: [CacheKey], revision: Int64?) throws(SourceError) {
    guard !keys.isEmpty else { return }
    let now = SQLiteValue.int(file.clock.wall().seconds)
    try file.write { connection throws(SQLiteFailure) in
      for key in keys {
        try connection.run(StoreStatement.forget, [.text(key.kind.name), .id(key.id), .int(revision ?? 0), now])
      }
    }
  }

  @discardableResult
  public func revoke(
    _ keys: [CacheKey], because reason: RevocationReason, moving bookmarks: [BookmarkMove]
  ) throws(SourceError) -> Bool {
    guard !keys.isEmpty || !bookmarks.isEmpty else { return true }
    let now = file.clock.wall().seconds
    return try file.write { connection throws(SQLiteFailure) in
      if !keys.isEmpty {
        try connection.run(
          StoreStatement.outlived,
          [.int(now - SQLiteDurableTier.markSeconds), .int(now - SQLiteDurableTier.goneSeconds)])
        let revision = SQLiteValue.int(try self.nextRevision(connection))
        for key in keys {
          try connection.run(
            StoreStatement.revoke,
            [.text(key.kind.name), .id(key.id), .int(now), revision, reason == .changed ? 1 : 0])
        }
      }
      var moved = 0
      for move in bookmarks {
        if let from = move.from {
          try connection.run(StoreStatement.bookmarkMove, [.text(move.name), .text(from), .text(move.to)])
        } else {
          try connection.run(StoreStatement.bookmarkPlace, [.text(move.name), .text(move.to)])
        }
        moved += connection.changes
      }
      return moved == bookmarks.count
    }
  }

  public func bookmarks(_ names: [String]) throws(SourceError) -> [String?] {
    try file.read { connection throws(SQLiteFailure) in
      var found: [String?] = []
      for name in names {
        var value: String?
        try connection.run(StoreStatement.bookmarkGet, [.text(name)]) { row throws(SQLiteFailure) in
          value = row.text(0)
        }
        found.append(value)
      }
      return found
    }
  }

  /// How long a mark of revocation lives at least, and that something is gone, in seconds.
  static let (markSeconds, goneSeconds): (Int64, Int64) = (86_400, 30 * 86_400)

  public func due(_ kind: CacheKey.Kind, before time: UnixTime, limit: Int) throws(SourceError) -> [MBID] {
    try file.read { connection throws(SQLiteFailure) in
      var ids: [MBID] = []
      try connection.run(
        StoreStatement.due, [.text(kind.name), .int(time.seconds), .int(Int64(limit))]
      ) { row throws(SQLiteFailure) in
        if let id = row.id(0) { ids.append(id) }
      }
      return ids
    }
  }

  public func changed(
    _ kinds: [CacheKey.Kind], since time: UnixTime, limit: Int
  ) throws(SourceError) -> [Change] {
    try file.read { connection throws(SQLiteFailure) in
      // The newest of each kind: the newest of all are among them.
      var newest: [MBID: Int64] = [:]
      try connection.reading { () throws(SQLiteFailure) in
        for kind in kinds {
          for statement in [StoreStatement.changed, StoreStatement.announced] {
            try connection.run(
              statement, [.text(kind.name), .int(time.seconds), .int(Int64(limit))]
            ) { row throws(SQLiteFailure) in
              if let id = row.id(0) { newest[id] = max(newest[id] ?? .min, row.int(1)) }
            }
          }
        }
      }
      return newest.sorted { ($1.value, $0.key.high, $0.key.low) < ($0.value, $1.key.high, $1.key.low) }
        .prefix(max(0, limit)).map { Change(id: $0.key, time: UnixTime(seconds: $0.value)) }
    }
  }

  public func scan(
    _ kind: CacheKey.Kind, after id: MBID?, limit: Int
  ) throws(SourceError) -> [(id: MBID, document: Document?)] {
    try file.read { connection throws(SQLiteFailure) in
      var rows: [(id: MBID, document: Document?)] = []
      try connection.run(
        StoreStatement.scan, [.text(kind.name), .id(id ?? MBID(high: 0, low: 0)), .int(Int64(limit))]
      ) { row throws(SQLiteFailure) in
        guard let id = row.id(0) else { return }
        var document = Document(encoded: row.bytes(2))
        document?.expires = UnixTime(seconds: row.int(1))
        rows.append((id, document))
      }
      return rows
    }
  }

  /// Makes sure that it answers, and can be written to.
  ///
  /// - Parameter milliseconds: how long the lock of another is waited for at most.
  public func ping(milliseconds: Int? = nil) throws(SourceError) {
    file.hurry = milliseconds
    defer { file.hurry = nil }
    _ = try revision()
  }

  // MARK: - What is used

  var hour: Int64 { file.clock.wall().seconds / 3_600 }

  /// How much longer than other documents those are kept that hold what a source said, in hours. They are asked for only
  /// when documents that are made from them are made again, and cost the source a question then.
  static let sourceHours: Int64 = 90 * 24
  /// How old the note of the last use becomes, in hours: noting it costs a write.
  private static let noteHours: Int64 = 6
  private static let mostTouched = 1_000

  private func note(_ row: Int64, used: Int64, _ kind: CacheKey.Kind, _ hour: Int64) {
    let hour = hour + (kind.isSource ? SQLiteDurableTier.sourceHours : 0)
    guard isForPeople, hour - used >= SQLiteDurableTier.noteHours else { return }
    if touchedGeneration != file.generation {
      touched = [:]
      touchedGeneration = file.generation
    }
    if touched.count < SQLiteDurableTier.mostTouched { touched[row] = hour }
  }

  /// A document as its row has it.
  private struct Row {
    let key: CacheKey
    let kind, id, expires, fingerprint, used, value, stamp: SQLiteValue
    let isGone: Bool

    /// - Parameter hour: nil when nobody has asked for it.
    init(_ key: CacheKey, _ document: Document, _ hour: Int64?) {
      self.key = key
      kind = .text(key.kind.name)
      id = .id(key.id)
      expires = .int(document.expires.seconds)
      fingerprint = .int(Int64(bitPattern: document.fingerprint))
      used = .int(hour.map { $0 + (key.kind.isSource ? SQLiteDurableTier.sourceHours : 0) } ?? 0)
      value = .blob(document.encoded())
      stamp = .int(Int64(bitPattern: document.stamp))
      isGone = document.state != .present
    }
  }
}
