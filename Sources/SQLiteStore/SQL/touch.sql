UPDATE document SET used = ?1 WHERE rowid = ?2 AND used < ?1
