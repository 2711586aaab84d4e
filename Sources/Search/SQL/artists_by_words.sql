SELECT gid, artist, form, popularity, key, name FROM search.artist_name WHERE words @> $1::text[] LIMIT 200
