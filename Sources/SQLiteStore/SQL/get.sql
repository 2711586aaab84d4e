-- What was revoked before there was a document is told as well (value null): there may be an older one elsewhere.
SELECT expires, value, used, rowid
FROM document
WHERE id = ?1 AND kind = ?2 AND (value IS NOT NULL OR (expires = 0 AND updated > 0))
