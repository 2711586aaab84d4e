-- The statuses of the releases of these release groups. A release without one counts as one of no name.
WITH asked AS (
  SELECT id FROM artist WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM artist_gid_redirect WHERE gid = ANY ($1::uuid[])
),
found AS (
  SELECT DISTINCT release.release_group, release.status
  FROM asked
  JOIN artist ON artist.id = asked.id AND artist.gid <> ALL ($2::uuid[])
  JOIN artist_credit_name AS credit ON credit.artist = asked.id AND credit.position = 0
  JOIN release_group ON release_group.artist_credit = credit.artist_credit
  JOIN release ON release.release_group = release_group.id
)
SELECT found.release_group, release_status.name
FROM found
LEFT JOIN release_status ON release_status.id = found.status
