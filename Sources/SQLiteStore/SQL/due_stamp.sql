-- What is due for its stamp: from ?2 on and before ?3. The others are as in due_stale.sql.
SELECT rowid, id, expires, fingerprint, stamp, 1, CASE WHEN ?8 THEN value END
FROM document
WHERE kind = ?1 AND stamp >= ?2 AND stamp < ?3 AND stamp <> 0 AND value IS NOT NULL AND is_gone = 0
  AND used >= ?6 AND (claimed_until <= ?4 OR claimed_until > ?4 + ?5)
ORDER BY stamp
LIMIT ?7
