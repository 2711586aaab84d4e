-- What is due for its age: from ?2 on and before ?3, and free at ?4 (a claim longer than ?5 was made before the clock was
-- set back), and was asked for since the hour ?6.
SELECT rowid, id, expires, fingerprint, stamp, value IS NOT NULL, CASE WHEN ?8 THEN value END
FROM document
WHERE kind = ?1 AND expires >= ?2 AND expires < ?3 AND is_gone = 0 AND (value IS NOT NULL OR updated = 0)
  AND used >= ?6 AND (claimed_until <= ?4 OR claimed_until > ?4 + ?5)
ORDER BY expires
LIMIT ?7
