-- The release groups in a series, also one that was merged, in its order. What is not there is null: the client deletes
-- albums that a list lacks. This is what the view release_group_series shows, without the other series, all of which the
-- view reads and sorts: l_release_group_series_idx_entity1 finds the rows of this one.
-- 01018437-…: the relationship "part of"; 788: the attribute "number". MusicBrainz keeps the order in link_order; the
-- number decides where that is the same.
WITH asked AS (
  SELECT id FROM series WHERE gid = $1::uuid
  UNION
  SELECT new_id FROM series_gid_redirect WHERE gid = $1::uuid
)
SELECT
  release_group.gid,
  release_group.name,
  artist.gid,
  artist.name,
  meta.first_release_date_year,
  meta.first_release_date_month,
  meta.first_release_date_day
FROM asked
JOIN l_release_group_series AS listed ON listed.entity1 = asked.id
JOIN link ON link.id = listed.link
JOIN link_type ON link_type.id = link.link_type AND link_type.gid = '01018437-91d8-36b9-bf89-3f885d53b5bd'
LEFT JOIN link_attribute_text_value AS number ON number.link = listed.link AND number.attribute_type = 788
LEFT JOIN release_group ON release_group.id = listed.entity0
LEFT JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
LEFT JOIN artist ON artist.id = credit.artist
LEFT JOIN release_group_meta AS meta ON meta.id = release_group.id
ORDER BY
  listed.link_order,
  substring(number.text_value FROM '^[0-9]+')::numeric,
  number.text_value COLLATE "C",
  listed.entity0,
  listed.id
