-- The places of builds in the queue, from 1: those that come before and neither have failed a moment ago nor wait for a
-- later time are counted, and those that are being built.
SELECT asked.position, placed.place
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (kind, id, position)
JOIN (
  SELECT
    kind, id,
    1 + count(*) FILTER (WHERE is_next) OVER (
      ORDER BY rank, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS place
  FROM (
    SELECT
      kind, id, rank, place,
      not_before <= now() OR leased_until > now() AS is_next
    FROM cache.build
  ) AS build
) AS placed ON placed.kind = asked.kind AND placed.id = asked.id
