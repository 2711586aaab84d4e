-- Albums called one of $2 by artists called one of $1, with the artist and what it is called. OFFSET 0 keeps the planner
-- from looking up all albums of a title first: thousands are called "Live".
WITH called AS MATERIALIZED (
  SELECT gid, artist, form, popularity, key FROM search.artist_name WHERE key = ANY ($1::text[]) LIMIT 200
)
SELECT
  album.gid, album.artist, album.form, album.popularity, album.key, album.name, album.credit, called.gid, called.key
FROM called
JOIN LATERAL (
  SELECT * FROM search.album_name AS album WHERE album.artist = called.artist AND album.key = ANY ($2::text[]) OFFSET 0
) AS album ON true
LIMIT 300
