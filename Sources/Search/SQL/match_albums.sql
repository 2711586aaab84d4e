-- For each of the titles $1 and artists $2, pair by pair, the best known album that has such names.
SELECT DISTINCT ON (asked.position) asked.position, album.gid
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (title, artist, position)
JOIN LATERAL (
  SELECT artist FROM linernotes_search.artist_name WHERE key = asked.artist
  UNION
  SELECT artist FROM linernotes_search.changed_artist_name WHERE key = asked.artist
) AS called ON true
JOIN LATERAL (
  SELECT gid, form, popularity FROM linernotes_search.album_name
  WHERE artist = called.artist AND key = asked.title
  UNION ALL
  SELECT gid, form, popularity FROM linernotes_search.changed_album_name
  WHERE artist = called.artist AND key = asked.title
  OFFSET 0
) AS album ON true
ORDER BY asked.position, album.form, album.popularity DESC, album.gid
