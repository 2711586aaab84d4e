-- The same as queue_places.sql, for a few builds: less than sorting all of the queue.
SELECT
  asked.position,
  1 + (
    SELECT count(*)
    FROM cache.build AS earlier
    WHERE
      (earlier.rank, earlier.place) < (build.rank, build.place)
      AND (earlier.not_before <= now() OR earlier.leased_until > now())
  )
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (kind, id, position)
JOIN cache.build AS build ON build.kind = asked.kind AND build.id = asked.id
