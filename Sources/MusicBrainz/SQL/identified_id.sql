-- What an id stands for: 0 and an artist, or 1 and a release group. A release stands for its group; a recording for the
-- groups of its releases, the earliest first, and for its artist.
WITH found_artist AS (
  SELECT id FROM artist WHERE gid = $1::uuid
  UNION
  SELECT new_id FROM artist_gid_redirect WHERE gid = $1::uuid
),
found_recording AS (
  SELECT id FROM recording WHERE gid = $1::uuid
  UNION
  SELECT new_id FROM recording_gid_redirect WHERE gid = $1::uuid
),
found_group AS (
  SELECT id FROM release_group WHERE gid = $1::uuid
  UNION
  SELECT new_id FROM release_group_gid_redirect WHERE gid = $1::uuid
  UNION
  SELECT release_group FROM release WHERE gid = $1::uuid
  UNION
  SELECT release_group
  FROM release_gid_redirect JOIN release ON release.id = release_gid_redirect.new_id
  WHERE release_gid_redirect.gid = $1::uuid
  UNION
  SELECT release.release_group
  FROM found_recording
  JOIN track ON track.recording = found_recording.id
  JOIN medium ON medium.id = track.medium
  JOIN release ON release.id = medium.release
)
SELECT 0::int8, artist.gid
FROM found_artist JOIN artist ON artist.id = found_artist.id
UNION ALL
(
  SELECT 1, release_group.gid
  FROM found_group
  JOIN release_group ON release_group.id = found_group.id
  LEFT JOIN release_group_meta AS meta ON meta.id = release_group.id
  ORDER BY meta.first_release_date_year NULLS LAST, meta.first_release_date_month NULLS LAST,
    meta.first_release_date_day NULLS LAST, release_group.id
  LIMIT 50
)
UNION ALL
SELECT 0, artist.gid
FROM found_recording
JOIN recording ON recording.id = found_recording.id
JOIN artist_credit_name AS credit ON credit.artist_credit = recording.artist_credit AND credit.position = 0
JOIN artist ON artist.id = credit.artist
