internal import SQLite

/// What is asked of the queue of builds. The SQL is in the files named so.
enum QueueStatement {
  static let count = SQLiteStatement(PackageResources.queue_count_sql)
  static let find = SQLiteStatement(PackageResources.queue_find_sql)
  static let nextPlace = SQLiteStatement(PackageResources.queue_next_place_sql)
  static let add = SQLiteStatement(PackageResources.queue_add_sql)
  static let raise = SQLiteStatement(PackageResources.queue_raise_sql)
  static let place = SQLiteStatement(PackageResources.queue_place_sql)
  static let order = SQLiteStatement(PackageResources.queue_order_sql)
  static let claimable = SQLiteStatement(PackageResources.queue_claimable_sql)
  static let claim = SQLiteStatement(PackageResources.queue_claim_sql)
  static let renew = SQLiteStatement(PackageResources.queue_renew_sql)
  static let finish = SQLiteStatement(PackageResources.queue_finish_sql)
  static let attempts = SQLiteStatement(PackageResources.queue_attempts_sql)
  static let fail = SQLiteStatement(PackageResources.queue_fail_sql)
  static let giveBack = SQLiteStatement(PackageResources.queue_give_back_sql)
  static let rate = SQLiteStatement(PackageResources.queue_rate_sql)
  static let keepRate = SQLiteStatement(PackageResources.queue_keep_rate_sql)
  static let progress = SQLiteStatement(PackageResources.queue_progress_sql)
}
