-- The well-known artists with names of one of the lengths $1; as many as fit in a small index of their own.
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.artist_name
  WHERE popularity >= 350 AND length = ANY ($1::int8[]::int[])
  LIMIT 20000
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.changed_artist_name
  WHERE popularity >= 350 AND length = ANY ($1::int8[]::int[])
  ORDER BY popularity DESC
  LIMIT 20000
)
