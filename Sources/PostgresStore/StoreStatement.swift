internal import Postgres

/// What is asked of the store's database. The SQL is in the files named so.
enum StoreStatement: String, CaseIterable {
  case layout, migrate
  // Documents.
  case get, revision, set, settle, forget, revoke, due, changed, scan, stage, insertStaged
  // What is due, and whose it is.
  case claimDue, giveBack, unstamped, noteStamps
  // How far readers of changes have come.
  case bookmarkGet, bookmarkMove
  // Small values.
  case valueGet, valuePut, valueIncrement, valueDelete, valueTidy
  // The queue of builds.
  case queueLock, queueAdd, queuePlace, queuePlaces, queueClaim, queueRenew, queueFinish, queueFail, queueGiveBack
  case queueProgress
  // The queue of purges.
  case purgeAdd, purgeClaim, purgeFinish, purgeFail, purgeGiveBack, purgeBacklog

  var prepared: PostgresStatement { StoreStatement.all[self] ?? PostgresStatement(rawValue, sql) }

  static func text(_ statement: StoreStatement) -> String { String(decoding: statement.sql, as: UTF8.self) }

  private static let all = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, PostgresStatement("cache_\($0.rawValue)", $0.sql)) })

  private var sql: [UInt8] {
    switch self {
    case .layout: PackageResources.layout_sql
    case .migrate: PackageResources.migrate_sql
    case .get: PackageResources.get_sql
    case .set: PackageResources.set_sql
    case .revision: PackageResources.revision_sql
    case .settle: PackageResources.settle_sql
    case .forget: PackageResources.forget_sql
    case .revoke: PackageResources.revoke_sql
    case .due: PackageResources.due_sql
    case .claimDue: PackageResources.claim_due_sql
    case .giveBack: PackageResources.give_back_sql
    case .unstamped: PackageResources.unstamped_sql
    case .noteStamps: PackageResources.note_stamps_sql
    case .changed: PackageResources.changed_sql
    case .scan: PackageResources.scan_sql
    case .stage: PackageResources.stage_sql
    case .insertStaged: PackageResources.insert_staged_sql
    case .bookmarkGet: PackageResources.bookmark_get_sql
    case .bookmarkMove: PackageResources.bookmark_move_sql
    case .valueGet: PackageResources.value_get_sql
    case .valuePut: PackageResources.value_put_sql
    case .valueIncrement: PackageResources.value_increment_sql
    case .valueDelete: PackageResources.value_delete_sql
    case .valueTidy: PackageResources.value_tidy_sql
    case .queueLock: PackageResources.queue_lock_sql
    case .queueAdd: PackageResources.queue_add_sql
    case .queuePlace: PackageResources.queue_place_sql
    case .queuePlaces: PackageResources.queue_places_sql
    case .queueClaim: PackageResources.queue_claim_sql
    case .queueRenew: PackageResources.queue_renew_sql
    case .queueFinish: PackageResources.queue_finish_sql
    case .queueFail: PackageResources.queue_fail_sql
    case .queueGiveBack: PackageResources.queue_give_back_sql
    case .queueProgress: PackageResources.queue_progress_sql
    case .purgeAdd: PackageResources.purge_add_sql
    case .purgeClaim: PackageResources.purge_claim_sql
    case .purgeFinish: PackageResources.purge_finish_sql
    case .purgeFail: PackageResources.purge_fail_sql
    case .purgeGiveBack: PackageResources.purge_give_back_sql
    case .purgeBacklog: PackageResources.purge_backlog_sql
    }
  }
}
