WITH changed AS (
  DELETE FROM linernotes_search.changed_album_name WHERE album = ANY ($1::int8[]::int[]) OR gid = ANY ($2::uuid[])
)
DELETE FROM linernotes_search.album_name WHERE album = ANY ($1::int8[]::int[]) OR gid = ANY ($2::uuid[])
