-- Albums called one of $2 by artists called one of $1, with the artist and what it is called.
WITH called AS MATERIALIZED (
  SELECT gid, artist, form, popularity, key FROM search.artist_name WHERE key = ANY ($1::text[]) LIMIT 300
)
SELECT
  album.gid, album.artist, album.form, album.popularity, album.key, album.name, album.credit, called.gid, called.key
FROM called
JOIN search.album_name AS album ON album.artist = called.artist AND album.key = ANY ($2::text[])
LIMIT 300
