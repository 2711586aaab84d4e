-- No character sorts behind the last one, so this is all that begins with $1.
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.artist_name
  WHERE key >= $1::text AND key < $1::text || U&'\+10FFFF'
  LIMIT 200
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.changed_artist_name
  WHERE key >= $1::text AND key < $1::text || U&'\+10FFFF'
  ORDER BY popularity DESC
  LIMIT 200
)
