-- The documents of a kind behind an id, in the order of their ids.
SELECT id, expires, value
FROM cache.document
WHERE kind = $1::text AND id > $2::uuid AND value IS NOT NULL
ORDER BY id
LIMIT $3::bigint
