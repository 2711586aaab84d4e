SELECT gid, artist, form, popularity, key, name FROM search.artist_name WHERE key = ANY ($1::text[]) LIMIT 300
