(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.artist_name
  WHERE words @> $1::text[]
  LIMIT 200
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.changed_artist_name
  WHERE words @> $1::text[]
  ORDER BY popularity DESC
  LIMIT 200
)
