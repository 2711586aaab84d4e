-- The release groups that show these rows: of release_group ($1), release ($2), medium ($3), track ($4), recording ($5),
-- url ($6); release groups by MBID ($7), releases by MBID ($8). And the artist whose list shows the release group; null
-- where no list shows such a row.
WITH asked AS (
  SELECT id AS release_group, true AS is_listed FROM release_group WHERE id = ANY ($1::int8[])
  UNION
  SELECT id, true FROM release_group WHERE gid = ANY ($7::uuid[])
  UNION
  SELECT new_id, true FROM release_group_gid_redirect WHERE gid = ANY ($7::uuid[])
  UNION
  SELECT release_group, true FROM release WHERE id = ANY ($2::int8[])
  UNION
  SELECT release_group, true FROM release WHERE gid = ANY ($8::uuid[])
  UNION
  SELECT release.release_group, true
  FROM release_gid_redirect AS redirect
  JOIN release ON release.id = redirect.new_id
  WHERE redirect.gid = ANY ($8::uuid[])
  UNION
  SELECT release.release_group, false
  FROM medium
  JOIN release ON release.id = medium.release
  WHERE medium.id = ANY ($3::int8[])
  UNION
  SELECT release.release_group, false
  FROM track
  JOIN medium ON medium.id = track.medium
  JOIN release ON release.id = medium.release
  WHERE track.id = ANY ($4::int8[])
  UNION
  SELECT release.release_group, false
  FROM track
  JOIN medium ON medium.id = track.medium
  JOIN release ON release.id = medium.release
  WHERE track.recording = ANY ($5::int8[])
  UNION
  SELECT entity0, false FROM l_release_group_url WHERE entity1 = ANY ($6::int8[])
)
SELECT release_group.gid, CASE WHEN asked.is_listed THEN artist.gid END
FROM asked
JOIN release_group ON release_group.id = asked.release_group
LEFT JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
LEFT JOIN artist ON artist.id = credit.artist
