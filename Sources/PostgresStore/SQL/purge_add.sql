-- Adds what is not in the queue of purges yet, and has what is there wait anew: whoever has claimed it lets it stay then.
-- $3 is the delay in seconds, $4 how many there may be. Tells how many found no room.
WITH asked AS (
  SELECT DISTINCT kind, id
  FROM unnest($1::text[], $2::uuid[]) AS asked (kind, id)
), counted AS (
  SELECT count(*) AS total FROM cache.purge
), numbered AS (
  SELECT
    asked.kind, asked.id,
    count(*) FILTER (WHERE there.kind IS NULL) OVER (ORDER BY asked.kind, asked.id) AS number,
    there.kind IS NULL AS is_new
  FROM asked
  LEFT JOIN cache.purge AS there ON there.kind = asked.kind AND there.id = asked.id
), added AS (
  INSERT INTO cache.purge AS purge (kind, id, place, added, not_before)
  SELECT
    kind, id, nextval('cache.purge_place'), clock_timestamp(), clock_timestamp() + make_interval(secs => $3::bigint)
  FROM numbered
  CROSS JOIN counted
  WHERE NOT is_new OR total + number <= $4::bigint
  ORDER BY kind, id
  ON CONFLICT (kind, id) DO UPDATE SET
    attempts = 0,
    not_before = excluded.not_before,
    lease = NULL,
    leased_until = '-infinity'
  RETURNING 1
)
SELECT (SELECT count(*) FROM asked) - (SELECT count(*) FROM added)
