UPDATE document SET claimed_until = ?2 WHERE rowid = ?1
