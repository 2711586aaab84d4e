-- A row that only says that something was revoked, or that is gone, is due as well: whoever lists the ids says that they
-- exist.
INSERT INTO document (kind, id, expires, updated, fingerprint, value)
VALUES (?1, ?2, -1, 0, 0, NULL)
ON CONFLICT (id, kind) DO UPDATE SET expires = -1, updated = 0
WHERE value IS NULL AND updated > 0
