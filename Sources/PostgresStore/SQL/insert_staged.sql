INSERT INTO cache.document (kind, id, generation, expires, updated, fingerprint, value)
SELECT DISTINCT kind, id, 0, -1, 0, 0, NULL::bytea
FROM incoming
ORDER BY kind, id
ON CONFLICT (kind, id) DO NOTHING
