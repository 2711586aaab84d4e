-- What is stale before a moment, the oldest first.
SELECT id
FROM document
WHERE kind = ?1 AND expires < ?2 AND is_gone = 0 AND (value IS NOT NULL OR updated = 0)
ORDER BY expires
LIMIT ?3
