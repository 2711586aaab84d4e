-- Lets go of builds that failed. The next attempt is no sooner than $4 seconds from now, nor than the back-off says: $5
-- seconds after the first attempt, each time twice as many, at most $6.
UPDATE cache.build AS build SET
  lease = NULL,
  leased_until = '-infinity',
  not_before = clock_timestamp() + make_interval(
    secs => greatest($4::bigint, least($6::bigint, $5::bigint << least(greatest(build.attempts - 1, 0), 16))))
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS held (kind, id, lease)
WHERE build.kind = held.kind AND build.id = held.id AND build.lease = held.lease
