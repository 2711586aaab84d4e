INSERT OR IGNORE INTO name_word (word, is_album, name) VALUES (?1, ?2, last_insert_rowid())
