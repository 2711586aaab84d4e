-- Albums of the artists $1 with one of the keys $2, however many others there are.
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.album_name
  WHERE artist = ANY ($1::int8[]::int[]) AND key = ANY ($2::text[])
  LIMIT 600
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.changed_album_name
  WHERE artist = ANY ($1::int8[]::int[]) AND key = ANY ($2::text[])
  ORDER BY popularity DESC
  LIMIT 600
)
