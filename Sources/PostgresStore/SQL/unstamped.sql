-- Documents that builds before layout 4 have stored; of each as much as has the stamp.
SELECT id, substring(value FROM 1 FOR 32)
FROM cache.document
WHERE kind = $1::text AND stamp = 0 AND value IS NOT NULL
LIMIT $2::bigint
