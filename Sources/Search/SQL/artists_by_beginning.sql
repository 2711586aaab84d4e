-- No character sorts behind the last one, so this is all that begins with $1.
SELECT gid, artist, form, popularity, key, name
FROM search.artist_name
WHERE key >= $1::text AND key < $1::text || U&'\+10FFFF'
LIMIT 200
