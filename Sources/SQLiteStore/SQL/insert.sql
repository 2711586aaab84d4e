INSERT INTO document (kind, id, expires, updated, fingerprint, value)
VALUES (?1, ?2, -1, 0, 0, NULL)
ON CONFLICT (id, kind) DO NOTHING
