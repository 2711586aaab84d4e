-- All albums of the artists $1.
SELECT gid, artist, form, popularity, key, name, credit
FROM search.album_name
WHERE artist = ANY ($1::int8[]::int[])
LIMIT 3000
