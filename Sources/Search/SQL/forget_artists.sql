WITH changed AS (
  DELETE FROM linernotes_search.changed_artist_name WHERE artist = ANY ($1::int8[]::int[]) OR gid = ANY ($2::uuid[])
)
DELETE FROM linernotes_search.artist_name WHERE artist = ANY ($1::int8[]::int[]) OR gid = ANY ($2::uuid[])
