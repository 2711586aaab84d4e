-- Leases up to $2 builds for $3 seconds. Whoever claims one counts as having failed until it says otherwise: if it is
-- killed, the build is tried again when the lease has run out; after $4 attempts it is at the end of the queue, and waits
-- $5 seconds more. Times farther ahead than there are were written before the clock was set back.
WITH next AS (
  SELECT kind, id, rank, place
  FROM cache.build
  WHERE
    kind = ANY ($1::text[])
    AND (not_before <= clock_timestamp() OR not_before > clock_timestamp() + interval '1 day')
    AND (
      leased_until + CASE WHEN attempts >= $4::bigint THEN make_interval(secs => $5::bigint) ELSE interval '0' END
        <= clock_timestamp()
      OR leased_until > clock_timestamp() + interval '1 hour'
    )
  ORDER BY rank, place
  LIMIT $2::bigint
  FOR UPDATE SKIP LOCKED
)
UPDATE cache.build AS build SET
  lease = nextval('cache.revision'),
  leased_until = clock_timestamp() + make_interval(secs => $3::bigint),
  attempts = build.attempts + 1,
  rank = CASE WHEN build.attempts + 1 >= $4::bigint THEN 3 ELSE build.rank END
FROM next
WHERE build.kind = next.kind AND build.id = next.id
RETURNING
  build.kind, build.id, build.reason, build.attempts, extract(epoch FROM build.added)::bigint, build.lease,
  next.rank, next.place
