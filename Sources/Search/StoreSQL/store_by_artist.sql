SELECT id, artist, form, popularity, key, name, credit, words
FROM entity_name
WHERE artist = ?1 AND is_album = 1
ORDER BY popularity DESC
LIMIT ?2
