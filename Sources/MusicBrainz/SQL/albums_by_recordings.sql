-- The release groups with a release that holds some of the recordings $1: first those whose release has as many tracks
-- as there are recordings, then by the share of its tracks that they are. Releases are counted once, whatever of them a
-- recording is on. A recording that was merged is the one it was merged into.
WITH asked AS (
  SELECT id FROM recording WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM recording_gid_redirect WHERE gid = ANY ($1::uuid[])
),
held AS (
  SELECT medium.release, count(DISTINCT asked.id) AS matched
  FROM asked
  JOIN track ON track.recording = asked.id
  JOIN medium ON medium.id = track.medium
  GROUP BY medium.release
),
scored AS (
  SELECT
    release.release_group,
    abs(sum(medium.track_count) - cardinality($1::uuid[])) AS difference,
    held.matched::float8 / greatest(sum(medium.track_count), 1) AS share
  FROM held
  JOIN release ON release.id = held.release
  JOIN medium ON medium.release = release.id
  GROUP BY release.id, release.release_group, held.matched
),
best AS (
  SELECT DISTINCT ON (release_group) release_group, difference, share
  FROM scored
  ORDER BY release_group, difference, share DESC
)
SELECT release_group.gid
FROM best
JOIN release_group ON release_group.id = best.release_group
ORDER BY best.difference, best.share DESC, release_group.id
LIMIT 5
