-- Deletes notes whose lifetime is over. By the wall clock alone nothing may be: it can be set.
DELETE FROM note
WHERE rowid IN (SELECT rowid FROM note WHERE expires < ?1 ORDER BY expires LIMIT 500)
  AND NOT (boot = ?2 AND began <= ?3 AND began + lifetime * 1000 > ?3)
