-- Takes out what was built, and counts it. A period of ten minutes that is over becomes the earlier one.
WITH finished AS (
  DELETE FROM cache.build AS build
  USING unnest($1::text[], $2::uuid[], $3::bigint[]) AS held (kind, id, lease)
  WHERE build.kind = held.kind AND build.id = held.id AND build.lease = held.lease
  RETURNING 1
), counted AS (
  SELECT count(*) AS done FROM finished
)
UPDATE cache.build_progress AS progress SET
  earlier_since = CASE WHEN clock_timestamp() - since > interval '10 minutes' THEN since ELSE earlier_since END,
  earlier_done = CASE
    WHEN clock_timestamp() - since > interval '10 minutes' THEN progress.done
    ELSE progress.earlier_done
  END,
  since = CASE WHEN clock_timestamp() - since > interval '10 minutes' THEN clock_timestamp() ELSE since END,
  done = counted.done + CASE WHEN clock_timestamp() - since > interval '10 minutes' THEN 0 ELSE progress.done END
FROM counted
WHERE counted.done > 0
