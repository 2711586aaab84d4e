-- All albums of the artists $1, but for those with thousands.
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.album_name
  WHERE artist = ANY ($1::int8[]::int[])
  LIMIT 3000
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.changed_album_name
  WHERE artist = ANY ($1::int8[]::int[])
  ORDER BY popularity DESC
  LIMIT 3000
)
