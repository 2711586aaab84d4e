SELECT id, artist, form, popularity, key, name, credit, words
FROM entity_name
WHERE is_album = ?1 AND key = ?2
ORDER BY popularity DESC
LIMIT ?3
