-- All that release groups are called, by whom they are, and how well known they are.
SELECT
  release_group.id,
  release_group.gid,
  release_group.name,
  ARRAY(
    SELECT alias.name FROM release_group_alias AS alias WHERE alias.release_group = release_group.id
    UNION
    SELECT release.name
    FROM release
    WHERE release.release_group = release_group.id AND release.name <> release_group.name
    LIMIT 20
  )::text[],
  artist_credit.name,
  coalesce(credit.artist, 0),
  release_group_primary_type.name,
  EXISTS (SELECT FROM release_group_secondary_type_join AS listed WHERE listed.release_group = release_group.id),
  coalesce(meta.release_count, 0),
  coalesce(meta.rating_count, 0)
FROM unnest($1::int8[]) AS asked (id)
JOIN release_group ON release_group.id = asked.id::int
JOIN artist_credit ON artist_credit.id = release_group.artist_credit
LEFT JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
LEFT JOIN release_group_primary_type ON release_group_primary_type.id = release_group.type
LEFT JOIN release_group_meta AS meta ON meta.id = release_group.id
