internal import SQLite

/// What is asked of the names in the store.
enum StoreNamesStatement {
  static let exists = SQLiteStatement("SELECT 1 FROM sqlite_schema WHERE name = 'name_word_idx_name'")
  static let changes = SQLiteStatement("SELECT number FROM name_change")
  static let count = SQLiteStatement("UPDATE name_change SET number = number + 1")
  static let kept = SQLiteStatement("SELECT key || '/' || name || '/' || credit FROM entity_name WHERE id = ?1")
  static let forget = SQLiteStatement("DELETE FROM entity_name WHERE id = ?1")
  static let add = SQLiteStatement(PackageResources.store_add_sql)
  static let addWord = SQLiteStatement(PackageResources.store_add_word_sql)

  static let byKey = SQLiteStatement(PackageResources.store_by_key_sql)
  static let byBeginning = SQLiteStatement(PackageResources.store_by_beginning_sql)
  static let byLength = SQLiteStatement(PackageResources.store_by_length_sql)
  static let byLengthReversed = SQLiteStatement(PackageResources.store_by_length_reversed_sql)
  static let known = SQLiteStatement(PackageResources.store_known_sql)
  static let byWord = SQLiteStatement(PackageResources.store_by_word_sql)
  static let byArtist = SQLiteStatement(PackageResources.store_by_artist_sql)
  static let byArtistAndKey = SQLiteStatement(PackageResources.store_by_artist_and_key_sql)
  static let byArtistAndBeginning = SQLiteStatement(PackageResources.store_by_artist_and_beginning_sql)
}
