(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.artist_name
  WHERE key = ANY ($1::text[])
  LIMIT 300
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.changed_artist_name
  WHERE key = ANY ($1::text[])
  ORDER BY popularity DESC
  LIMIT 300
)
