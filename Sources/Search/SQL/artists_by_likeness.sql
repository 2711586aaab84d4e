-- Names of one of the lengths $1 that begin with $2 or, read backwards, with $3.
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.artist_name
  WHERE
    length = ANY ($1::int8[]::int[])
    AND key >= $2::text AND key < $2::text || U&'\+10FFFF'
  LIMIT 600
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.artist_name
  WHERE
    length = ANY ($1::int8[]::int[])
    AND reverse(key) COLLATE "C" >= $3::text AND reverse(key) COLLATE "C" < $3::text || U&'\+10FFFF'
  LIMIT 600
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.changed_artist_name
  WHERE
    length = ANY ($1::int8[]::int[])
    AND key >= $2::text AND key < $2::text || U&'\+10FFFF'
  ORDER BY popularity DESC
  LIMIT 600
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name
  FROM linernotes_search.changed_artist_name
  WHERE
    length = ANY ($1::int8[]::int[])
    AND reverse(key) COLLATE "C" >= $3::text AND reverse(key) COLLATE "C" < $3::text || U&'\+10FFFF'
  ORDER BY popularity DESC
  LIMIT 600
)
