internal import Core
internal import Postgres

extension MusicBrainzDatabase {
  /// Runs statements in one round trip and one snapshot, after it has been made sure that the import is finished.
  ///
  /// A table that has no rows must not pass for an artist who has no albums: the client would delete them. So an answer
  /// in which something is missing is asked for again, in one snapshot with whether all tables have rows. That is seldom,
  /// and costs other questions nothing.
  ///
  /// - Parameters:
  ///   - coverArt: is run as well if this database has the Cover Art Archive's tables.
  ///   - isWhole: whether an answer shows by itself that all tables have rows.
  ///   - parameters: those of each statement.
  func ask<Answer>(
    _ statements: [Statement], withCoverArt coverArt: Statement? = nil, by deadline: Deadline, into initial: Answer,
    isWhole: (Answer) -> Bool, about parameters: (Statement) -> [PostgresParameter],
    add: (inout Answer, Statement, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Answer {
    func ask(_ first: [Statement]) throws(PostgresFailure) -> Answer {
      var all: [Statement] = []
      return try client.run(
        { facts in
          all = first + statements + (facts.first == true ? [coverArt].compactMap { $0 } : [])
          return all.map { statement in
            var query = PostgresQuery(statement.prepared)
            if statement != .populated, statement != .filled { query.parameters = parameters(statement) }
            query.isStreamed = statement.mayFindThousands
            return query
          }
        }, into: initial, by: deadline
      ) { answer, index, rows throws(PostgresFailure) in
        let statement = all[index]
        try rows.forEach { row throws(PostgresFailure) in
          switch statement {
          case .populated:
            guard try row.bool() else {
              throw PostgresFailure(.empty, "the import of schema musicbrainz has not been finished")
            }
          case .filled:
            let table = try row.text()
            throw PostgresFailure(
              .empty, table == "artist" ? "schema musicbrainz holds no data" : "table \(table) holds no data")
          default: try add(&answer, statement, &row)
          }
        }
      }
    }
    do throws(PostgresFailure) {
      do throws(PostgresFailure) {
        let answer = try ask([.populated])
        if isWhole(answer) { return answer }
      } catch {
        // Rows that refer to what is not there: an empty table would explain them.
        guard error.kind == .misunderstood || error.kind == .empty else { throw error }
      }
      return try ask([.populated, .filled])
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }

  /// What one statement finds. That it finds nothing is believed only where all tables have rows.
  func look<Answer>(
    for statement: Statement, _ parameters: PostgresParameter..., by deadline: Deadline, into initial: Answer,
    isWhole: (Answer) -> Bool, add: (inout Answer, inout PostgresRow) throws(PostgresFailure) -> Void
  ) throws(SourceError) -> Answer {
    try ask([statement], by: deadline, into: initial, isWhole: isWhole) { _ in
      parameters
    } add: { answer, _, row throws(PostgresFailure) in
      try add(&answer, &row)
    }
  }

  /// The rows that one statement finds, as ``look(for:_:by:into:isWhole:add:)``.
  func look<Element>(
    for statement: Statement, _ parameters: PostgresParameter..., by deadline: Deadline,
    _ read: (inout PostgresRow) throws(PostgresFailure) -> Element
  ) throws(SourceError) -> [Element] {
    try ask([statement], by: deadline, into: []) {
      !$0.isEmpty
    } about: { _ in
      parameters
    } add: { (found: inout [Element], _, row) throws(PostgresFailure) in
      found.append(try read(&row))
    }
  }

  /// The answer of a statement without parameters; nil when it has no row.
  func ask<Value>(
    _ statement: Statement, by deadline: Deadline,
    _ read: (inout PostgresRow) throws(PostgresFailure) -> Value?
  ) throws(SourceError) -> Value? {
    do throws(PostgresFailure) {
      return try client.run({ _ in [PostgresQuery(statement.prepared)] }, into: nil, by: deadline) {
        (answer: inout Value?, _, rows) throws(PostgresFailure) in
        try rows.forEach { row throws(PostgresFailure) in answer = try read(&row) }
      }
    } catch {
      throw error.sourceError(of: MusicBrainzDatabase.name)
    }
  }
}
