internal import SQLite

/// What is asked of the file. The SQL is in the files named so.
enum StoreStatement {
  static let get = SQLiteStatement(PackageResources.get_sql)
  static let revision = SQLiteStatement(PackageResources.revision_sql)
  static let lastRevision = SQLiteStatement(PackageResources.last_revision_sql)
  static let set = SQLiteStatement(PackageResources.set_sql)
  static let settle = SQLiteStatement(PackageResources.settle_sql)
  static let forget = SQLiteStatement(PackageResources.forget_sql)
  static let revoke = SQLiteStatement(PackageResources.revoke_sql)
  static let outlived = SQLiteStatement(PackageResources.outlived_sql)
  static let due = SQLiteStatement(PackageResources.due_sql)
  static let changed = SQLiteStatement(PackageResources.changed_sql)
  static let scan = SQLiteStatement(PackageResources.scan_sql)
  static let insert = SQLiteStatement(PackageResources.insert_sql)
  static let touch = SQLiteStatement(PackageResources.touch_sql)
  static let evict = SQLiteStatement(PackageResources.evict_sql)
  static let evictRevoked = SQLiteStatement(PackageResources.evict_revoked_sql)
  static let noteOutlived = SQLiteStatement(PackageResources.note_outlived_sql)
  static let noteGet = SQLiteStatement(PackageResources.note_get_sql)
  static let noteSet = SQLiteStatement(PackageResources.note_set_sql)
  static let noteDelete = SQLiteStatement(PackageResources.note_delete_sql)

  static let kinds = SQLiteStatement(PackageResources.kinds_sql)
  static let after = SQLiteStatement(PackageResources.after_sql)

  static let integrity = SQLiteStatement("PRAGMA integrity_check(20)")
  static let applicationID = SQLiteStatement("PRAGMA application_id")
  static let layout = SQLiteStatement("PRAGMA user_version")
  static let journalMode = SQLiteStatement("PRAGMA journal_mode")
  static let pageSize = SQLiteStatement("PRAGMA page_size")
  static let pages = SQLiteStatement("PRAGMA page_count")
  static let freePages = SQLiteStatement("PRAGMA freelist_count")
  static let truncateLog = SQLiteStatement("PRAGMA wal_checkpoint(TRUNCATE)")
  static let anyTable = SQLiteStatement("SELECT 1 FROM sqlite_schema LIMIT 1")
}
