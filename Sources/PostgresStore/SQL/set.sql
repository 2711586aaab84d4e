-- `updated` moves only with the content. Rows are locked in one order, so that two processes that store the same
-- documents never wait for each other.
INSERT INTO cache.document AS document (kind, id, generation, expires, updated, fingerprint, value)
SELECT kind, id, generation, expires, $4::bigint, fingerprint, value
FROM unnest($1::text[], $2::uuid[], $3::bigint[], $5::bigint[], $6::bigint[], $7::bytea[])
  AS new (kind, id, generation, expires, fingerprint, value)
ORDER BY kind, id
ON CONFLICT (kind, id) DO UPDATE SET
  generation = excluded.generation,
  expires = excluded.expires,
  updated = CASE
    WHEN document.value IS NOT NULL AND document.fingerprint = excluded.fingerprint THEN document.updated
    ELSE excluded.updated
  END,
  fingerprint = excluded.fingerprint,
  value = excluded.value
