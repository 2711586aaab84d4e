-- Documents that builds before layout 1.1 have stored; of each as much as has the stamp.
SELECT rowid, substr(value, 1, 32)
FROM document
WHERE kind = ?1 AND stamp = 0 AND value IS NOT NULL AND is_gone = 0
LIMIT ?2
