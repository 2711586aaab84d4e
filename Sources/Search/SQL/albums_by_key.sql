SELECT gid, artist, form, popularity, key, name, credit FROM search.album_name WHERE key = ANY ($1::text[]) LIMIT 300
