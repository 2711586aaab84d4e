-- Keeps documents of which nobody knows whether they are newer than what is there: as stale ones where there is nothing.
-- What is there becomes stale, so that whoever asks next finds out; and whatever is still being computed, or waits to be
-- kept, is refused, for it may be older.
INSERT INTO cache.document AS document (kind, id, generation, expires, updated, fingerprint, value, revision, stamp)
SELECT kind, id, 0, least(expires, $3::bigint), 0, fingerprint, value, nextval('cache.revision'), stamp
FROM unnest($1::text[], $2::uuid[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bigint[])
  AS new (kind, id, expires, fingerprint, value, stamp)
ORDER BY kind, id
ON CONFLICT (kind, id) DO UPDATE SET
  expires = least(document.expires, excluded.expires),
  revision = excluded.revision
