-- The place of a build, from 1: those that come before it and do not wait for a later time are counted, and those that
-- are being built.
SELECT 1 + (
  SELECT count(*)
  FROM build AS earlier
  WHERE
    (earlier.rank, earlier.place) < (build.rank, build.place)
    AND (earlier.not_before <= ?3 OR earlier.leased_until > ?3)
)
FROM build
WHERE id = ?1 AND kind = ?2
