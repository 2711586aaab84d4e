-- Gives documents a later revision than any computation under way has, and has them computed anew. One that is not there
-- leaves a row without a value, which is all that refuses such a computation: it has to outlive the longest. That one is gone
-- is told for longer. What is said to have changed ($4) is told at once.
WITH outlived AS (
  DELETE FROM cache.document
  WHERE value IS NULL AND updated BETWEEN 1 AND $3::bigint - 86400 AND announced <= $3::bigint - 30 * 86400
)
INSERT INTO cache.document AS document (kind, id, generation, expires, updated, fingerprint, value, revision)
SELECT kind, id, 0, 0, $3::bigint, 0, NULL, nextval('cache.revision')
FROM (SELECT * FROM unnest($1::text[], $2::uuid[]) AS asked (kind, id) ORDER BY kind, id) AS asked
ON CONFLICT (kind, id) DO UPDATE SET
  expires = 0,
  claimed_until = '-infinity',
  updated = CASE
    WHEN document.value IS NULL AND document.updated > 0 THEN excluded.updated
    ELSE document.updated
  END,
  announced = CASE WHEN $4::bigint = 1 AND document.value IS NOT NULL THEN $3::bigint ELSE document.announced END,
  revision = excluded.revision
