-- The documents of a kind behind an id, in the order of their ids.
SELECT id, expires, value
FROM document
WHERE kind = ?1 AND id > ?2 AND value IS NOT NULL AND is_gone = 0
ORDER BY id
LIMIT ?3
