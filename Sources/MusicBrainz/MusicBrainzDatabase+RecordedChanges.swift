internal import Core
internal import Metadata
internal import Postgres

extension MusicBrainzDatabase {
  /// The next changes that triggers have recorded.
  func recordedChanges(
    after position: ChangePosition, _ state: ChangeState, limit: Int, by deadline: Deadline
  ) throws(SourceError) -> ChangeBatch {
    var position = position
    var hasGap = position.hasGap
    position.hasGap = false
    // The changes of a round that has begun have been made.
    if position.round == nil, state.isHalfApplied { return position.batch(hasGap: hasGap) }
    var round =
      position.round
      ?? ChangePosition.Round(until: state.snapshot, time: state.time, sequence: state.sequence)

    let limit = max(1, limit)
    let span = try changeRows(
      of: .changeSpan,
      [
        .text(position.seen.text), .text(round.until.text), .text("\(round.first)"), .int8(round.second),
        .int8(Int64(limit)),
      ], by: deadline
    ) { row throws(PostgresFailure) in
      let id = Int64(try row.int())
      let transaction = Int64(try row.text()) ?? 0
      return (id: id, transaction: transaction, rows: try row.int(), made: Int64(try row.int()))
    }
    let rows = span.reduce(0) { $0 + $1.rows }
    let isLast = span.count < limit && rows < limit
    let seeds =
      span.isEmpty
      ? ChangeSeeds() : try documents(of: seeds(ofChanges: span.map(\.id), by: deadline), by: deadline)
    if isLast {
      // At the end, because old changes may be removed while they are read.
      if try lostChanges(since: position, until: round, by: deadline) { hasGap = true }
      // Whoever keeps the position need not write where nothing happened.
      if !span.isEmpty || hasGap || position.round != nil || round.sequence != position.sequence {
        position.seen = round.until
        position.time = round.time
        position.sequence = round.sequence
      }
      position.round = nil
    } else if let last = span.last {
      round.first = last.transaction
      round.second = last.id
      position.round = round
    }
    return ChangeBatch(
      changes: seeds.changes, position: position.description, isLast: isLast, rows: rows,
      oldest: span.map(\.made).min().map { UnixTime(seconds: $0) }, hasGap: hasGap || seeds.isEverything)
  }

  /// Whether some changes of a round can no longer be told.
  private func lostChanges(
    since position: ChangePosition, until round: ChangePosition.Round, by deadline: Deadline
  ) throws(SourceError) -> Bool {
    var (first, last): (Int64, Int64) = (0, 0)
    if let known = position.sequence, let now = round.sequence { (first, last) = (known, now) }
    let found = try changeRows(
      of: .changeGaps, [.text(position.seen.text), .text(round.until.text), .int8(first), .int8(last)], by: deadline
    ) { row throws(PostgresFailure) in try row.bool() }
    return found.contains(true)
  }

  /// What recorded changes refer to.
  private func seeds(ofChanges ids: [Int64], by deadline: Deadline) throws(SourceError) -> ChangeSeeds {
    do throws(PostgresFailure) {
      return try client.run(
        { facts in
          let hasCovers = facts.first == true
          let statements: [ChangeStatement] = hasCovers ? [.changeSeeds, .changeCoverSeeds] : [.changeSeeds]
          return statements.map { $0.query([.int8s(ids)]) }
        }, into: ChangeSeeds(), by: deadline
      ) { (seeds: inout ChangeSeeds, _, rows) throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in
          let kind = ChangeSeeds.Kind(rawValue: try row.text()) ?? .everything
          let key = try row.optionalInt().map(Int64.init)
          let id = try row.optionalUUID()
          seeds.add(kind, key: key, id: id, name: row.optionalText())
        }
      }
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }
}
