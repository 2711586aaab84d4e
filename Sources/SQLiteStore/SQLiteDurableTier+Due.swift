public import Cache
public import Core
internal import Documents
internal import SQLite

extension SQLiteDurableTier {
  /// Up to which part of the room ids may be added that are only known to exist, and made into documents: beyond it,
  /// what people ask for would make room for what nobody has asked for.
  private static let (awaitedShare, shares): (Int64, Int64) = (4, 5)
  private static let insertsAtOnce = 2_000

  public func claimDue(_ question: DueQuestion, seconds: Int64) throws(SourceError) -> [DueDocument] {
    guard question.limit > 0 else { return [] }
    let now = file.clock.wall().seconds
    let until = (now + min(max(1, seconds), DueQuestion.longestClaim)) * 1_000
    let stamp = Int64(bitPattern: question.stamp ?? 0)
    var ranges: [(statement: SQLiteStatement, from: Int64, before: Int64)] = [
      (StoreStatement.dueStale, 0, question.before.seconds)
    ]
    if stamp != 0 {
      ranges.append((StoreStatement.dueStamp, .min, stamp))
      if stamp < .max { ranges.append((StoreStatement.dueStamp, stamp + 1, .max)) }
    }
    return try file.write { connection throws(SQLiteFailure) in
      if try self.hasRoomForAwaited(connection) { ranges.append((StoreStatement.dueStale, .min, 0)) }
      var due: [DueDocument] = []
      for range in ranges where due.count < question.limit {
        var rows: [Int64] = []
        try connection.run(
          range.statement,
          [
            .text(question.kind.name), .int(range.from), .int(range.before), .int(now * 1_000),
            .int(DueQuestion.longestClaim * 1_000), .int(question.usedHour), .int(Int64(question.limit - due.count)),
            question.wantsDocuments ? 1 : 0,
          ]
        ) { row throws(SQLiteFailure) in
          guard let id = row.id(1) else { return }
          let (expires, noted, isThere) = (row.int(2), row.int(4), row.int(5) != 0)
          var document = row.isNull(6) ? nil : Document(encoded: row.bytes(6))
          document?.expires = UnixTime(seconds: expires)
          rows.append(row.int(0))
          due.append(
            DueDocument(
              CacheKey(question.kind, id), document: document,
              fingerprint: isThere ? UInt64(bitPattern: row.int(3)) : nil,
              isUrgent: !isThere || expires <= 0 || (stamp != 0 && noted != 0 && noted != stamp), claim: until))
        }
        for row in rows { try connection.run(StoreStatement.claim, [.int(row), .int(until)]) }
      }
      return due
    }
  }

  public func giveBack(_ documents: [DueDocument]) throws(SourceError) {
    guard !documents.isEmpty else { return }
    try file.write { connection throws(SQLiteFailure) in
      for due in documents {
        try connection.run(StoreStatement.giveBack, [.text(due.key.kind.name), .id(due.key.id), .int(due.claim)])
      }
    }
  }

  public func noteStamps(of kind: CacheKey.Kind, limit: Int) throws(SourceError) -> Int {
    try file.write { connection throws(SQLiteFailure) in
      var found: [(row: Int64, stamp: UInt64)] = []
      try connection.run(
        StoreStatement.unstamped, [.text(kind.name), .int(Int64(limit))]
      ) { row in found.append((row.int(0), Document.stamp(inHeader: row.bytes(1)))) }
      for (row, stamp) in found {
        try connection.run(StoreStatement.noteStamp, [.int(row), .int(Int64(bitPattern: stamp))])
      }
      return found.count
    }
  }

  public func insert(_ ids: [MBID], of kind: CacheKey.Kind) throws(SourceError) {
    // Others write between the transactions.
    for start in stride(from: 0, to: ids.count, by: SQLiteDurableTier.insertsAtOnce) {
      let batch = ids[start..<min(start + SQLiteDurableTier.insertsAtOnce, ids.count)]
      let isDone = try file.write { connection throws(SQLiteFailure) in
        guard try self.hasRoomForAwaited(connection) else { return false }
        for id in batch { try connection.run(StoreStatement.insert, [.text(kind.name), .id(id)]) }
        return true
      }
      guard isDone else { throw SourceError(.crowded, "SQLite store: STORE_MAX_BYTES leaves no room for more ids") }
    }
  }

  private func hasRoomForAwaited(_ connection: SQLiteConnection) throws(SQLiteFailure) -> Bool {
    let limit = min(file.options.maximumBytes, file.ceiling ?? .max)
    return try file.bytesInUse(connection) < limit / SQLiteDurableTier.shares * SQLiteDurableTier.awaitedShare
  }
}
