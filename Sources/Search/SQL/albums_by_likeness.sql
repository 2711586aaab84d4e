-- One mistake leaves the beginning $2 or, read backwards, the end $3 of a name of length $1 as it is, because together
-- they are shorter than it by one.
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM search.album_name
  WHERE
    length = ANY (ARRAY[$1::int8 - 1, $1::int8, $1::int8 + 1]::int[])
    AND key >= $2::text AND key < $2::text || U&'\+10FFFF'
  LIMIT 600
)
UNION ALL
(
  SELECT gid, artist, form, popularity, key, name, credit
  FROM search.album_name
  WHERE
    length = ANY (ARRAY[$1::int8 - 1, $1::int8, $1::int8 + 1]::int[])
    AND reverse(key) COLLATE "C" >= $3::text AND reverse(key) COLLATE "C" < $3::text || U&'\+10FFFF'
  LIMIT 600
)
