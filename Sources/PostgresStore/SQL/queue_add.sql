-- Adds what is not in the queue yet, and moves forward what somebody with a better reason asks for; only people move
-- what has failed too often. Tells of each whether
-- it was refused: 1 because the queue is full, 2 because the client has too many in it. What is there already is never
-- refused. $3 is the reason, $4 the client (0: none), $5 how many there may be, $6 how many of one client.
WITH asked AS (
  SELECT kind, id, min(position) AS position
  FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (kind, id, position)
  GROUP BY kind, id
), counted AS (
  SELECT count(*) AS total, count(*) FILTER (WHERE client = $4::bigint) AS mine FROM cache.build
), compared AS (
  SELECT
    asked.kind, asked.id, asked.position,
    build.kind IS NULL AS is_new,
    coalesce($3::bigint < build.reason OR ($3::bigint = 0 AND build.rank > 0), false) AS is_raised,
    build.client
  FROM asked
  LEFT JOIN cache.build AS build ON build.kind = asked.kind AND build.id = asked.id
), charged AS (
  SELECT *, $4::bigint <> 0 AND (is_new OR (is_raised AND client IS DISTINCT FROM $4::bigint)) AS is_charged
  FROM compared
), judged AS (
  SELECT
    charged.*,
    is_new AND counted.total + count(*) FILTER (WHERE is_new) OVER so_far > $5::bigint AS finds_no_room,
    is_charged AND counted.mine + count(*) FILTER (WHERE is_charged) OVER so_far > $6::bigint AS is_one_too_many
  FROM charged
  CROSS JOIN counted
  WINDOW so_far AS (ORDER BY position)
), added AS (
  INSERT INTO cache.build (kind, id, reason, rank, place, client, added)
  SELECT kind, id, $3::bigint, $3::bigint, nextval('cache.build_place'), nullif($4::bigint, 0), clock_timestamp()
  FROM (SELECT * FROM judged WHERE is_new AND NOT finds_no_room AND NOT is_one_too_many ORDER BY position) AS new
  ON CONFLICT (kind, id) DO NOTHING
  RETURNING 1
), raised AS (
  UPDATE cache.build AS build SET
    reason = least(build.reason, $3::bigint),
    rank = $3::bigint,
    place = nextval('cache.build_place'),
    client = coalesce(nullif($4::bigint, 0), build.client)
  FROM (SELECT * FROM judged WHERE is_raised AND NOT is_one_too_many ORDER BY position) AS judged
  WHERE build.kind = judged.kind AND build.id = judged.id
), begun AS (
  -- A queue that was empty begins to count anew.
  UPDATE cache.build_progress
  SET earlier_since = clock_timestamp(), earlier_done = 0, since = clock_timestamp(), done = 0
  FROM counted
  WHERE counted.total = 0 AND EXISTS (SELECT FROM added)
)
SELECT asked.kind, asked.id, CASE WHEN NOT is_new THEN 0 WHEN finds_no_room THEN 1 WHEN is_one_too_many THEN 2 ELSE 0 END
FROM judged AS asked
