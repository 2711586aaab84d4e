-- Prolongs leases to $4 seconds from now, and tells which of them still are what they were.
UPDATE cache.build AS build
SET leased_until = clock_timestamp() + make_interval(secs => $4::bigint)
FROM (SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS held (kind, id, lease) ORDER BY kind, id) AS held
WHERE build.kind = held.kind AND build.id = held.id AND build.lease = held.lease
RETURNING build.lease
