(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.album_name
  WHERE key = ANY ($1::text[])
  LIMIT 300
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.changed_album_name
  WHERE key = ANY ($1::text[])
  ORDER BY popularity DESC
  LIMIT 300
)
