-- The best known album for each position of $1 of those called $2 by an artist called $3; of the names of one position
-- the first that has any.
SELECT DISTINCT ON (asked.position) asked.position, album.gid
FROM unnest($1::int8[], $2::text[], $3::text[], $4::int8[]) AS asked (position, title, artist, rank)
JOIN LATERAL (
  SELECT artist FROM linernotes_search.artist_name WHERE key = asked.artist
  UNION
  SELECT artist FROM linernotes_search.changed_artist_name WHERE key = asked.artist
) AS called ON true
JOIN LATERAL (
  SELECT gid, form, popularity FROM linernotes_search.album_name WHERE artist = called.artist AND key = asked.title
  UNION ALL
  SELECT gid, form, popularity FROM linernotes_search.changed_album_name WHERE artist = called.artist AND key = asked.title
  OFFSET 0
) AS album ON true
ORDER BY asked.position, asked.rank, album.form, album.popularity DESC, album.gid
