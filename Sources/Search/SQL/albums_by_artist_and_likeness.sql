-- Albums of the artists $1, who have too many to look through, that begin with $3, or have one of the lengths $2 and
-- begin, read backwards, with $4.
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.album_name
  WHERE artist = ANY ($1::int8[]::int[]) AND key >= $3::text AND key < $3::text || U&'\+10FFFF'
  ORDER BY length = ANY ($2::int8[]::int[]) DESC, popularity DESC
  LIMIT 300
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.album_name
  WHERE
    artist = ANY ($1::int8[]::int[]) AND length = ANY ($2::int8[]::int[])
    AND reverse(key) COLLATE "C" >= $4::text AND reverse(key) COLLATE "C" < $4::text || U&'\+10FFFF'
  LIMIT 300
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.changed_album_name
  WHERE artist = ANY ($1::int8[]::int[]) AND key >= $3::text AND key < $3::text || U&'\+10FFFF'
  ORDER BY length = ANY ($2::int8[]::int[]) DESC, popularity DESC
  LIMIT 300
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM linernotes_search.changed_album_name
  WHERE
    artist = ANY ($1::int8[]::int[]) AND length = ANY ($2::int8[]::int[])
    AND reverse(key) COLLATE "C" >= $4::text AND reverse(key) COLLATE "C" < $4::text || U&'\+10FFFF'
  LIMIT 300
)
