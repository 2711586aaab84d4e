-- What was said to have changed since a moment, or is gone, of one kind, the newest first.
SELECT id, announced
FROM document
WHERE kind = ?1 AND announced >= ?2 AND announced > 0
ORDER BY announced DESC
LIMIT ?3
