(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.album_name
  WHERE words @> $1::text[]
  LIMIT 200
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.changed_album_name
  WHERE words @> $1::text[]
  ORDER BY popularity DESC
  LIMIT 200
)
