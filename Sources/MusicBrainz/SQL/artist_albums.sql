-- The release groups whose artist credit begins with an artist that was asked for ($1) and that has albums of its own
-- (not in $2), in no order: sorting would hold back the first row until the last one has been found. Few have secondary
-- types or merged ids: a group gives a row for each of them, which costs half of what a subquery for every group does.
-- Releases there are many of, so their statuses are a subquery: the keys, 0 for none, as often as they occur. A release
-- all of whose tracks are videos or data does not count: the client drops it, and without another one the album, too. One
-- whose tracks nobody has entered yet does. Nearly always the first track that is looked at decides.
-- A type that is not there has an empty name.
WITH asked AS (
  SELECT id FROM artist WHERE gid = ANY ($1::uuid[])
  UNION
  SELECT new_id FROM artist_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT
  asked.id,
  release_group.id,
  release_group.gid,
  release_group.name,
  CASE WHEN release_group.type IS NOT NULL THEN coalesce(release_group_primary_type.name, '') END,
  meta.first_release_date_year,
  meta.first_release_date_month,
  meta.first_release_date_day,
  meta.rating_count,
  meta.rating,
  ARRAY(
    SELECT coalesce(release.status, 0)
    FROM release
    WHERE release.release_group = release_group.id
      AND (
        EXISTS (
          SELECT
          FROM medium
          JOIN track ON track.medium = medium.id AND NOT track.is_data_track
          LEFT JOIN recording ON recording.id = track.recording
          WHERE medium.release = release.id AND recording.video IS NOT TRUE
        )
        OR NOT EXISTS (SELECT FROM medium JOIN track ON track.medium = medium.id WHERE medium.release = release.id)
      )
  ),
  release_group_gid_redirect.gid,
  CASE WHEN listed.secondary_type IS NOT NULL THEN coalesce(secondary.name, '') END
FROM asked
JOIN artist ON artist.id = asked.id AND artist.gid <> ALL ($2::uuid[])
JOIN artist_credit_name AS credit ON credit.artist = asked.id AND credit.position = 0
JOIN release_group ON release_group.artist_credit = credit.artist_credit
LEFT JOIN release_group_primary_type ON release_group_primary_type.id = release_group.type
LEFT JOIN release_group_meta AS meta ON meta.id = release_group.id
LEFT JOIN release_group_gid_redirect ON release_group_gid_redirect.new_id = release_group.id
LEFT JOIN release_group_secondary_type_join AS listed ON listed.release_group = release_group.id
LEFT JOIN release_group_secondary_type AS secondary ON secondary.id = listed.secondary_type
