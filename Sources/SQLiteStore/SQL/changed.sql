-- What changed since a moment, of one kind, the newest first.
SELECT id, updated
FROM document
WHERE kind = ?1 AND updated >= ?2 AND value IS NOT NULL AND is_gone = 0
ORDER BY updated DESC
LIMIT ?3
