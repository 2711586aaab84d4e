-- A row that only says that something was revoked, or that is gone, is due as well: whoever lists the ids says that they
-- exist.
INSERT INTO cache.document AS document (kind, id, generation, expires, updated, fingerprint, value)
SELECT DISTINCT kind, id, 0, -1, 0, 0, NULL::bytea
FROM incoming
ORDER BY kind, id
ON CONFLICT (kind, id) DO UPDATE SET expires = -1, updated = 0
WHERE document.value IS NULL AND document.updated > 0
