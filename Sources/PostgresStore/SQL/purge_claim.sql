-- Leases up to $2 purges for $3 seconds. Times farther ahead than there are were written before the clock was set back.
WITH next AS (
  SELECT kind, id, place
  FROM cache.purge
  WHERE
    kind = ANY ($1::text[])
    AND (not_before <= clock_timestamp() OR not_before > clock_timestamp() + interval '1 day')
    AND (leased_until <= clock_timestamp() OR leased_until > clock_timestamp() + interval '1 hour')
  ORDER BY place
  LIMIT $2::bigint
  FOR UPDATE SKIP LOCKED
)
UPDATE cache.purge AS purge SET
  lease = nextval('cache.revision'),
  leased_until = clock_timestamp() + make_interval(secs => $3::bigint),
  attempts = purge.attempts + 1
FROM next
WHERE purge.kind = next.kind AND purge.id = next.id
RETURNING purge.kind, purge.id, purge.attempts, purge.lease, next.place
