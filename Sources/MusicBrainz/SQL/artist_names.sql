-- All that artists are called, and how well known they are. How often an artist is credited counts releases, tracks and
-- recordings; MusicBrainz keeps that number with each artist credit.
SELECT
  artist.id,
  artist.gid,
  artist.name,
  artist.sort_name,
  ARRAY(
    SELECT DISTINCT alias.name
    FROM artist_alias AS alias
    WHERE alias.artist = artist.id
  )::text[],
  ARRAY(
    SELECT credit.name
    FROM artist_credit_name AS credit
    WHERE credit.artist = artist.id AND credit.name <> artist.name
    GROUP BY credit.name
    LIMIT 20
  )::text[],
  (
    SELECT coalesce(sum(artist_credit.ref_count), 0)
    FROM artist_credit_name AS credit
    JOIN artist_credit ON artist_credit.id = credit.artist_credit
    WHERE credit.artist = artist.id
  )::int8,
  coalesce(artist_meta.rating_count, 0)
FROM unnest($1::int8[]) AS asked (id)
JOIN artist ON artist.id = asked.id::int
LEFT JOIN artist_meta ON artist_meta.id = artist.id
