DELETE FROM search.artist_name WHERE artist = ANY ($1::int8[]::int[]) OR gid = ANY ($2::uuid[])
