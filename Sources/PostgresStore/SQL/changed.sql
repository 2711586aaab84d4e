-- What changed since a moment, the newest first. Several kinds of document may make up one entity.
SELECT id, max(updated)
FROM cache.document
WHERE kind = ANY ($1::text[]) AND updated >= $2::bigint AND value IS NOT NULL
GROUP BY id
ORDER BY max(updated) DESC, id
LIMIT $3::bigint
