-- The best known artist for each position of $1 of those called $2; of the names of one position the first that has any.
SELECT DISTINCT ON (asked.position)
  asked.position,
  artist.gid,
  coalesce(
    (SELECT name FROM linernotes_search.changed_artist_name AS main WHERE main.gid = artist.gid AND main.form = 0 LIMIT 1),
    (SELECT name FROM linernotes_search.artist_name AS main WHERE main.gid = artist.gid AND main.form = 0 LIMIT 1),
    artist.name)
FROM unnest($1::int8[], $2::text[], $3::int8[]) AS asked (position, artist, rank)
JOIN LATERAL (
  SELECT gid, form, popularity, name FROM linernotes_search.artist_name WHERE key = asked.artist AND form < 4
  UNION ALL
  SELECT gid, form, popularity, name FROM linernotes_search.changed_artist_name WHERE key = asked.artist AND form < 4
) AS artist ON true
ORDER BY asked.position, asked.rank, artist.popularity + CASE artist.form WHEN 0 THEN 100 ELSE 0 END DESC, artist.gid
