-- The first artist of every artist credit on the tracks, also on those that are not listed: the original names the
-- artists of videos and data tracks, too. Each credit is looked up once.
WITH asked AS (
  SELECT id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
),
credited AS MATERIALIZED (
  SELECT DISTINCT release.release_group, track.artist_credit
  FROM asked
  JOIN release ON release.release_group = asked.id
  JOIN medium ON medium.release = release.id
  JOIN track ON track.medium = medium.id
)
SELECT credited.release_group, credited.artist_credit, artist.gid
FROM credited
JOIN artist_credit_name AS credit ON credit.artist_credit = credited.artist_credit AND credit.position = 0
JOIN artist ON artist.id = credit.artist
ORDER BY credited.release_group, artist.id, credited.artist_credit
