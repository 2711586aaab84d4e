-- Lets go of builds as if they had never been claimed. $4 attempts put one at the end of the queue.
UPDATE cache.build AS build SET
  lease = NULL,
  leased_until = '-infinity',
  attempts = greatest(build.attempts - 1, 0),
  rank = CASE WHEN build.attempts - 1 >= $4::bigint THEN 3 ELSE build.reason END
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS held (kind, id, lease)
WHERE build.kind = held.kind AND build.id = held.id AND build.lease = held.lease
