-- What is stale before a moment, the oldest first.
SELECT id
FROM cache.document
WHERE kind = $1::text AND expires < $2::bigint AND (value IS NOT NULL OR updated = 0)
ORDER BY expires
LIMIT $3::bigint
