SELECT gid, artist, form, popularity, key, name, credit FROM search.album_name WHERE words @> $1::text[] LIMIT 200
