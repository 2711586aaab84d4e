-- The release groups in a series, also one that was merged, in its order. What is not there is null: the client deletes
-- albums that a list lacks.
WITH asked AS (
  SELECT id FROM series WHERE gid = $1::uuid
  UNION
  SELECT new_id FROM series_gid_redirect WHERE gid = $1::uuid
)
SELECT
  release_group.gid,
  release_group.name,
  artist.gid,
  meta.first_release_date_year,
  meta.first_release_date_month,
  meta.first_release_date_day
FROM asked
JOIN release_group_series AS listed ON listed.series = asked.id
LEFT JOIN release_group ON release_group.id = listed.release_group
LEFT JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
LEFT JOIN artist ON artist.id = credit.artist
LEFT JOIN release_group_meta AS meta ON meta.id = release_group.id
ORDER BY listed.link_order, listed.release_group
