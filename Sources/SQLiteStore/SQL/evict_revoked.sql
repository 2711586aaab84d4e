-- What was revoked leaves a mark when it goes: it refuses computations that began before.
UPDATE document
SET value = NULL, updated = ?2
WHERE rowid IN (SELECT rowid FROM document WHERE value IS NOT NULL ORDER BY used LIMIT ?1) AND expires = 0
