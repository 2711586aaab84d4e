SELECT expires, value, used, rowid
FROM document
WHERE id = ?1 AND kind = ?2 AND value IS NOT NULL
