UPDATE document SET stamp = ?2 WHERE rowid = ?1
