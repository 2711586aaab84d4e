-- One row for every id that was asked for and exists. A merged id answers with the artist that it was merged into.
-- Aliases: those of no type and of the type "Artist name", which has had this gid in every copy of MusicBrainz. Those
-- of them that are for a locale come once more, last, four texts each: locale, name, sort name, and 1 for the primary one.
-- Links: each URL once, however many relationships lead to it, in the order in which they were entered.
-- Genres: lower() adds nothing but makes genre_idx_name usable, the only index on their names.
WITH alias_type AS MATERIALIZED (
  SELECT id FROM artist_alias_type WHERE gid = '894afba6-2816-3c24-8072-eadb66bd04bc'
),
asked AS (
  SELECT gid, id FROM artist WHERE gid = ANY ($1::uuid[])
  UNION ALL
  SELECT gid, new_id FROM artist_gid_redirect WHERE gid = ANY ($1::uuid[])
)
SELECT
  asked.gid,
  artist.id,
  artist.gid,
  artist.name,
  artist.sort_name,
  artist.comment,
  artist_type.name,
  artist.ended,
  artist_meta.rating_count,
  artist_meta.rating,
  ARRAY(
    SELECT gid FROM artist_gid_redirect WHERE new_id = artist.id ORDER BY gid
  ),
  ARRAY(
    SELECT DISTINCT name COLLATE "C"
    FROM artist_alias
    WHERE artist_alias.artist = artist.id AND (type IS NULL OR type = (SELECT id FROM alias_type))
    ORDER BY 1
  )::text[],
  ARRAY(
    SELECT url.url
    FROM (
      SELECT entity1, min(id) AS first FROM l_artist_url WHERE entity0 = artist.id GROUP BY entity1
    ) AS linked
    JOIN url ON url.id = linked.entity1
    ORDER BY linked.first
  ),
  ARRAY(
    SELECT genre.name
    FROM (
      SELECT tag.name, artist_tag.count
      FROM artist_tag JOIN tag ON tag.id = artist_tag.tag
      WHERE artist_tag.artist = artist.id AND artist_tag.count > 0
      OFFSET 0
    ) AS used
    JOIN genre ON lower(genre.name) = lower(used.name) AND genre.name = used.name
    ORDER BY used.count DESC, genre.name COLLATE "C"
  )::text[],
  ARRAY(
    SELECT part.text
    FROM artist_alias AS alias
    CROSS JOIN LATERAL unnest(
      ARRAY[alias.locale, alias.name, alias.sort_name, CASE WHEN alias.primary_for_locale THEN '1' ELSE '' END]::text[]
    ) WITH ORDINALITY AS part (text, place)
    WHERE alias.artist = artist.id AND alias.locale IS NOT NULL
      AND (alias.type IS NULL OR alias.type = (SELECT id FROM alias_type))
    ORDER BY alias.locale COLLATE "C", alias.name COLLATE "C", alias.id, part.place
  )::text[]
FROM asked
JOIN artist ON artist.id = asked.id
LEFT JOIN artist_type ON artist_type.id = artist.type
LEFT JOIN artist_meta ON artist_meta.id = artist.id
