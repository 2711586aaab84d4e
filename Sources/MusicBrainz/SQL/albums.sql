-- One row for every id that was asked for and exists. A merged id answers with the release group that it was merged
-- into. Aliases: those of no type and of the type "Release group name", which has had this gid in every copy of
-- MusicBrainz. Links: each URL once, in the order in which they were entered.
-- A type that is not there has an empty name.
-- Genres: lower() adds nothing but makes genre_idx_name usable, the only index on their names.
WITH alias_type AS MATERIALIZED (
  SELECT id FROM release_group_alias_type WHERE gid = '156e24ca-8746-3cfc-99ae-0a867c765c67'
),
asked AS (
  SELECT gid, id FROM release_group WHERE gid = ANY ($1::uuid[])
  UNION ALL
  SELECT gid, new_id FROM release_group_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT
  asked.gid,
  release_group.id,
  release_group.gid,
  release_group.name,
  release_group.comment,
  CASE WHEN release_group.type IS NOT NULL THEN coalesce(release_group_primary_type.name, '') END,
  release_group_meta.first_release_date_year,
  release_group_meta.first_release_date_month,
  release_group_meta.first_release_date_day,
  release_group_meta.rating_count,
  release_group_meta.rating,
  artist.gid,
  ARRAY(
    SELECT gid FROM release_group_gid_redirect WHERE new_id = release_group.id ORDER BY gid
  ),
  ARRAY(
    SELECT coalesce(kind.name, '')
    FROM release_group_secondary_type_join AS listed
    LEFT JOIN release_group_secondary_type AS kind ON kind.id = listed.secondary_type
    WHERE listed.release_group = release_group.id
    ORDER BY kind.name COLLATE "C"
  )::text[],
  ARRAY(
    SELECT DISTINCT alias.name COLLATE "C"
    FROM release_group_alias AS alias
    WHERE alias.release_group = release_group.id AND (alias.type IS NULL OR alias.type = (SELECT id FROM alias_type))
    ORDER BY 1
  )::text[],
  ARRAY(
    SELECT url.url
    FROM (
      SELECT entity1, min(id) AS first FROM l_release_group_url WHERE entity0 = release_group.id GROUP BY entity1
    ) AS linked
    JOIN url ON url.id = linked.entity1
    ORDER BY linked.first
  ),
  ARRAY(
    SELECT genre.name
    FROM (
      SELECT tag.name, release_group_tag.count
      FROM release_group_tag JOIN tag ON tag.id = release_group_tag.tag
      WHERE release_group_tag.release_group = release_group.id AND release_group_tag.count > 0
      OFFSET 0
    ) AS used
    JOIN genre ON lower(genre.name) = lower(used.name) AND genre.name = used.name
    ORDER BY used.count DESC, genre.name COLLATE "C"
  )::text[]
FROM asked
JOIN release_group ON release_group.id = asked.id
LEFT JOIN artist_credit_name AS credit ON credit.artist_credit = release_group.artist_credit AND credit.position = 0
LEFT JOIN artist ON artist.id = credit.artist
LEFT JOIN release_group_primary_type ON release_group_primary_type.id = release_group.type
LEFT JOIN release_group_meta ON release_group_meta.id = release_group.id
