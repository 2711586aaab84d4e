-- Albums called one of $2 by artists called one of $1, with the artist and what it is called. OFFSET 0 keeps the planner
-- from looking up all albums of a title first: thousands are called "Live". Form 4 is nobody (Various Artists).
WITH called AS MATERIALIZED (
  (
    SELECT gid, artist, form, popularity, key
    FROM linernotes_search.artist_name
    WHERE key = ANY ($1::text[]) AND form < 4
    LIMIT 200
  )
  UNION ALL
  (
    SELECT gid, artist, form, popularity, key
    FROM linernotes_search.changed_artist_name
    WHERE key = ANY ($1::text[]) AND form < 4
    ORDER BY popularity DESC LIMIT 200
  )
)
SELECT
  album.gid, album.artist, album.form, album.popularity, album.key, album.name, album.credit, called.gid, called.key
FROM called
JOIN LATERAL (
  SELECT * FROM linernotes_search.album_name AS album
  WHERE album.artist = called.artist AND album.key = ANY ($2::text[])
  UNION ALL
  SELECT * FROM linernotes_search.changed_album_name AS album
  WHERE album.artist = called.artist AND album.key = ANY ($2::text[])
  OFFSET 0
) AS album ON true
LIMIT 300
