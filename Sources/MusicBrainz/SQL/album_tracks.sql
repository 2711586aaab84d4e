-- The tracks that are listed: no videos, no data tracks. A merged track or recording gives a row for every id that was
-- merged into it. A track without a length has that of its recording. The artist is left to album_credits: thousands of
-- tracks share a few artist credits. In no order: sorting would hold back the first row until the last one has been
-- found. A recording that is not there is null.
WITH asked AS (
  SELECT id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT
  track.medium,
  track.id,
  track.gid,
  recording.gid,
  track.artist_credit,
  track.name,
  coalesce(track.length, recording.length),
  track.number,
  track.position,
  track_gid_redirect.gid,
  recording_gid_redirect.gid
FROM asked
JOIN release ON release.release_group = asked.id
JOIN medium ON medium.release = release.id
JOIN track ON track.medium = medium.id AND NOT track.is_data_track
LEFT JOIN recording ON recording.id = track.recording
LEFT JOIN track_gid_redirect ON track_gid_redirect.new_id = track.id
LEFT JOIN recording_gid_redirect ON recording_gid_redirect.new_id = recording.id
WHERE recording.video IS NOT TRUE
