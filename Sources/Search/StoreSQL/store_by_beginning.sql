-- No character sorts behind the last one, so this is all that begins with ?2.
SELECT id, artist, form, popularity, key, name, credit, words
FROM entity_name
WHERE is_album = ?1 AND key >= ?2 AND key < ?2 || char(1114111)
ORDER BY popularity DESC
LIMIT ?3
