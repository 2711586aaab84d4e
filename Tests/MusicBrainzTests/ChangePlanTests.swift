import Testing

@testable import MusicBrainz
@testable import Postgres

extension DatabaseTests.PlanTests {
  /// Changes lead to documents through indexes, and times to rows.
  static func expectChangePlans(in database: Generated) throws {
    let comments = #/--.*/#
    func text(_ statement: PostgresStatement) -> String { statement.sql.replacing(comments, with: "") }
    // These read the catalogue, nothing, or what is newer than a moment, from its end on.
    let others: [ChangeStatement] = [.feedState, .timedTables, .timedSettings, .changeStart]
    let statements = ChangeStatement.allCases.filter { !others.contains($0) }
      .map { (name: $0.rawValue, text: text($0.query([]).statement), comment: "") }
    for (statement, plan) in zip(statements, try plans(of: statements, in: database)) {
      let whole = plan.read()
      #expect(whole.isEmpty, "\(statement.name): \(whole)")
    }
    // Transactions are numbers, and 9990 is not the last of them.
    let state = try database.psql(
      "PREPARE state AS \(text(ChangeStatement.changeState.query([]).statement)); EXECUTE state('{}')")
    #expect(String(decoding: state, as: UTF8.self).contains("|19980|"))
    try database.install()
    let tables = TimedTable.all.map { (name: $0.name, text: text($0.statement(isPaged: false)), comment: "") }
    for (table, plan) in zip(TimedTable.all, try plans(of: tables, in: database)) {
      let index = "linernotes_idx_\(table.name.split(separator: ".").last ?? "")_\(table.time)"
      #expect(plan.indexes.contains(index), "\(table.name): \(plan.indexes)")
    }
    let paged = TimedTable.all.filter(\.hasPages)
    let pages = paged.map { (name: $0.name, text: text($0.statement(isPaged: true)), comment: "") }
    for (table, plan) in zip(paged, try plans(of: pages, in: database)) {
      let whole = plan.read()
      #expect(whole.isEmpty, "a page of \(table.name): \(whole)")
    }
  }
}
