SELECT id, artist, form, popularity, key, name, credit, words
FROM entity_name
WHERE is_album = 0 AND popularity >= 350 AND length = ?1
ORDER BY popularity DESC
LIMIT ?2
