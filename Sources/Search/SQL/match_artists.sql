-- For each of the names $1 the best known artist who has it, an alias counting less than a name, and what MusicBrainz
-- calls that artist.
SELECT DISTINCT ON (asked.position)
  asked.position,
  artist.gid,
  coalesce(
    (SELECT name FROM linernotes_search.changed_artist_name AS main WHERE main.gid = artist.gid AND main.form = 0 LIMIT 1),
    (SELECT name FROM linernotes_search.artist_name AS main WHERE main.gid = artist.gid AND main.form = 0 LIMIT 1),
    artist.name
  )
FROM unnest($1::text[]) WITH ORDINALITY AS asked (artist, position)
JOIN LATERAL (
  SELECT gid, form, popularity, name FROM linernotes_search.artist_name WHERE key = asked.artist AND form < 4
  UNION ALL
  SELECT gid, form, popularity, name FROM linernotes_search.changed_artist_name WHERE key = asked.artist AND form < 4
) AS artist ON true
ORDER BY asked.position, artist.popularity + CASE artist.form WHEN 0 THEN 100 ELSE 0 END DESC, artist.gid
