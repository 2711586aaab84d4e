-- Lets go of purges that failed. The next attempt is $4 seconds after the first, each time twice as many, at most $5.
UPDATE cache.purge AS purge SET
  lease = NULL,
  leased_until = '-infinity',
  not_before = clock_timestamp() + make_interval(
    secs => least($5::bigint, $4::bigint << least(greatest(purge.attempts - 1, 0), 16)))
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS held (kind, id, lease)
WHERE purge.kind = held.kind AND purge.id = held.id AND purge.lease = held.lease
