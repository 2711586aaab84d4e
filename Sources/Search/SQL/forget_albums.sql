DELETE FROM search.album_name WHERE album = ANY ($1::int8[]::int[]) OR gid = ANY ($2::uuid[])
