public import Cache
internal import Core
internal import SQLite

/// The tier that the processes share where there is no memcached: leases, counters, pauses and marks, in the same file
/// as the documents.
public final class SQLiteTier: CacheTier {
  private let file: StoreFile

  public init(_ file: StoreFile) { self.file = file }

  public var isAvailable: Bool { file.isWritable }
  public var holdsDocuments: Bool { false }

  public func get(_ keys: [String]) -> [[UInt8]?] { read(keys).map(\.value) }

  public func read(_ keys: [String]) -> [VersionedValue] {
    guard !keys.isEmpty else { return [] }
    let found = try? file.read { connection throws(SQLiteFailure) in
      let look = { () throws(SQLiteFailure) in
        var notes: [VersionedValue] = []
        for key in keys {
          let note = try self.note(key, connection)
          notes.append(
            VersionedValue(
              value: note?.value, version: note.map { .number(UInt64(bitPattern: $0.version)) } ?? .missing))
        }
        return notes
      }
      return keys.count == 1 ? try look() : try connection.reading(look)
    }
    return found ?? keys.map { _ in VersionedValue(value: nil, version: nil) }
  }

  public func set(_ items: [CacheItem]) {
    guard !items.isEmpty else { return }
    try? file.write { connection throws(SQLiteFailure) in
      for item in items { try self.set(item, connection) }
    }
  }

  public func replace(_ items: [ConditionalItem]) -> [StoreOutcome] {
    guard !items.isEmpty else { return [] }
    let outcomes = try? file.write { connection throws(SQLiteFailure) in
      var outcomes: [StoreOutcome] = []
      for conditional in items {
        let note = try self.note(conditional.item.key, connection)
        let version = note.map { CacheVersion.number(UInt64(bitPattern: $0.version)) }
        // What has expired since was not overtaken.
        guard version == nil || version == conditional.version else {
          outcomes.append(.overtaken)
          continue
        }
        try self.set(conditional.item, connection)
        outcomes.append(.stored)
      }
      return outcomes
    }
    return outcomes ?? items.map { _ in .unavailable }
  }

  public func add(_ item: CacheItem) -> AddOutcome {
    // Most often somebody else has it; then nothing is written.
    if case .some(.some) = get([item.key]).first { return .exists }
    let outcome = try? file.write { connection throws(SQLiteFailure) in
      guard try self.note(item.key, connection) == nil else { return AddOutcome.exists }
      try self.set(item, connection)
      return .added
    }
    return outcome ?? .unavailable
  }

  public func delete(_ key: String) {
    try? file.write { connection throws(SQLiteFailure) in
      try connection.run(StoreStatement.noteDelete, [.text(key)])
    }
  }

  public func increment(_ key: String, by amount: UInt64, lifetime: Int64) -> UInt64? {
    let count = try? file.write { connection throws(SQLiteFailure) -> UInt64? in
      guard var note = try self.note(key, connection) else {
        try self.set(CacheItem(key, Array(String(amount).utf8), lifetime: lifetime), connection)
        return amount
      }
      guard let count = UInt64(String(decoding: note.value, as: UTF8.self)) else { return nil }
      note.value = Array(String(count &+ amount).utf8)
      try self.store(note, key, connection)
      return count &+ amount
    }
    return count ?? nil
  }

  // MARK: - Notes

  private struct Note {
    var value: [UInt8]
    var version: Int64
    var boot: Int64
    var began: Int64
    var lifetime: Int64
    var expires: Int64
  }

  /// What is shorter than this holds for processes of one start of the machine, such as leases: another start has made
  /// it void. In seconds.
  private static let shortLifetime: Int64 = 7_200

  private func note(_ key: String, _ connection: SQLiteConnection) throws(SQLiteFailure) -> Note? {
    var note: Note?
    try connection.run(StoreStatement.noteGet, [.text(key)]) { row throws(SQLiteFailure) in
      note = Note(
        value: row.bytes(0), version: row.int(1), boot: row.int(2), began: row.int(3), lifetime: row.int(4),
        expires: row.int(5))
    }
    return note.flatMap { isAlive($0) ? $0 : nil }
  }

  private func isAlive(_ note: Note) -> Bool {
    if note.boot == file.clock.boot {
      let (age, overflow) = file.clock.sinceBoot().subtractingReportingOverflow(note.began)
      return !overflow && age >= 0 && age / 1_000 < note.lifetime
    }
    guard note.lifetime >= SQLiteTier.shortLifetime else { return false }
    // By a wall clock that was set back it would live for longer than it was given.
    let left = UnixTime(seconds: note.expires) - file.clock.wall()
    return left > 0 && left <= note.lifetime
  }

  private func set(_ item: CacheItem, _ connection: SQLiteConnection) throws(SQLiteFailure) {
    guard item.lifetime > 0 else { return try connection.run(StoreStatement.noteDelete, [.text(item.key)]) }
    try store(
      Note(
        value: item.value, version: 0, boot: file.clock.boot, began: file.clock.sinceBoot(), lifetime: item.lifetime,
        expires: (file.clock.wall() + item.lifetime).seconds),
      item.key, connection)
  }

  private func store(_ note: Note, _ key: String, _ connection: SQLiteConnection) throws(SQLiteFailure) {
    try connection.run(
      StoreStatement.noteSet,
      [
        .text(key), .int(.random(in: .min ... .max)), .int(note.boot), .int(note.began), .int(note.lifetime),
        .int(note.expires), .blob(note.value),
      ])
  }
}
