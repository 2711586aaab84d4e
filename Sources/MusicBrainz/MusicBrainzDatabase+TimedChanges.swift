internal import Core
internal import Metadata
internal import Postgres

extension MusicBrainzDatabase {
  /// The time in a row is when its transaction began on MusicBrainz' own server, and a packet holds what was committed
  /// since the packet before. So a row may be older than the packet before it by as long as a transaction takes. Nothing
  /// there takes a day; what was told before is told apart by who wrote it here, so that a wide margin costs little.
  private static let marginMicroseconds: Int64 = 86_400_000_000

  /// Below so many rows a table is read whole where no index helps, above in pages, one a batch.
  private static let smallTable = 100_000
  private static let pageRows: Int64 = 200_000

  /// The next changes that times in the rows tell of. A round reads one table after another.
  func timedChanges(
    after position: ChangePosition, _ state: ChangeState, limit: Int, by deadline: Deadline
  ) throws(SourceError) -> ChangeBatch {
    var position = position
    var batch = position.batch(hasGap: position.hasGap)
    let isOwn = position.epoch.isEmpty
    // Rows change when a packet is applied.
    if position.round == nil, isOwn, let known = position.sequence, known == state.sequence, !position.hasGap {
      return batch
    }
    var round =
      (isOwn ? position.round : nil)
      ?? ChangePosition.Round(until: state.snapshot, time: state.time, sequence: state.sequence)
    position.epoch = ""
    position.hasGap = false
    batch.isLast = false

    let sizes = try timedTables(by: deadline)
    guard sizes.count == TimedTable.all.count else {
      throw SourceError(.failed, "\(MusicBrainzDatabase.name): no answer about some tables")
    }
    var seeds = ChangeSeeds()
    while round.table < TimedTable.all.count, batch.rows < max(1, limit) {
      let table = TimedTable.all[round.table]
      let size = sizes[round.table]
      let isPaged = !size.isIndexed && table.hasPages && size.rows > MusicBrainzDatabase.smallTable
      let wanted = isPaged ? MusicBrainzDatabase.pageRows : Int64(max(1, limit) - batch.rows)
      var found: [TimedRow] = []
      if size.isThere {
        let since = position.time - MusicBrainzDatabase.marginMicroseconds
        found = try timedRows(
          of: table, isPaged: isPaged,
          [
            .int8(since), .int8(round.first), .int8(round.second), .int8(wanted), .int8(Int64(position.seen.lowest)),
            .int8(Int64(state.snapshot.next)),
          ], by: deadline)
        if !size.isIndexed { batch.scanned.append(table.name) }
      }
      let last = isPaged ? found.popLast() : found.last
      for row in found { seeds.add(row, of: table) }
      batch.rows += found.count
      let oldest = found.compactMap(\.time).min().map { UnixTime(seconds: $0 / 1_000_000) }
      if let oldest, batch.oldest.map({ oldest < $0 }) ?? true { batch.oldest = oldest }
      if isPaged ? last?.key == nil : found.count < wanted {
        round.table += 1
        (round.first, round.second) = (0, 0)
      } else {
        (round.first, round.second) = (last?.time ?? 0, last?.key ?? 0)
      }
      if isPaged { break }
    }
    if round.table >= TimedTable.all.count {
      position.seen = round.until
      position.time = round.time
      position.sequence = round.sequence
      position.round = nil
      batch.isLast = true
    } else {
      position.round = round
    }
    seeds = try documents(of: seeds, by: deadline)
    batch.changes = seeds.changes
    batch.hasGap = batch.hasGap || seeds.isEverything
    batch.position = position.description
    return batch
  }

  private func timedTables(
    by deadline: Deadline
  ) throws(SourceError) -> [(isThere: Bool, isIndexed: Bool, rows: Int)] {
    try changeRows(
      of: .timedTables, [.texts(TimedTable.all.map(\.name)), .texts(TimedTable.all.map(\.time))], by: deadline
    ) { row throws(PostgresFailure) in
      (isThere: try row.bool(), isIndexed: try row.bool(), rows: try row.int())
    }
  }

  private func timedRows(
    of table: TimedTable, isPaged: Bool, _ parameters: [PostgresParameter], by deadline: Deadline
  ) throws(SourceError) -> [TimedRow] {
    var query = PostgresQuery(table.statement(isPaged: isPaged))
    query.parameters = parameters
    do throws(PostgresFailure) {
      return try client.run({ _ in [ChangeStatement.timedSettings.query([]), query] }, into: [], by: deadline) {
        (answer: inout [TimedRow], index, rows) throws(PostgresFailure) in
        guard index == 1 else { return }
        try rows.forEach { row throws(PostgresFailure) in
          let time = try row.optionalInt().map(Int64.init)
          let key = try row.optionalInt().map(Int64.init)
          let first = try row.optionalInt().map(Int64.init)
          answer.append(
            TimedRow(time: time, key: key, first: first, id: try row.optionalUUID(), name: row.optionalText()))
        }
      }
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }
}

private struct TimedRow {
  var time: Int64?
  var key: Int64?
  var first: Int64?
  var id: MBID?
  var name: String?
}

extension ChangeSeeds {
  /// Adds what a row refers to.
  fileprivate mutating func add(_ row: TimedRow, of table: TimedTable) {
    for kind in table.first.kinds { add(kind, key: row.first, id: nil, name: nil) }
    for kind in table.id.kinds { add(kind, key: nil, id: row.id, name: nil) }
    guard let name = row.name else { return }
    if table.genre != "NULL" {
      add(.genre, key: nil, id: nil, name: name)
      return
    }
    for page in name.split(separator: "\n") {
      for scheme in ["https", "http"] {
        let start = "\(scheme)://open.spotify.com/"
        if page.hasPrefix(start + "artist/") { changes.spotifyArtists.insert(String(page.dropFirst(start.count + 7))) }
        if page.hasPrefix(start + "album/") { changes.spotifyAlbums.insert(String(page.dropFirst(start.count + 6))) }
      }
    }
  }
}
