SELECT id, artist, form, popularity, key, name, credit, words
FROM entity_name
WHERE is_album = ?1 AND length = ?2 AND reversed >= ?3 AND reversed < ?3 || char(1114111)
ORDER BY popularity DESC
LIMIT ?4
