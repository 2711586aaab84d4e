SELECT DISTINCT artist, gid FROM search.artist_name WHERE artist = ANY ($1::int8[]::int[])
