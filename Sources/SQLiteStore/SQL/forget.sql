-- Forgets what has an earlier revision than ?3. The row stays as a mark of revocation does: it is what refuses an older
-- computation, and is gone later. It is never due. That a document is gone is a change.
UPDATE document
SET value = NULL, is_gone = 0, expires = 9223372036854775807, fingerprint = 0, updated = ?4,
  revision = max(revision, ?3), claimed_until = 0,
  announced = CASE WHEN value IS NULL OR is_gone THEN announced ELSE ?4 END
WHERE id = ?2 AND kind = ?1 AND revision <= ?3
