-- Keeps documents that nobody has revoked or replaced since the revision $3 was handed out, and answers with the kinds
-- and ids of those. `updated` moves only with the content, and not for what is stored for the first time: filling a
-- cache changes nothing for anybody. What nobody asked for ($9 is 0) stays whose it is until the claim runs out: it may
-- still be due, and must not be made anew again and again. Rows are locked in one order, so that two processes that store the same documents
-- never wait for each other.
INSERT INTO cache.document AS document (kind, id, generation, expires, updated, fingerprint, value, revision, stamp, used)
SELECT kind, id, 0, expires, 0, fingerprint, value, $3::bigint, stamp, $9::bigint
FROM unnest($1::text[], $2::uuid[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bigint[])
  AS new (kind, id, expires, fingerprint, value, stamp)
ORDER BY kind, id
ON CONFLICT (kind, id) DO UPDATE SET
  generation = 0,
  expires = excluded.expires,
  updated = CASE
    WHEN document.value IS NULL THEN 0
    WHEN document.fingerprint = excluded.fingerprint THEN document.updated
    ELSE $4::bigint
  END,
  announced = 0,
  claimed_until = CASE WHEN $9::bigint = 0 THEN document.claimed_until ELSE '-infinity' END,
  fingerprint = excluded.fingerprint,
  value = excluded.value,
  stamp = excluded.stamp,
  used = greatest(document.used, excluded.used),
  revision = excluded.revision
WHERE document.revision <= excluded.revision
RETURNING kind, id
